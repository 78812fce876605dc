"""Packets that a store cannot hold are refused with the row and the values."""

import pytest

from eventstore.checks import PacketChecks
from eventstore.errors import InvalidInput
from eventstore.events import Events, Sensor

SENSOR = Sensor(4, 3)


def table(t: list[int], x: int = 0, y: int = 0, p: int = 1) -> Events:
    n = len(t)
    return Events.of(t=t, x=[0] * (n - 1) + [x], y=[0] * (n - 1) + [y], p=[1] * (n - 1) + [p])


def test_accepts_equal_times_and_empty_packets() -> None:
    checks = PacketChecks("a", SENSOR)
    for t in ([0, 0, 3], [3]):
        checks.check(table(t))
    checks.check(Events.empty())
    assert checks.t_stop == 4


def test_t_stop_of_an_empty_recording_is_zero() -> None:
    assert PacketChecks("a", SENSOR).t_stop == 0


@pytest.mark.parametrize(
    ("packets", "message"),
    [
        ([[1, 5, 4]], r"recording 'a' row 2: time runs backwards from 5 to 4 µs"),
        ([[1, 5], [4]], r"recording 'a' row 2: time runs backwards from 5 to 4 µs"),
        ([[-1, 5]], r"recording 'a' row 0: time -1 µs is negative"),
    ],
)
def test_time_must_not_run_back(packets: list[list[int]], message: str) -> None:
    checks = PacketChecks("a", SENSOR)
    for t in packets[:-1]:
        checks.check(table(t))
    with pytest.raises(InvalidInput, match=message) as caught:
        checks.check(table(packets[-1]))
    assert caught.value.hint


@pytest.mark.parametrize(("column", "value", "allowed"), [("x", 4, "0 … 3"), ("y", 3, "0 … 2")])
def test_events_must_lie_in_the_sensor(column: str, value: int, allowed: str) -> None:
    checks = PacketChecks("a", SENSOR)
    checks.check(table([0, 1, 2]))
    with pytest.raises(InvalidInput, match=f"row 4: {column} = {value} is outside {allowed}"):
        checks.check(table([3, 4], **{column: value}))


def test_polarity_is_zero_or_one() -> None:
    events = table([1, 2])
    events.p[1] = 2
    with pytest.raises(InvalidInput, match="row 1: p = 2"):
        PacketChecks("a", SENSOR).check(events)


def test_audio_names_the_channel_and_has_no_off_events() -> None:
    checks = PacketChecks("a", Sensor.audio(4))
    with pytest.raises(InvalidInput, match="row 0: c = 4 is outside 0 … 3"):
        checks.check(table([1], x=4))
    with pytest.raises(InvalidInput, match="row 1: polarity 0 in an audio recording"):
        checks.check(table([1, 2], p=0))
