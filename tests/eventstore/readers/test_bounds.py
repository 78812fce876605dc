"""Events outside the sensor are refused once, for all formats, when they are decoded."""

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.errors import FormatError
from eventstore.events import Events, Sensor
from eventstore.readers.bounds import outside, within_sensor
from eventstore.readers.protocol import Recording


def _recording(*packets: Events, sensor: Sensor) -> Recording:
    return Recording(
        source="a.bin", sensor=sensor, reader="atis", zero_based=True, packets=iter(packets)
    )


@given(x=st.lists(st.integers(0, 40), min_size=1, max_size=20), size=st.integers(1, 7))
def test_the_first_event_outside_is_named(x: list[int], size: int) -> None:
    events = Events.of(t=range(len(x)), x=x, y=[0] * len(x))
    packets = [events[i : i + size] for i in range(0, len(x), size)]
    sensor = Sensor(34, 1)
    bad = [i for i, column in enumerate(x) if column >= 34]
    if not bad:
        assert within_sensor(_recording(*packets, sensor=sensor)).load().equals(events)
        return
    with pytest.raises(FormatError, match=rf"event {bad[0]} .*found x = {x[bad[0]]}, y = 0"):
        within_sensor(_recording(*packets, sensor=sensor)).load()


def test_packets_are_decoded_only_when_asked_for() -> None:
    def packets() -> Iterator[Events]:
        yield Events.of(t=[1], x=[0])
        raise AssertionError

    recording = Recording(
        source="a", sensor=Sensor(1, 1), reader="atis", zero_based=True, packets=packets()
    )
    assert len(next(within_sensor(recording).packets)) == 1


def test_both_axes_count() -> None:
    events = Events.of(t=[0, 0, 0], x=[3, 4, 3], y=[2, 2, 3])
    assert np.array_equal(outside(events, Sensor(4, 3)), [False, True, True])
