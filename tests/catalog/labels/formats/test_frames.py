"""Frames and their times."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.labels.formats.frames import (
    EvenClock,
    ListedClock,
    frame_clock,
    parse_frame_times,
    runs,
)
from catalog.labels.formats.protocol import FormatOptions
from eventstore.errors import FormatError, InvalidInput

RATES = st.fractions(Fraction(1, 10), 10_000, max_denominator=1001)


@given(RATES, st.integers(0, 10**8))
def test_a_frame_is_nearest_to_its_own_time(fps: Fraction, frame: int) -> None:
    clock = EvenClock(fps)
    assert clock.nearest(clock.time_us(frame)) == frame


@given(st.sets(st.integers(0, 10**6), min_size=2, max_size=9), st.integers(0, 2 * 10**6))
def test_listed_frames_are_found_and_the_end_is_one_too(times: set[int], asked: int) -> None:
    clock = ListedClock(tuple(sorted(times)))
    all_ = [clock.time_us(frame) for frame in range(len(times) + 1)]
    assert [clock.nearest(time) for time in all_] == list(range(len(all_)))
    assert abs(clock.time_us(clock.nearest(asked)) - asked) == min(abs(t - asked) for t in all_)


@pytest.mark.parametrize("frame", [-1, 4])
def test_a_frame_without_a_time_is_refused(frame: int) -> None:
    with pytest.raises(InvalidInput, match=f"frame {frame} has no time: 3 are listed"):
        ListedClock((0, 40, 90)).time_us(frame)


def test_times_must_rise_and_be_two() -> None:
    with pytest.raises(InvalidInput, match="frame 2 is at 5 µs, not after the one before at 9"):
        ListedClock((0, 9, 5))
    with pytest.raises(InvalidInput, match="1 frame times"):
        ListedClock((0,))


def test_a_file_of_times_is_read_strictly() -> None:
    assert parse_frame_times(b"0\n33\n 67\r\n", "times.txt") == (0, 33, 67)
    with pytest.raises(FormatError, match="line 2: a frame is no time"):
        parse_frame_times(b"0\n0.033\n", "times.txt")
    with pytest.raises(FormatError, match="line 3: a frame at 33 µs is not after the one before"):
        parse_frame_times(b"0\n33\n33\n", "times.txt")


def test_nothing_is_guessed_about_frames() -> None:
    with pytest.raises(InvalidInput, match="nothing says when they are") as error:
        frame_clock(FormatOptions())
    assert "--fps 30" in error.value.hint
    assert frame_clock(FormatOptions(frame_times=(0, 5))).time_us(1) == 5


def test_runs_are_consecutive() -> None:
    assert runs([]) == []
    assert runs([5, 4, 4, 9, 10]) == [(4, 6), (9, 11)]
