"""What stands above the events of a text file: comments, geometry, names of the columns."""

import re
from dataclasses import dataclass

import numpy as np
from jaxtyping import Int64

from eventstore.errors import FormatError
from eventstore.events import Sensor

COLUMN_NAMES = {
    **dict.fromkeys(("t", "ts", "time", "timestamp", "timestamps", "t_us", "t_s"), 0),
    **dict.fromkeys(("x", "col"), 1),
    **dict.fromkeys(("y", "row"), 2),
    **dict.fromkeys(("p", "pol", "polarity", "on"), 3),
}
"""What a header may call the columns t, x, y, p."""

_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TextHead:
    """What a text file says before its first event.

    Args:
        start: byte at which the lines of events begin.
        lines: number of the first of them, from 1.
        order: which of t, x, y, p (0 … 3) stands in each field.
        sensor: geometry, if a line ``width height`` gives it.
    """

    start: int
    lines: int
    order: Int64[np.ndarray, " 4"]
    sensor: Sensor | None


def read_head(name: str, top: bytes) -> TextHead:
    r"""Read the head off the first bytes of a file.

    Args:
        name: the file, for messages.
        top: its beginning.

    Raises:
        FormatError: a header does not name the columns t, x, y and p.

    Examples:
        >>> read_head("a.csv", b"x,y,p,t\n1,2,0,5\n").order.tolist()
        [1, 2, 3, 0]
    """
    at = len(_BOM) if top.startswith(_BOM) else 0
    order, sensor, number = [0, 1, 2, 3], None, 1
    for number, line in enumerate(top[at:].splitlines(keepends=True), start=1):
        text = line.decode("ascii", "replace").strip()
        words = [word.strip("\"'").lower() for word in re.split(r"[\s,;]+", text.lstrip("# "))]
        if {COLUMN_NAMES.get(word) for word in words} == {0, 1, 2, 3} and len(words) == 4:
            order = [COLUMN_NAMES[word] for word in words]
        elif sensor is None and re.fullmatch(r"\d{1,5}[\s,;]+\d{1,5}", text):
            sensor = _geometry(name, at, text)
        elif text and not text.startswith("#"):
            _refuse_words(name, at, text)
            return TextHead(start=at, lines=number, order=np.array(order), sensor=sensor)
        elif not line.endswith(b"\n"):
            break  # a comment that runs on behind the beginning seen here
        at += len(line)
    return TextHead(start=at, lines=number, order=np.array(order), sensor=sensor)


def _geometry(name: str, at: int, text: str) -> Sensor:
    width, height = (int(word) for word in re.split(r"[\s,;]+", text))
    if width and height:
        return Sensor(width, height)
    message = "line 'width height' gives no sensor"
    raise FormatError(message, path=name, offset=at, expected="two sizes", found=repr(text))


def _refuse_words(name: str, at: int, text: str) -> None:
    if text[0].isalpha() or text[0] in "\"'":
        message = "header does not name the columns"
        hint = "call them t, x, y and p, or put '#' before the line"
        raise FormatError(
            message, path=name, offset=at, expected="t, x, y, p", found=repr(text[:60]), hint=hint
        )
