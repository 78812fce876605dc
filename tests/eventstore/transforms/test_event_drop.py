import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.errors import InvalidInput
from eventstore.events import Events, Sensor
from eventstore.testing import TransformContract
from eventstore.transforms import EventBatch, EventDrop, RandomKey
from eventstore.transforms.conformance import sample_batch
from eventstore.transforms.randomness import choice, uniform

SENSOR = Sensor(12, 9)


class TestEventDrop(TransformContract):
    transform = EventDrop()


class TestEventDropOfAudio(TransformContract):
    transform = EventDrop(time=(0.2, 0.2), area=(0.5, 1.0), events=(0, 0))
    sensor = Sensor.audio(9)


def left(events: Events, own: Any, window: tuple[int, int]) -> Events:
    """Draw a kind of loss and a fraction, and apply it by hand; 0.2 … 0.6 for all."""
    kind, fraction = choice(own, 0, 4), 0.2 + (0.6 - 0.2) * uniform(own, 1)
    start, stop = window
    t, x, y, _ = events
    if kind == 1:
        length = math.floor(fraction * (stop - start) + 0.5)
        first = start + choice(own, 2, stop - start - length + 1)
        return events[(t < first) | (t >= first + length)]
    if kind == 2:
        width, height = (math.floor(fraction * side + 0.5) for side in (12, 9))
        column, row = choice(own, 2, 12 - width + 1), choice(own, 3, 9 - height + 1)
        inside = (x >= column) & (x < column + width) & (y >= row) & (y < row + height)
        return events[~inside]
    if kind == 3:
        n = len(events)
        needed, mask = n - int(fraction * n + 0.5), np.zeros(n, np.bool_)
        for i in range(n):
            mask[i] = (n - i) * uniform(own, 2 + i) < needed
            needed -= int(mask[i])
        return events[mask]
    return events


@given(st.integers(0, 200))
def test_each_sample_has_one_of_four_losses(seed: int) -> None:
    batch = sample_batch(SENSOR)
    seeds = RandomKey(seed=seed).seeds(batch.ids, stage=0)
    drop = EventDrop(time=(0.2, 0.6), area=(0.2, 0.6), events=(0.2, 0.6))
    out = drop.apply(batch, SENSOR, seeds)
    for i, own in enumerate(seeds):
        window = (int(batch.t_start[i]), int(batch.t_stop[i]))
        assert out.sample(i).equals(left(batch.sample(i), own, window))


def test_the_four_are_equally_likely() -> None:
    # Losses that leave 100, 50, 0 and 75 events of 100: each of 4,000 samples 1,000 times, sd 27.
    n = 4_000
    events = Events.of(t=range(100), x=[0] * 100)
    batch = EventBatch.of([events] * n, t_start=[0] * n, t_stop=[100] * n)
    drop = EventDrop(time=(0.5, 0.5), area=(1, 1), events=(0.25, 0.25))
    out = drop.apply(batch, Sensor(1, 1), RandomKey().seeds(batch.ids, stage=0))
    sizes, counts = np.unique(np.diff(out.offsets), return_counts=True)
    assert sizes.tolist() == [0, 50, 75, 100]
    assert np.all(np.abs(counts - 1_000) < 5 * 27)


def test_ranges_from_json_are_tuples_again() -> None:
    assert EventDrop(time=[0.1, 0.2]) == EventDrop(time=(0.1, 0.2))  # type: ignore[arg-type]


@pytest.mark.parametrize("time", [(0.5, 0.4), (-0.1, 0.4), (0.1, 1.1), (0.1,), 0.1, "ab", None])
def test_ranges_that_make_no_sense_are_refused(time: tuple[float, float]) -> None:
    with pytest.raises(InvalidInput, match=r"EventDrop\(time=.*\) is no range within 0 … 1"):
        EventDrop(time=time)
