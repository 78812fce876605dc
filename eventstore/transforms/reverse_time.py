"""Samples played backwards, for augmentation."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from eventstore.errors import InvalidInput
from eventstore.events import Events, Sensor
from eventstore.jit import kernel
from eventstore.transforms.batch import EventBatch
from eventstore.transforms.protocol import Seeds, Spec, check_choice, set_number
from eventstore.transforms.randomness import uniform


@dataclass(frozen=True, slots=True, kw_only=True)
class ReverseTime:
    """Play each sample backwards with a given probability.

    $t' = t_{start} + t_{stop} - 1 - t$ within the sample's own window, so the window stays; the
    order of the events is reversed, so that times ascend. What grew brighter grows darker when
    played backwards, so polarities are exchanged too, unless told otherwise.

    Args:
        probability: how likely a sample is reversed; 1 reverses all, 0 none.
        flip_polarity: exchange ON and OFF in reversed samples; False for audio.

    Examples:
        >>> e = Events.of(t=[10, 13], x=[0, 1], p=[1, 0])
        >>> batch = EventBatch.of([e], t_start=[10], t_stop=[20])
        >>> reverse, seeds = ReverseTime(probability=1), np.array([7], np.uint64)
        >>> t, x, _, p = reverse.apply(batch, Sensor(2, 1), seeds).events
        >>> t.tolist(), x.tolist(), p.tolist()
        ([16, 19], [1, 0], [1, 0])
    """

    random: ClassVar[bool] = True

    probability: float = 0.5
    flip_polarity: bool = True

    def __post_init__(self) -> None:
        set_number(self, "probability", minimum=0, maximum=1)
        check_choice(self, "flip_polarity", (False, True))

    def out_spec(self, spec: Spec) -> Spec:
        """Return the same geometry; refuses to exchange polarities of audio."""
        if self.flip_polarity and spec.sensor.modality == "audio":
            message = "an audio sensor has one polarity, which cannot be exchanged"
            raise InvalidInput(message, hint="use ReverseTime(flip_polarity=False)")
        return spec

    def apply(self, batch: EventBatch, sensor: Sensor, seeds: Seeds) -> EventBatch:
        """Return the samples, some of them backwards."""
        columns = batch.events.arrays()
        out = tuple(np.empty_like(column) for column in columns)
        samples = (seeds, batch.offsets, batch.t_start, batch.t_stop)
        _reverse(samples, columns, out, self.probability, self.flip_polarity)
        return batch.with_events(Events(*out))


@kernel
def _reverse(
    samples: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray],
    columns: tuple[np.ndarray, ...],
    out: tuple[np.ndarray, ...],
    probability: float,
    flip_polarity: bool,
) -> None:
    seeds, offsets, t_start, t_stop = samples
    t, x, y, p = columns
    new_t, new_x, new_y, new_p = out
    for b in range(len(seeds)):
        backwards = uniform(seeds[b], 0) < probability
        flip = np.uint8(backwards and flip_polarity)
        for i in range(offsets[b], offsets[b + 1]):
            # Differences first: the sum of two times might overflow.
            j = offsets[b + 1] - 1 - (i - offsets[b]) if backwards else i
            new_t[j] = t_start[b] + (t_stop[b] - 1 - t[i]) if backwards else t[i]
            new_x[j], new_y[j], new_p[j] = x[i], y[i], p[i] ^ flip
