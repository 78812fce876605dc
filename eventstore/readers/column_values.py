"""Columns as other tools type them, as the columns of events: times in µs, pixels, polarities.

Numbers of any size and kind are taken, and refused with the row where one cannot be what its column
says. Times without a stated unit are seconds where any of them has a fraction, otherwise µs.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, NoReturn, TypeAlias

import numpy as np
from jaxtyping import Int64, Shaped, UInt8, UInt16

from eventstore.errors import FormatError
from eventstore.events import COORDINATE_LIMIT, Events
from eventstore.jit import kernel

TimeUnit: TypeAlias = Literal["auto", "s", "ms", "us", "ns"]
"""What times are counted in; ``"auto"`` has them tell."""

TIME_LIMIT_US = 1 << 62

_SCALE = {"s": (10**6, 1), "ms": (10**3, 1), "us": (1, 1), "ns": (1, 10**3)}
"""What to multiply by and to divide by, for µs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where values come from, for messages.

    Args:
        name: the file.
        row: number of the first of them.
        hint: what to do where they are no events.
    """

    name: str
    row: int = 0
    hint: str = "give numbers: times in µs or seconds, pixels from 0 on, polarities 0 and 1"

    def fail(self, message: str, expected: str, found: str) -> NoReturn:
        """Say that values are no events.

        Raises:
            FormatError: always.
        """
        raise FormatError(message, path=self.name, expected=expected, found=found, hint=self.hint)


def resolve_unit(unit: TimeUnit, times: Shaped[np.ndarray, " n"]) -> TimeUnit:
    """Return the unit that is stated, or that of the first times themselves.

    Examples:
        >>> resolve_unit("auto", np.array([0.0, 0.25])), resolve_unit("auto", np.array([0.0, 25.0]))
        ('s', 'us')
    """
    if unit != "auto":
        return unit
    if times.dtype.kind != "f":
        return "us"
    finite = times[np.isfinite(times)].astype(np.float64)
    return "s" if bool((finite != np.rint(finite)).any()) else "us"


def to_times(
    column: Shaped[np.ndarray, " n"], unit: TimeUnit, place: Place, *, offset_us: int = 0
) -> Int64[np.ndarray, " n"]:
    """Return times in µs.

    Args:
        column: times as they are stored; floats are widened before they are scaled, since
            seconds of 16 bits overflow as µs.
        unit: what they count; see `resolve_unit`.
        place: where they come from.
        offset_us: added to every one.

    Raises:
        FormatError: one is no number, or beyond 2^62 µs.

    Examples:
        >>> to_times(np.array([0.5], np.float16), "s", Place(name="a.h5")).tolist()
        [500000]
    """
    up, down = _SCALE[resolve_unit(unit, column)]
    limit = (TIME_LIMIT_US - abs(offset_us)) // (up if column.dtype.kind != "f" else 1)
    if column.dtype.kind == "f":
        floats = _widened(column)
        times = np.empty(len(floats), np.int64)
        row = round_times(floats, float(up), float(down), (limit, offset_us), times)
        if row >= 0:
            message = f"column t out of range in row {place.row + row}"
            place.fail(
                message, f"at most 2^62 µs, in {resolve_unit(unit, column)}", str(column[row])
            )
        return times
    times = _integers(column, "t", place, (-limit, limit))
    if up > 1:
        times = times * up
    if down > 1:
        times = (times + down // 2) // down
    return times + offset_us if offset_us else times


@kernel
def round_times(
    column: np.ndarray, up: float, down: float, bounds: tuple[int, int], times: np.ndarray
) -> int:
    """Fill times with multiples, to the nearest µs; return the first row out of range, or -1.

    Args:
        column: floats.
        up: what to multiply by.
        down: what to divide by.
        bounds: largest size of a time, and what to add to it.
        times: receives the times.
    """
    limit, offset = bounds
    for i in range(len(column)):
        time = np.rint(column[i] * up / down)
        if not -limit <= time <= limit:  # also of NaN
            return i
        times[i] = np.int64(time) + offset
    return -1


@kernel
def round_floats(column: np.ndarray, low: int, high: int, whole: np.ndarray) -> int:
    """Fill whole numbers; return the first row that is none of them within the bounds, or -1."""
    for i in range(len(column)):
        value = column[i]
        if not low <= value <= high or value != np.rint(value):
            return i
        whole[i] = np.int64(value)
    return -1


def to_events(
    columns: Mapping[str, Shaped[np.ndarray, " n"]],
    unit: TimeUnit,
    place: Place,
    *,
    offset_us: int = 0,
) -> Events:
    """Return events from columns of equal length, ``t x y p`` or ``t c``.

    Raises:
        FormatError: a value cannot be what its column says; names the row.

    Examples:
        >>> columns = {letter: np.array([-1.0 if letter == "p" else 3.0]) for letter in "txyp"}
        >>> to_events(columns, "us", Place(name="a.mat")).p.tolist()
        [0]
    """
    t = to_times(columns["t"], unit, place, offset_us=offset_us)
    if "x" not in columns:
        n = len(t)
        c = to_pixels(columns["c"], "c", place)
        return Events(t, c, np.zeros(n, np.uint16), np.ones(n, np.uint8))
    x, y = (to_pixels(columns[letter], letter, place) for letter in "xy")
    return Events(t, x, y, _polarities(columns["p"], place))


def to_pixels(
    column: Shaped[np.ndarray, " n"], letter: str, place: Place
) -> UInt16[np.ndarray, " n"]:
    """Return coordinates or channels.

    Raises:
        FormatError: one is no whole number from 0 to 65,535; names the row.

    Examples:
        >>> to_pixels(np.array([3.0, 4.0]), "x", Place(name="a.mat")).tolist()
        [3, 4]
    """
    if column.dtype == np.uint16:
        return np.ascontiguousarray(column)
    whole = _whole(column, letter, place, (0, COORDINATE_LIMIT - 1), np.dtype(np.uint16))
    return whole.astype(np.uint16, copy=False)


def to_size(value: Shaped[np.ndarray, "*_"], what: str, place: Place) -> int:
    """Return a width or height in pixels.

    Raises:
        FormatError: it is not one whole number from 1 to 65,536.

    Examples:
        >>> to_size(np.array([[346.0]]), "width", Place(name="a.mat"))
        346
    """
    if value.size != 1:
        place.fail(f"{what} is no scalar", "one number", str(list(value.shape)))
    limits = (1, COORDINATE_LIMIT)
    return int(_whole(value.reshape(1), what, place, limits, np.dtype(np.int64))[0])


def _polarities(column: np.ndarray, place: Place) -> UInt8[np.ndarray, " n"]:
    if column.dtype.kind == "b":
        return column.astype(np.uint8)
    signed = _whole(column, "p", place, (-1, 1), np.dtype(np.int8))
    return (signed > 0).view(np.uint8)


def _whole(
    column: np.ndarray, letter: str, place: Place, limits: tuple[int, int], cast: np.dtype
) -> np.ndarray:
    """Return a column of whole numbers within limits; floats are cast, the others as they are."""
    if column.dtype.kind != "f":
        return _integers(column, letter, place, limits)
    floats = _widened(column)
    whole = np.empty(len(floats), cast)
    row = round_floats(floats, *limits, whole)
    if row >= 0 and limits[0] <= floats[row] <= limits[1]:
        message = f"column {letter} has a fraction in row {place.row + row}"
        place.fail(message, "a whole number", str(column[row]))
    if row >= 0:
        _out_of_range(column[row], letter, place, limits, row)
    return whole


def _widened(column: np.ndarray) -> np.ndarray:
    with np.errstate(invalid="ignore"):  # of a NaN that signals
        return column.astype(np.float64)


def _integers(column: np.ndarray, letter: str, place: Place, limits: tuple[int, int]) -> np.ndarray:
    """Return a column of integers, aligned and in the machine's order of bytes."""
    if column.dtype.kind not in "iub":
        place.fail(f"column {letter} is not numbers", "numbers", str(column.dtype))
    if letter == "t":
        column = column if column.dtype == np.uint64 else column.astype(np.int64)
    whole = np.require(column, column.dtype.newbyteorder("="), ["C", "A"])
    if len(whole):
        low, high = whole.min(), whole.max()
        if low < limits[0] or high > limits[1]:
            row = int(np.argmin((whole >= limits[0]) & (whole <= limits[1])))
            _out_of_range(whole[row], letter, place, limits, row)
    return whole.astype(np.int64, copy=False) if letter == "t" else whole


def _out_of_range(
    value: object, letter: str, place: Place, limits: tuple[int, int], row: int
) -> NoReturn:
    message = f"column {letter} out of range in row {place.row + row}"
    place.fail(message, f"{limits[0]} … {limits[1]}", str(value))
