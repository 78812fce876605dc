"""What stands above the events of a text file: comments, geometry, names of the columns."""

import re
from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Int64

from eventstore.errors import FormatError, InvalidInput
from eventstore.events import Sensor
from eventstore.readers.text_lines import IGNORED, P, T, X, Y

COLUMN_NAMES = {
    **dict.fromkeys(("t", "ts", "time", "timestamp", "timestamps"), T),
    **dict.fromkeys(("x", "col"), X),
    **dict.fromkeys(("y", "row"), Y),
    **dict.fromkeys(("p", "pol", "polarity", "on"), P),
    **dict.fromkeys(("c", "channel", "address", "unit"), X),
}
"""What a header may call a column; stamps may have their unit behind the name: ``t_us``."""

AUDIO_NAMES = {"c", "channel", "address", "unit"}
"""Names of the column that makes a recording one of a cochlea."""

LETTERS = {"t": T, "x": X, "y": Y, "p": P, "c": X, "_": IGNORED}
"""What the letters of an order of columns mean: ``c`` is a cochlea's channel, ``_`` is ignored."""

UNIT_SHIFT = {"s": 6, "ms": 3, "us": 0, "ns": -3}
"""Powers of ten that make µs of stamps."""

_BOM = b"\xef\xbb\xbf"
_UNITS = ("ms", "us", "µs", "ns", "s")
_BRACKETS = re.compile(r"\s+([\[(](?:ms|us|µs|ns|s)[\])])")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Columns:
    """What stands in each field of a line.

    Args:
        fields: `T`, `X`, `Y`, `P` or `IGNORED`, one for each field.
        audio: whether the events are a cochlea's.
        unit: unit of the stamps, where their name states it.
    """

    fields: Int64[np.ndarray, " _"]
    audio: bool = False
    unit: str = ""


DEFAULT = Columns(fields=np.array([T, X, Y, P], np.int64))
"""The order of DAVIS 240C data: t x y p."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TextHead:
    """What a text file says before its first event.

    Args:
        start: byte at which the lines of events begin.
        lines: number of the first of them, from 1.
        columns: what stands in each field.
        sensor: geometry, if a line ``width height`` gives it.
    """

    start: int
    lines: int
    columns: Columns = field(default=DEFAULT)
    sensor: Sensor | None = None


def columns_of(order: str) -> Columns:
    """Return the columns that an order of letters means.

    Raises:
        InvalidInput: an unknown or repeated letter, or no time or place.

    Examples:
        >>> columns_of("xy_pt").fields.tolist()
        [1, 2, -1, 3, 0]
    """
    letters = order.lower()
    named = [letter for letter in letters if letter != "_"]
    sensible = set(named) in ({"t", "c"}, {"t", "x", "y"}, {"t", "x", "y", "p"})
    if set(letters) <= set(LETTERS) and len(set(named)) == len(named) and sensible:
        fields = np.array([LETTERS[letter] for letter in letters], np.int64)
        return Columns(fields=fields, audio="c" in named)
    message = f"{order!r} is no order of columns"
    raise InvalidInput(message, hint="name them as txyp, xypt or tc; _ stands for one to ignore")


def read_head(name: str, top: bytes, columns: Columns | None = None) -> TextHead:
    r"""Read the head off the first bytes of a file.

    Args:
        name: the file, for messages.
        top: its beginning.
        columns: the order, where the user gives it; the names in the head otherwise.

    Raises:
        FormatError: a header does not name the columns t, x, y and p.

    Examples:
        >>> read_head("a.csv", b"x,y,p,t_us\n1,2,0,5\n").columns.fields.tolist()
        [1, 2, 3, 0]
    """
    at = len(_BOM) if top.startswith(_BOM) else 0
    found, sensor, number = columns or DEFAULT, None, 1
    for number, line in enumerate(top[at:].splitlines(keepends=True), start=1):
        text = line.decode("utf-8", "replace").strip()
        named = _columns_named(text)
        if named is not None:
            found = columns or named
        elif sensor is None and len(found.fields) != 2 and _looks_like_sizes(text):
            sensor = _geometry(name, at, text)
        elif text and not text.startswith("#"):
            if not (text[0].isalpha() or text[0] in "\"'"):
                return TextHead(start=at, lines=number, columns=found, sensor=sensor)
            if columns is None:
                raise _no_names(name, at, text)
        elif not line.endswith(b"\n"):
            break  # a comment that runs on behind the beginning seen here
        at += len(line)
    return TextHead(start=at, lines=number, columns=found, sensor=sensor)


def _columns_named(text: str) -> Columns | None:
    """Return the columns that a line names, if it does; a comment has to name all of its words."""
    text = _BRACKETS.sub(r"\1", text)
    words = [word.strip("\"'").lower() for word in re.split(r"[\s,;]+", text.lstrip("# "))]
    pairs = [_name_and_unit(word) for word in words]
    fields = [COLUMN_NAMES.get(word, IGNORED) for word, _ in pairs]
    named = [value for value in fields if value != IGNORED]
    audio = any(word in AUDIO_NAMES for word, _ in pairs)
    wanted = {T, X} if audio else {T, X, Y, P}
    if set(named) != wanted or len(named) != len(wanted):
        return None
    if text.startswith("#") and IGNORED in fields:
        return None
    unit = next(unit for (_, unit), value in zip(pairs, fields, strict=True) if value == T)
    return Columns(fields=np.array(fields, np.int64), audio=audio, unit=unit)


def _name_and_unit(word: str) -> tuple[str, str]:
    if word in COLUMN_NAMES:
        return word, ""
    base = word.rstrip("])")
    for unit in _UNITS:
        name = base.removesuffix(unit).rstrip("_[(")
        if base.endswith(unit) and COLUMN_NAMES.get(name) == T:
            return name, unit.replace("µ", "u")
    return word, ""


def _looks_like_sizes(text: str) -> bool:
    return re.fullmatch(r"\d{1,5}[\s,;]+\d{1,5}", text) is not None


def _geometry(name: str, at: int, text: str) -> Sensor:
    width, height = (int(word) for word in re.split(r"[\s,;]+", text))
    if width and height:
        return Sensor(width, height)
    message = "line 'width height' gives no sensor"
    hint = "sizes are 1 or more; give the sensor, or put '#' before the line"
    raise FormatError(
        message, path=name, offset=at, expected="two sizes", found=repr(text), hint=hint
    )


def _no_names(name: str, at: int, text: str) -> FormatError:
    message = "header does not name the columns"
    hint = (
        "call them t, x, y and p, name their order (--reader text:columns=txyp), or comment it out"
    )
    return FormatError(
        message, path=name, offset=at, expected="t, x, y, p", found=repr(text[:60]), hint=hint
    )
