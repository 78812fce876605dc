import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.errors import InvalidInput
from eventstore.events import Events, Sensor
from eventstore.testing import TransformContract, events
from eventstore.transforms import BackgroundActivity, Denoise, EventBatch
from eventstore.transforms.protocol import NO_SEEDS

SENSOR = Sensor(4, 3)


class TestBackgroundActivity(TransformContract):
    transform = BackgroundActivity(filter_time_us=300)


class TestBackgroundActivityOfAudio(TransformContract):
    transform = BackgroundActivity(filter_time_us=300)
    sensor = Sensor.audio(9)


def supported(table: Events, filter_time: int) -> list[bool]:
    """Write each event's time into its neighbours, as the paper says: slow, and the definition."""
    stamps: dict[tuple[int, int], int] = {}
    keep = []
    for t, x, y in zip(*(c.tolist() for c in (table.t, table.x, table.y)), strict=True):
        keep.append((x, y) in stamps and t - stamps[x, y] < filter_time)
        for i in (-1, 0, 1):
            for j in (-1, 0, 1):
                if (i, j) != (0, 0):
                    stamps[x + i, y + j] = t
    return keep


@given(events(SENSOR, max_gap_us=20), st.integers(1, 60))
def test_equals_the_definition(table: Events, filter_time: int) -> None:
    stop = [int(table.t.max(initial=0)) + 1] * 2
    batch = EventBatch.of([table, table], t_start=[0, 0], t_stop=stop)
    out = BackgroundActivity(filter_time_us=filter_time).apply(batch, SENSOR, NO_SEEDS)
    kept = table[np.array(supported(table, filter_time), np.bool_)]
    assert out.sample(0).equals(kept)
    assert out.sample(1).equals(kept)


@given(events(SENSOR, max_gap_us=20), st.integers(1, 60))
def test_keeps_what_four_neighbours_keep(table: Events, filter_time: int) -> None:
    batch = EventBatch.of([table], t_start=[0], t_stop=[1 << 40])
    four = Denoise(filter_time_us=filter_time).mask(batch, SENSOR)
    eight = BackgroundActivity(filter_time_us=filter_time).mask(batch, SENSOR)
    assert not np.any(four & ~eight)


def test_no_time_is_refused() -> None:
    with pytest.raises(InvalidInput, match=r"BackgroundActivity\(filter_time_us=0\) is out"):
        BackgroundActivity(filter_time_us=0)
