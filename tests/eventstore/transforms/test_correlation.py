import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.errors import InvalidInput
from eventstore.events import Events, Sensor
from eventstore.testing import TransformContract, events
from eventstore.transforms import EventBatch, SpatiotemporalCorrelation, Spec
from eventstore.transforms.protocol import NO_SEEDS

SENSOR = Sensor(4, 3)


class TestSpatiotemporalCorrelation(TransformContract):
    transform = SpatiotemporalCorrelation(filter_time_us=2_000, min_neighbours=2)


class TestSpatiotemporalCorrelationOfPolarity(TransformContract):
    transform = SpatiotemporalCorrelation(filter_time_us=2_000, same_polarity=True)


class TestSpatiotemporalCorrelationOfAudio(TransformContract):
    transform = SpatiotemporalCorrelation(filter_time_us=2_000, min_neighbours=1)
    sensor = Sensor.audio(9)


def correlated(table: Events, stage: SpatiotemporalCorrelation) -> list[bool]:
    """Ask all neighbours of each event when they last fired: slow, and the definition."""
    last: dict[tuple[int, int, int], int] = {}
    keep = []
    for t, x, y, p in zip(*(column.tolist() for column in table), strict=True):
        kind = p if stage.same_polarity else 0
        around = [(x + i, y + j) for i in (-1, 0, 1) for j in (-1, 0, 1) if (i, j) != (0, 0)]
        times = [last[(*place, kind)] for place in around if (*place, kind) in last]
        keep.append(sum(t - s < stage.filter_time_us for s in times) >= stage.min_neighbours)
        last[x, y, kind] = t
    return keep


@given(events(SENSOR, max_gap_us=20), st.integers(1, 60), st.integers(1, 8), st.booleans())
def test_equals_the_definition(table: Events, filter_time: int, k: int, same: bool) -> None:
    stage = SpatiotemporalCorrelation(
        filter_time_us=filter_time, min_neighbours=k, same_polarity=same
    )
    stop = [int(table.t.max(initial=0)) + 1] * 2
    batch = EventBatch.of([table, table], t_start=[0, 0], t_stop=stop)
    out = stage.apply(batch, SENSOR, NO_SEEDS)
    kept = table[np.array(correlated(table, stage), np.bool_)]
    assert out.sample(0).equals(kept)
    assert out.sample(1).equals(kept)


@given(events(SENSOR, max_gap_us=20), st.integers(1, 60), st.integers(2, 8))
def test_more_demanded_keeps_less(table: Events, filter_time: int, k: int) -> None:
    batch = EventBatch.of([table], t_start=[0], t_stop=[1 << 40])
    masks = [
        SpatiotemporalCorrelation(filter_time_us=us, min_neighbours=n).mask(batch, SENSOR)
        for us, n in ((filter_time, k), (filter_time, k - 1), (filter_time + 1, k))
    ]
    assert not np.any(masks[0] & ~masks[1])
    assert not np.any(masks[0] & ~masks[2])


def test_a_pixel_does_not_support_itself() -> None:
    hot = EventBatch.of([Events.of(t=range(9), x=[1] * 9, y=[1] * 9)], t_start=[0], t_stop=[9])
    stage = SpatiotemporalCorrelation(filter_time_us=100, min_neighbours=1)
    assert not stage.mask(hot, SENSOR).any()


def test_audio_has_no_more_than_two_neighbours() -> None:
    stage = SpatiotemporalCorrelation(filter_time_us=10, min_neighbours=3)
    with pytest.raises(InvalidInput, match="an audio channel has 2 neighbours, never 3"):
        stage.out_spec(Spec("events", Sensor.audio(64)))


def test_nine_neighbours_are_refused() -> None:
    with pytest.raises(InvalidInput, match=r"\(min_neighbours=9\) is out of range"):
        SpatiotemporalCorrelation(filter_time_us=10, min_neighbours=9)


@pytest.mark.parametrize(("x", "y"), [(4, 0), (0, 3)])
def test_an_event_off_the_sensor_is_an_error(x: int, y: int) -> None:
    batch = EventBatch.of([Events.of(t=[0], x=[x], y=[y])], t_start=[0], t_stop=[1], ids=["a"])
    with pytest.raises(InvalidInput, match=r"sample 'a' .* off the sensor of 4×3"):
        SpatiotemporalCorrelation(filter_time_us=10).mask(batch, SENSOR)
