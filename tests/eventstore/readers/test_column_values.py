"""Numbers of any type become the columns of events, or an error that names the row."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.errors import FormatError
from eventstore.readers.column_values import (
    TIME_LIMIT_US,
    Place,
    TimeUnit,
    resolve_unit,
    to_events,
    to_pixels,
    to_size,
    to_times,
)

PLACE = Place(name="some.h5", row=100)


@pytest.mark.parametrize(
    ("times", "unit", "expected"),
    [
        ([5, 9], "us", [5, 9]),
        ([5, 9], "ms", [5000, 9000]),
        ([5, 9], "s", [5_000_000, 9_000_000]),
        ([499, 500, 1499, -501], "ns", [0, 1, 1, -1]),
        ([0.25, 1.5], "s", [250_000, 1_500_000]),
        ([0.25, 1.5], "ms", [250, 1500]),
        ([499.0, 2501.0], "ns", [0, 3]),
        ([2.5, 3.5], "us", [2, 4]),
        ([1_506_117_892.123456], "s", [1_506_117_892_123_456]),
    ],
)
def test_units(times: list[float], unit: TimeUnit, expected: list[int]) -> None:
    assert to_times(np.array(times), unit, PLACE).tolist() == expected


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_seconds_of_few_bits_are_widened_first(dtype: Any) -> None:
    seconds = np.array([0.0655, 0.5, 1.25], dtype)
    expected = [round(float(s) * 1e6) for s in seconds]
    assert to_times(seconds, "auto", PLACE).tolist() == expected


@given(st.lists(st.integers(-(2**61), 2**61)), st.integers(-(2**60), 2**60))
def test_whole_microseconds_come_back_exactly(times: list[int], offset: int) -> None:
    column = np.array(times, np.int64)
    assert to_times(column, "auto", PLACE, offset_us=offset).tolist() == [t + offset for t in times]


def test_a_fraction_tells_seconds() -> None:
    assert resolve_unit("auto", np.array([1.0, 2.5])) == "s"
    assert resolve_unit("auto", np.array([1.0, 2.0])) == "us"
    assert resolve_unit("auto", np.array([np.nan, 2.0])) == "us"
    assert resolve_unit("auto", np.array([1, 2])) == "us"
    assert resolve_unit("ms", np.array([2.5])) == "ms"


@pytest.mark.parametrize(
    ("times", "unit"),
    [
        (np.array([0, TIME_LIMIT_US + 1]), "us"),
        (np.array([0, TIME_LIMIT_US]), "ms"),
        (np.array([0, 2**63], np.uint64), "us"),
        (np.array([0.5, np.nan]), "s"),
        (np.array([0.5, np.inf]), "s"),
        (np.array([0.5, 1e300]), "s"),
        (np.array([0.5, -1e300]), "s"),
    ],
)
def test_times_out_of_range_are_refused_by_row(times: np.ndarray, unit: TimeUnit) -> None:
    with pytest.raises(FormatError, match=r"some\.h5: column t out of range in row 101"):
        to_times(times, unit, PLACE)


@pytest.mark.parametrize("dtype", [">u2", "i1", "u1", "<i8", "f2", "f8", "u8", "?"])
def test_pixels_of_any_type(dtype: str) -> None:
    assert to_pixels(np.array([0, 1, 1]).astype(dtype), "x", PLACE).tolist() == [0, 1, 1]
    assert to_pixels(np.array([3], "<u2"), "x", PLACE).dtype == np.uint16


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ([3, -1], "column y out of range in row 101; expected 0 … 65535; found -1"),
        ([3, 65_536], "column y out of range in row 101"),
        ([3.0, np.nan], "column y out of range in row 101"),
        ([3.0, 2.5], "column y has a fraction in row 101; .*found 2.5"),
        (["3"], "column y is not numbers; expected numbers; found <U1"),
        ([3 + 1j], "column y is not numbers"),
    ],
)
def test_what_is_no_pixel_is_refused_by_row(values: list[Any], said: str) -> None:
    with pytest.raises(FormatError, match=said) as e:
        to_pixels(np.array(values), "y", PLACE)
    assert e.value.hint


@pytest.mark.parametrize(
    "polarities", [[0, 1, 1], [-1, 1, 1], [0.0, 1.0, 1.0], [False, True, True]]
)
def test_polarities(polarities: list[Any]) -> None:
    columns = {letter: np.array([1, 2, 3]) for letter in "txy"}
    events = to_events({**columns, "p": np.array(polarities)}, "us", PLACE)
    assert events.p.tolist() == [0, 1, 1]
    with pytest.raises(FormatError, match="column p out of range in row 102"):
        to_events({**columns, "p": np.array([0, 1, 2])}, "us", PLACE)
    with pytest.raises(FormatError, match="column p has a fraction"):
        to_events({**columns, "p": np.array([0, 0.5, 1])}, "us", PLACE)


def test_audio_and_no_events() -> None:
    audio = to_events({"t": np.array([0.5]), "c": np.array([63.0])}, "s", PLACE)
    assert [column.tolist() for column in audio] == [[500_000], [63], [0], [1]]
    for dtype in ("f8", "u2", "S1"):
        none = {letter: np.zeros(0, dtype) for letter in "txyp"}
        if dtype == "S1":
            with pytest.raises(FormatError, match="not numbers"):
                to_events(none, "us", PLACE)
        else:
            assert len(to_events(none, "us", PLACE)) == 0


def test_sizes() -> None:
    assert to_size(np.array([[346]]), "width", PLACE) == 346
    for value in ([3, 4], [], [0], [65_537], [2.5], ["x"]):
        with pytest.raises(FormatError, match="width"):
            to_size(np.array(value), "width", PLACE)
