"""Random mirror images, in space and in polarity, for augmentation."""

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from eventstore.events import Events, Sensor
from eventstore.jit import kernel
from eventstore.transforms.bases import SameSensor
from eventstore.transforms.batch import EventBatch, check_on_sensor
from eventstore.transforms.protocol import Seeds, Spec, check_choice, refuse_audio, set_number
from eventstore.transforms.randomness import uniform


@dataclass(frozen=True, slots=True, kw_only=True)
class FlipX(SameSensor):
    """Mirror each sample left to right with a given probability: $x' = W - 1 - x$.

    For audio this reverses the order of the channels.

    Args:
        probability: how likely a sample is mirrored; 1 mirrors all, 0 none.

    Examples:
        >>> batch = EventBatch.of([Events.of(t=[0, 1], x=[0, 3])], t_start=[0], t_stop=[2])
        >>> seeds = np.array([7], np.uint64)
        >>> FlipX(probability=1).apply(batch, Sensor(4, 1), seeds).events.x.tolist()
        [3, 0]
    """

    random: ClassVar[bool] = True

    probability: float = 0.5

    def __post_init__(self) -> None:
        set_number(self, "probability", minimum=0, maximum=1)

    def apply(self, batch: EventBatch, sensor: Sensor, seeds: Seeds) -> EventBatch:
        """Return the samples, some of them mirrored."""
        check_on_sensor(batch, sensor)
        t, x, y, p = batch.events
        mirrored = np.empty_like(x)
        _mirror((seeds, batch.offsets), self.probability, sensor.width - 1, x, mirrored)
        return batch.with_events(Events(t, mirrored, y, p))


@dataclass(frozen=True, slots=True, kw_only=True)
class FlipY:
    """Mirror each sample top to bottom with a given probability: $y' = H - 1 - y$.

    Args:
        probability: how likely a sample is mirrored; 1 mirrors all, 0 none.

    Examples:
        >>> batch = EventBatch.of([Events.of(t=[0], x=[0], y=[2])], t_start=[0], t_stop=[1])
        >>> seeds = np.array([7], np.uint64)
        >>> FlipY(probability=1).apply(batch, Sensor(4, 3), seeds).events.y.tolist()
        [0]
    """

    random: ClassVar[bool] = True

    probability: float = 0.5

    def __post_init__(self) -> None:
        set_number(self, "probability", minimum=0, maximum=1)

    def out_spec(self, spec: Spec) -> Spec:
        """Return the same geometry; refuses audio."""
        refuse_audio(self, spec, "has one row")
        return spec

    def apply(self, batch: EventBatch, sensor: Sensor, seeds: Seeds) -> EventBatch:
        """Return the samples, some of them mirrored."""
        check_on_sensor(batch, sensor)
        t, x, y, p = batch.events
        mirrored = np.empty_like(y)
        _mirror((seeds, batch.offsets), self.probability, sensor.height - 1, y, mirrored)
        return batch.with_events(Events(t, x, mirrored, p))


@dataclass(frozen=True, slots=True, kw_only=True)
class FlipPolarity:
    """Exchange ON and OFF with a given probability: $p' = 1 - p$.

    Args:
        probability: how likely a sample, or an event, is changed.
        per: ``"sample"`` changes all events of a sample or none, as if the contrast of the scene
            were inverted; ``"event"`` draws for each event by itself, which is noise.

    Examples:
        >>> batch = EventBatch.of([Events.of(t=[0, 1], x=[0, 0])], t_start=[0], t_stop=[2])
        >>> seeds = np.array([7], np.uint64)
        >>> FlipPolarity(probability=1).apply(batch, Sensor(1, 1), seeds).events.p.tolist()
        [0, 0]
    """

    random: ClassVar[bool] = True

    probability: float = 0.5
    per: Literal["sample", "event"] = "sample"

    def __post_init__(self) -> None:
        set_number(self, "probability", minimum=0, maximum=1)
        check_choice(self, "per", ("sample", "event"))

    def out_spec(self, spec: Spec) -> Spec:
        """Return the same geometry; refuses audio."""
        refuse_audio(self, spec, "has one polarity")
        return spec

    def apply(self, batch: EventBatch, sensor: Sensor, seeds: Seeds) -> EventBatch:
        """Return the events with some polarities exchanged."""
        t, x, y, p = batch.events
        flipped = np.empty_like(p)
        _invert((seeds, batch.offsets), self.probability, self.per == "event", p, flipped)
        return batch.with_events(Events(t, x, y, flipped))


@kernel
def _mirror(
    samples: tuple[np.ndarray, np.ndarray],
    probability: float,
    last: int,
    column: np.ndarray,
    out: np.ndarray,
) -> None:
    seeds, offsets = samples
    for b in range(len(seeds)):
        flip = uniform(seeds[b], 0) < probability
        for i in range(offsets[b], offsets[b + 1]):
            out[i] = last - column[i] if flip else column[i]


@kernel
def _invert(
    samples: tuple[np.ndarray, np.ndarray],
    probability: float,
    each: bool,
    p: np.ndarray,
    out: np.ndarray,
) -> None:
    seeds, offsets = samples
    for b in range(len(seeds)):
        start = offsets[b]
        for i in range(start, offsets[b + 1]):
            draw = i - start if each else 0
            out[i] = p[i] ^ np.uint8(uniform(seeds[b], draw) < probability)
