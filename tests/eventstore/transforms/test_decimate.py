from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.errors import InvalidInput
from eventstore.events import Events, Sensor
from eventstore.testing import TransformContract
from eventstore.transforms import Decimate, EventBatch
from eventstore.transforms.protocol import NO_SEEDS

SENSOR = Sensor(12, 9)


class TestDecimate(TransformContract):
    transform = Decimate(n=2)


class TestDecimateOfPolarities(TransformContract):
    transform = Decimate(n=3, per_polarity=True)


class TestDecimateOfAudio(TransformContract):
    transform = Decimate(n=3)
    sensor = Sensor.audio(9)


def decimated(events: Events, n: int, *, per_polarity: bool) -> list[bool]:
    """Count the events of each pixel."""
    seen: Counter[tuple[int, ...]] = Counter()
    keep = []
    for x, y, p in zip(*(c.tolist() for c in (events.x, events.y, events.p)), strict=True):
        pixel = (x, y, p) if per_polarity else (x, y)
        seen[pixel] += 1
        keep.append(seen[pixel] % n == 0)
    return keep


@given(
    st.lists(st.tuples(*(st.integers(0, top) for top in (2, 1, 1))), max_size=60),
    st.integers(1, 5),
    st.booleans(),
)
def test_equals_the_definition(
    rows: list[tuple[int, int, int]], n: int, per_polarity: bool
) -> None:
    x, y, p = zip(*rows, strict=True) if rows else ((), (), ())
    events = Events.of(t=range(len(rows)), x=x, y=y, p=p)
    batch = EventBatch.of([events, events], t_start=[0, 0], t_stop=[60, 60])
    out = Decimate(n=n, per_polarity=per_polarity).apply(batch, Sensor(3, 2), NO_SEEDS)
    kept = events[np.array(decimated(events, n, per_polarity=per_polarity), np.bool_)]
    assert out.sample(0).equals(kept)
    assert out.sample(1).equals(kept)


def test_an_event_off_the_sensor_is_an_error() -> None:
    batch = EventBatch.of([Events.of(t=[0], x=[12])], t_start=[0], t_stop=[1], ids=["a"])
    with pytest.raises(InvalidInput, match=r"sample 'a' .* off the sensor of 12×9"):
        Decimate(n=2).apply(batch, SENSOR, NO_SEEDS)


def test_none_in_none_is_refused() -> None:
    with pytest.raises(InvalidInput, match=r"Decimate\(n=0\) is out of range"):
        Decimate(n=0)
