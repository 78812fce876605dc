"""What a transform is: a frozen, keyword-only dataclass that turns samples into samples or arrays.

A new transform is one file with such a class and one line in ``TRANSFORMS``
(`eventstore.transforms.pipeline`); ``eventstore.testing.TransformContract`` tests it. Most of the
methods asked for here come with a base: `eventstore.transforms.bases`,
`eventstore.transforms.windows.WindowFrames`.
"""

from dataclasses import dataclass
from typing import ClassVar, Literal, Protocol, TypeAlias, runtime_checkable

import numpy as np
from jaxtyping import Bool, Int64, Shaped, UInt64

from eventstore.errors import InvalidInput
from eventstore.events import Sensor
from eventstore.fields import check_choice, set_integer, set_number
from eventstore.transforms.batch import EventBatch

__all__ = [
    "NO_SEEDS",
    "ArrayTransform",
    "EventTransform",
    "FrameDtype",
    "Frames",
    "Mask",
    "Seeds",
    "Spec",
    "Transform",
    "check_choice",
    "refuse_audio",
    "set_integer",
    "set_number",
]

FrameDtype: TypeAlias = Literal["uint8", "uint16", "float32"]
"""Types of frames; counts are whole numbers in each."""

Seeds: TypeAlias = UInt64[np.ndarray, " b"]
"""A seed a sample."""

Mask: TypeAlias = Bool[np.ndarray, " n"]
"""Of each event, whether it is kept."""

Frames: TypeAlias = Shaped[np.ndarray, "b t p h w"]
"""The frames of a batch, of one of `FrameDtype`."""


@dataclass(frozen=True, slots=True)
class Spec:
    """What stands between two stages of a pipeline.

    Args:
        kind: ``"events"`` or ``"array"``.
        sensor: geometry of the events, or of the frames made of them.
        shape: ``(T, P, H, W)`` of one sample's array, T None where samples differ; ``()`` for
            events. H and W may be other than the sensor's.
        real: the array holds real numbers, such as surfaces: float32 only. Otherwise it holds
            counts, which any type of frames may hold.

    Examples:
        >>> Spec("events", Sensor(34, 34)).shape
        ()
    """

    kind: Literal["events", "array"]
    sensor: Sensor
    shape: tuple[int | None, ...] = ()
    real: bool = False

    def check_dtype(self, dtype: str) -> None:
        """Refuse a type of frames that cannot hold what the pipeline makes.

        Raises:
            InvalidInput: real numbers would be cut to whole ones.

        Examples:
            >>> Spec("array", Sensor(34, 34), (5, 2, 34, 34)).check_dtype("uint8")
        """
        if self.real and dtype != "float32":
            message = f"the pipeline makes real numbers, which {dtype} cannot hold"
            raise InvalidInput(message, hint='use dtype="float32"')

    def array_shape(self, n_samples: int, n_frames: int) -> tuple[int, ...]:
        """Return the shape of a batch's array of which the longest sample fills ``n_frames``.

        Examples:
            >>> Spec("array", Sensor(34, 34), (None, 2, 34, 34)).array_shape(8, 5)
            (8, 5, 2, 34, 34)
        """
        return (n_samples, self.shape[0] or n_frames, *(size or 0 for size in self.shape[1:]))


NO_SEEDS = np.empty(0, np.uint64)
"""What transforms that are not random get."""


@runtime_checkable
class EventTransform(Protocol):
    """Events to events, a batch of samples at a time; the samples never see one another.

    ``random`` transforms get a seed a sample and take all their choices from it, the others
    ``NO_SEEDS``.
    """

    random: ClassVar[bool]

    def out_spec(self, spec: Spec) -> Spec:
        """Return what comes out for what goes in, or raise InvalidInput saying why it cannot."""
        ...

    def apply(self, batch: EventBatch, sensor: Sensor, seeds: Seeds) -> EventBatch:
        """Return the transformed batch; the input is left as it is."""
        ...


@runtime_checkable
class ArrayTransform(Protocol):
    """Events to an array a frame, counts or real numbers, written into the batch's buffer."""

    def out_spec(self, spec: Spec) -> Spec:
        """Return what comes out for what goes in, or raise InvalidInput saying why it cannot."""
        ...

    def frame_counts(self, batch: EventBatch) -> Int64[np.ndarray, " b"]:
        """Return the number of frames each sample fills."""
        ...

    def write(self, batch: EventBatch, sensor: Sensor, out: Frames) -> None:
        """Write every element of ``out``; frames past a sample's own are zero.

        Raises:
            InvalidInput: a count does not fit the type of ``out``, or an event lies off the sensor
                or outside its sample's window.
        """
        ...


Transform: TypeAlias = EventTransform | ArrayTransform


def refuse_audio(transform: object, spec: Spec, why: str) -> None:
    """Refuse the events of an audio sensor.

    Raises:
        InvalidInput: the sensor is one of audio; says why that makes no sense here.
    """
    if spec.sensor.modality == "audio":
        message = f"{type(transform).__name__} is for cameras: an audio sensor {why}"
        raise InvalidInput(message, hint="leave this stage out of pipelines for audio")
