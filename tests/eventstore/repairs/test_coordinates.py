"""Coordinates that count from 1 or from the wrong edge."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.errors import InvalidInput
from eventstore.events import Events, Sensor
from eventstore.repairs import REPAIRS
from eventstore.repairs.protocol import RepairReport, Subject

VISION = Subject(name="a.bin", sensor=Sensor(8, 6))
AUDIO = Subject(name="a.bin", sensor=Sensor.audio(8))


def done(name: str, subject: Subject, events: Events) -> Events:
    return Events.concatenate(
        list(REPAIRS[name].apply(iter([events]), subject, RepairReport(name=name)))
    )


@given(st.lists(st.tuples(st.integers(0, 7), st.integers(0, 5)), min_size=1))
def test_a_flip_mirrors_and_twice_is_nothing(places: list[tuple[int, int]]) -> None:
    x, y = (list(column) for column in zip(*places, strict=True))
    events = Events.of(t=range(len(x)), x=x, y=y)
    assert done("flip-x", VISION, events).x.tolist() == [7 - each for each in x]
    assert done("flip-y", VISION, events).y.tolist() == [5 - each for each in y]
    for name in ("flip-x", "flip-y"):
        assert done(name, VISION, done(name, VISION, events)).equals(events)


def test_counting_from_one() -> None:
    moved = done("one-based", VISION, Events.of(t=[1, 2], x=[1, 8], y=[6, 1]))
    assert (moved.x.tolist(), moved.y.tolist()) == ([0, 7], [5, 0])
    heard = done("one-based", AUDIO, Events.of(t=[1, 2], x=[1, 8]))
    assert (heard.x.tolist(), heard.y.tolist()) == ([0, 7], [0, 0])


@pytest.mark.parametrize(("x", "y"), [(0, 3), (3, 0)])
def test_a_zero_shows_that_they_count_from_zero(x: int, y: int) -> None:
    message = rf"a\.bin: event 1 \(t = 2 µs\) has x = {x}, y = {y}: coordinates count from 0"
    with pytest.raises(InvalidInput, match=message):
        done("one-based", VISION, Events.of(t=[1, 2], x=[1, x], y=[1, y]))


@pytest.mark.parametrize(("name", "x", "y"), [("flip-x", 8, 0), ("flip-y", 0, 6)])
def test_events_off_the_sensor_are_not_flipped(name: str, x: int, y: int) -> None:
    with pytest.raises(InvalidInput, match=f"{name} cannot move event 1 at x = {x}, y = {y}") as e:
        done(name, VISION, Events.of(t=[1, 2], x=[1, x], y=[1, y]))
    assert "drop-outside" in e.value.hint


def test_audio_has_channels_only() -> None:
    assert done("flip-x", AUDIO, Events.of(t=[1], x=[2])).x.tolist() == [5]
    with pytest.raises(InvalidInput, match="is audio and has no rows to flip") as e:
        done("flip-y", AUDIO, Events.of(t=[1], x=[2]))
    assert "'flip-x'" in e.value.hint
