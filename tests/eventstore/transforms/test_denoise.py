import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.errors import InvalidInput
from eventstore.events import Events, Sensor
from eventstore.testing import TransformContract
from eventstore.transforms import Denoise, EventBatch
from eventstore.transforms.protocol import NO_SEEDS

SENSOR = Sensor(12, 9)


class TestDenoise(TransformContract):
    transform = Denoise(filter_time_us=100)


class TestDenoiseOfAudio(TransformContract):
    transform = Denoise(filter_time_us=100)
    sensor = Sensor.audio(9)


def supported(events: Events, filter_time: int) -> list[bool]:
    """Look through all earlier events of a sample: slow, and the definition."""
    rows = list(zip(*(c.tolist() for c in (events.t, events.x, events.y)), strict=True))
    last: dict[tuple[int, int], int] = {}
    keep = []
    for t, x, y in rows:
        around = [(x - 1, y), (x + 1, y), (x, y - 1), (x, y + 1)]
        keep.append(any(t - last[n] < filter_time for n in around if n in last))
        last[x, y] = t
    return keep


@given(
    st.lists(st.tuples(st.integers(0, 60), st.integers(0, 3), st.integers(0, 3)), max_size=40),
    st.integers(1, 30),
)
def test_equals_the_definition(rows: list[tuple[int, int, int]], filter_time: int) -> None:
    t, x, y = zip(*sorted(rows), strict=True) if rows else ((), (), ())
    events = Events.of(t=t, x=x, y=y)
    batch = EventBatch.of([events, events], t_start=[0, 0], t_stop=[61, 61])
    out = Denoise(filter_time_us=filter_time).apply(batch, Sensor(4, 4), NO_SEEDS)
    kept = events[np.array(supported(events, filter_time), np.bool_)]
    assert out.sample(0).equals(kept)
    assert out.sample(1).equals(kept)


def test_early_events_do_not_pass_free() -> None:
    events = Events.of(t=[0, 1, 2], x=[0, 5, 9], y=[0, 5, 8])
    batch = EventBatch.of([events], t_start=[0], t_stop=[3])
    assert len(Denoise(filter_time_us=10_000).apply(batch, SENSOR, NO_SEEDS).events) == 0


def test_neither_itself_nor_a_diagonal_supports() -> None:
    events = Events.of(t=[0, 1, 2], x=[3, 3, 4], y=[3, 3, 4])
    batch = EventBatch.of([events], t_start=[0], t_stop=[3])
    assert len(Denoise(filter_time_us=10).apply(batch, SENSOR, NO_SEEDS).events) == 0


def test_support_lasts_less_than_the_filter_time() -> None:
    events = Events.of(t=[0, 9, 19], x=[3, 4, 3], y=[3, 3, 3])
    batch = EventBatch.of([events], t_start=[0], t_stop=[20])
    assert Denoise(filter_time_us=10).apply(batch, SENSOR, NO_SEEDS).events.t.tolist() == [9]
    assert Denoise(filter_time_us=11).apply(batch, SENSOR, NO_SEEDS).events.t.tolist() == [9, 19]


def test_an_event_off_the_sensor_is_an_error() -> None:
    batch = EventBatch.of([Events.of(t=[0], x=[12])], t_start=[0], t_stop=[1], ids=["a"])
    with pytest.raises(InvalidInput, match=r"sample 'a' .* off the sensor of 12×9"):
        Denoise(filter_time_us=10).apply(batch, SENSOR, NO_SEEDS)
