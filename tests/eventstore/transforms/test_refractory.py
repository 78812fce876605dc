import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.errors import InvalidInput
from eventstore.events import Events, Sensor
from eventstore.testing import TransformContract
from eventstore.transforms import EventBatch, RefractoryPeriod
from eventstore.transforms.protocol import NO_SEEDS

SENSOR = Sensor(12, 9)


class TestRefractoryPeriod(TransformContract):
    transform = RefractoryPeriod(period_us=300)


class TestRefractoryPeriodOfPolarities(TransformContract):
    transform = RefractoryPeriod(period_us=300, per_polarity=True)


class TestRefractoryPeriodOfAudio(TransformContract):
    transform = RefractoryPeriod(period_us=300)
    sensor = Sensor.audio(9)


def rested(events: Events, period: int, *, per_polarity: bool) -> list[bool]:
    """Remember when each pixel gave its last event."""
    last: dict[tuple[int, ...], int] = {}
    keep = []
    for t, x, y, p in zip(*(c.tolist() for c in events), strict=True):
        pixel = (x, y, p) if per_polarity else (x, y)
        keep.append(pixel not in last or t - last[pixel] > period)
        if keep[-1]:
            last[pixel] = t
    return keep


@given(
    st.lists(
        st.tuples(*(st.integers(0, top) for top in (90, 2, 1, 1))),
        max_size=60,
    ),
    st.integers(0, 40),
    st.booleans(),
)
def test_equals_the_definition(
    rows: list[tuple[int, int, int, int]], period: int, per_polarity: bool
) -> None:
    t, x, y, p = zip(*sorted(rows), strict=True) if rows else ((), (), (), ())
    events = Events.of(t=t, x=x, y=y, p=p)
    batch = EventBatch.of([events, events], t_start=[0, 0], t_stop=[91, 91])
    rest = RefractoryPeriod(period_us=period, per_polarity=per_polarity)
    out = rest.apply(batch, Sensor(3, 2), NO_SEEDS)
    kept = events[np.array(rested(events, period, per_polarity=per_polarity), np.bool_)]
    assert out.sample(0).equals(kept)
    assert out.sample(1).equals(kept)


def test_dropped_events_do_not_prolong_the_rest() -> None:
    # Ten events 600 µs apart and a period of 1,000 µs: every other one is kept.
    events = Events.of(t=np.arange(10) * 600, x=[0] * 10)
    batch = EventBatch.of([events], t_start=[0], t_stop=[6_000])
    out = RefractoryPeriod(period_us=1_000).apply(batch, SENSOR, NO_SEEDS)
    assert out.events.t.tolist() == [0, 1_200, 2_400, 3_600, 4_800]


def test_the_first_event_is_kept_also_at_time_nought() -> None:
    batch = EventBatch.of([Events.of(t=[0], x=[0])], t_start=[0], t_stop=[1])
    assert len(RefractoryPeriod(period_us=1 << 60).apply(batch, SENSOR, NO_SEEDS).events) == 1


def test_the_period_itself_is_still_rest() -> None:
    batch = EventBatch.of([Events.of(t=[0, 10, 11], x=[0] * 3)], t_start=[0], t_stop=[12])
    out = RefractoryPeriod(period_us=10).apply(batch, SENSOR, NO_SEEDS)
    assert out.events.t.tolist() == [0, 11]


def test_an_event_off_the_sensor_is_an_error() -> None:
    batch = EventBatch.of([Events.of(t=[0], x=[0], y=[9])], t_start=[0], t_stop=[1], ids=["a"])
    with pytest.raises(InvalidInput, match=r"sample 'a' .* off the sensor of 12×9"):
        RefractoryPeriod(period_us=10).apply(batch, SENSOR, NO_SEEDS)
