import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.errors import InvalidInput
from eventstore.events import Events, Sensor
from eventstore.testing import TransformContract, events
from eventstore.transforms import BackgroundActivity, EventBatch, KNoise
from eventstore.transforms.protocol import NO_SEEDS

SENSOR = Sensor(5, 4)


class TestKNoise(TransformContract):
    transform = KNoise(filter_time_us=2_000)


class TestKNoiseOfAudio(TransformContract):
    transform = KNoise(filter_time_us=2_000, same_polarity=False)
    sensor = Sensor.audio(9)


def remembered(table: Events, stage: KNoise) -> list[bool]:
    """Look up three columns and three rows by name: slow, and the definition."""
    columns: dict[int, tuple[int, int, int]] = {}
    rows: dict[int, tuple[int, int, int]] = {}
    keep = []
    for t, x, y, p in zip(*(column.tolist() for column in table), strict=True):
        seen = [(x + i, row, s, q) for i in (-1, 0, 1) for row, s, q in cell(columns, x + i)]
        seen += [(column, y + j, s, q) for j in (-1, 0, 1) for column, s, q in cell(rows, y + j)]
        keep.append(
            any(
                max(abs(a - x), abs(b - y)) == 1
                and t - s < stage.filter_time_us
                and (q == p or not stage.same_polarity)
                for a, b, s, q in seen
            )
        )
        columns[x], rows[y] = (y, t, p), (x, t, p)
    return keep


def cell(cells: dict[int, tuple[int, int, int]], line: int) -> list[tuple[int, int, int]]:
    return [cells[line]] if line in cells else []


@given(events(SENSOR, max_gap_us=20), st.integers(1, 60), st.booleans())
def test_equals_the_definition(table: Events, filter_time: int, same: bool) -> None:
    stage = KNoise(filter_time_us=filter_time, same_polarity=same)
    stop = [int(table.t.max(initial=0)) + 1] * 2
    batch = EventBatch.of([table, table], t_start=[0, 0], t_stop=stop)
    out = stage.apply(batch, SENSOR, NO_SEEDS)
    kept = table[np.array(remembered(table, stage), np.bool_)]
    assert out.sample(0).equals(kept)
    assert out.sample(1).equals(kept)


@given(events(SENSOR, max_gap_us=20), st.integers(1, 60))
def test_keeps_nothing_that_a_memory_of_all_pixels_drops(table: Events, filter_time: int) -> None:
    batch = EventBatch.of([table], t_start=[0], t_stop=[1 << 40])
    few = KNoise(filter_time_us=filter_time, same_polarity=False).mask(batch, SENSOR)
    all_pixels = BackgroundActivity(filter_time_us=filter_time).mask(batch, SENSOR)
    assert not np.any(few & ~all_pixels)


def test_a_pixel_does_not_support_itself() -> None:
    hot = EventBatch.of([Events.of(t=range(9), x=[1] * 9, y=[1] * 9)], t_start=[0], t_stop=[9])
    assert not KNoise(filter_time_us=100).mask(hot, SENSOR).any()


@pytest.mark.parametrize(("x", "y"), [(5, 0), (0, 4)])
def test_an_event_off_the_sensor_is_an_error(x: int, y: int) -> None:
    batch = EventBatch.of([Events.of(t=[0], x=[x], y=[y])], t_start=[0], t_stop=[1], ids=["a"])
    with pytest.raises(InvalidInput, match=r"sample 'a' .* off the sensor of 5×4"):
        KNoise().mask(batch, SENSOR)
