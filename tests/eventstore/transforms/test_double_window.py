from collections import deque

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.errors import InvalidInput
from eventstore.events import Events, Sensor
from eventstore.testing import TransformContract, events
from eventstore.transforms import DoubleWindow, EventBatch
from eventstore.transforms.protocol import NO_SEEDS

SENSOR = Sensor(12, 9)


class TestDoubleWindow(TransformContract):
    transform = DoubleWindow(window_events=10, distance_pixels=2, min_events=2)


class TestDoubleWindowOfAudio(TransformContract):
    transform = DoubleWindow(window_events=10, distance_pixels=2)
    sensor = Sensor.audio(9)


def near(table: Events, stage: DoubleWindow) -> list[bool]:
    """Hold two queues, as the paper draws them: slow, and the definition."""
    signal: deque[tuple[int, int]] = deque(maxlen=stage.window_events)
    noise: deque[tuple[int, int]] = deque(maxlen=stage.window_events)
    keep = []
    for x, y in zip(table.x.tolist(), table.y.tolist(), strict=True):
        distances = [abs(x - a) + abs(y - b) for a, b in [*signal, *noise]]
        keep.append(sum(d < stage.distance_pixels for d in distances) >= stage.min_events)
        (signal if keep[-1] else noise).append((x, y))
    return keep


@given(events(SENSOR), st.integers(1, 12), st.integers(1, 6), st.integers(1, 4))
def test_equals_the_definition(table: Events, length: int, distance: int, k: int) -> None:
    k = min(k, 2 * length)
    stage = DoubleWindow(window_events=length, distance_pixels=distance, min_events=k)
    stop = [int(table.t.max(initial=0)) + 1] * 2
    batch = EventBatch.of([table, table], t_start=[0, 0], t_stop=stop)
    out = stage.apply(batch, SENSOR, NO_SEEDS)
    kept = table[np.array(near(table, stage), np.bool_)]
    assert out.sample(0).equals(kept)
    assert out.sample(1).equals(kept)


@given(events(SENSOR, max_events=30))
def test_time_does_not_matter(table: Events) -> None:
    stage = DoubleWindow(window_events=5, distance_pixels=3)
    other = Events(np.arange(len(table)), table.x, table.y, table.p)
    ours, theirs = (
        stage.mask(EventBatch.of([each], t_start=[0], t_stop=[1 << 40]), SENSOR)
        for each in (table, other)
    )
    assert np.array_equal(ours, theirs)


def test_the_corners_of_the_largest_sensor_are_far_apart() -> None:
    top = (1 << 16) - 1
    table = Events.of(t=[0, 1, 2, 3], x=[0, top, 0, top], y=[0, top, 0, top - 1])
    batch = EventBatch.of([table], t_start=[0], t_stop=[4])
    stage = DoubleWindow(distance_pixels=2)
    assert stage.mask(batch, Sensor(1 << 16, 1 << 16)).tolist() == [False, False, True, True]


def test_more_events_than_the_windows_hold_are_refused() -> None:
    with pytest.raises(InvalidInput, match=r"DoubleWindow\(min_events=9\) is out of range"):
        DoubleWindow(window_events=4, min_events=9)


@pytest.mark.parametrize(("x", "y"), [(12, 0), (0, 9)])
def test_an_event_off_the_sensor_is_an_error(x: int, y: int) -> None:
    batch = EventBatch.of([Events.of(t=[0], x=[x], y=[y])], t_start=[0], t_stop=[1], ids=["a"])
    with pytest.raises(InvalidInput, match=r"sample 'a' .* off the sensor of 12×9"):
        DoubleWindow().mask(batch, SENSOR)
