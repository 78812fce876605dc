"""Write events as text, one a line (``.csv``, ``.tsv``, ``.txt``); `eventstore.readers.text` reads.

``.csv`` has commas and a line of names, ``.tsv`` tabs and the names, ``.txt`` blanks and no names.
Decimals are made of integers, so every microsecond comes back.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from eventstore.errors import InvalidInput
from eventstore.events import Events, Sensor
from eventstore.jit import kernel
from eventstore.plugin_options import option
from eventstore.readers.protocol import SideStreams
from eventstore.readers.text_head import LETTERS
from eventstore.readers.text_lines import P, T
from eventstore.writers.protocol import whole_file

DECIMALS = {"s": 6, "ms": 3, "us": 0, "ns": -3}
"""Digits of µs behind the point of each unit; below 0, zeros to be added."""

SLICE_EVENTS = 1 << 14
"""Events written at once."""

LINE_BYTES = 64
"""No line is longer: 23 characters of a stamp, and three numbers."""

_SEPARATORS = {".csv": ",", ".tsv": "\t"}
_ZERO, _MINUS, _POINT, _NEWLINE = b"0-.\n"
_INT: Any = np.int64


@kernel
def encode_lines(
    columns: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray],
    fields: np.ndarray,
    style: tuple[int, int, bool],
    raw: np.ndarray,
) -> int:
    """Write a line for each event; return the number of bytes.

    Args:
        columns: t, x, y, p.
        fields: which of them stands in each field.
        style: decimals of the stamps, the separator, and whether OFF is -1.
        raw: receives the bytes, `LINE_BYTES` for each event.
    """
    t, x, y, p = columns
    decimals, separator, signed = style
    n = 0
    for i in range(len(t)):
        for k in range(len(fields)):
            if k:
                raw[n] = separator
                n += 1
            field = fields[k]
            if field == T:
                n = _put_number(_INT(t[i]), decimals, raw, n)
            elif field == P:
                n = _put_number(-1 if signed and p[i] == 0 else _INT(p[i]), 0, raw, n)
            else:
                n = _put_number(_INT(x[i] if field == 1 else y[i]), 0, raw, n)
        raw[n] = _NEWLINE
        n += 1
    return n


@kernel
def _put_number(value: int, decimals: int, raw: np.ndarray, n: int) -> int:
    """Write an integer with a point before its last ``decimals`` digits, or zeros behind it."""
    if value < 0:
        raw[n] = _MINUS
        n, value = n + 1, -value
    digits, rest = 1, value // 10
    while rest > 0:
        digits, rest = digits + 1, rest // 10
    digits = max(digits, decimals + 1)
    end = n + digits + (1 if decimals > 0 else 0)
    at = end
    for k in range(digits):
        if k == decimals and decimals > 0:
            at -= 1
            raw[at] = _POINT
        at -= 1
        raw[at] = _ZERO + value % 10
        value //= 10
    for _ in range(-decimals):
        raw[end] = _ZERO
        end += 1
    return end


@dataclass(frozen=True, slots=True, kw_only=True)
class TextWriter:
    """Writer of text events.

    Args:
        columns: order of the columns t, x, y and p; a cochlea's are t and c.
        unit: of the stamps.
        off: how OFF events are written.
        geometry: write a first line ``width height``; of little use to other software.

    Raises:
        InvalidInput: the columns are not the four, each once.
    """

    columns: str = option("txyp", "order of the columns")
    unit: Literal["us", "s", "ms", "ns"] = option("us", "unit of the stamps")
    off: Literal["0", "-1"] = option("0", "how OFF events are written")
    geometry: bool = option(default=False, meaning="write a first line 'width height'")
    name: str = "text"
    suffixes: tuple[str, ...] = (".csv", ".txt", ".tsv")
    side_kinds: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if sorted(self.columns) != sorted("txyp"):
            message = f"{self.columns!r} is no order of the columns t, x, y and p"
            raise InvalidInput(message, hint="name each of them once, such as xypt")

    def write(
        self,
        path: Path,
        packets: Iterable[Events],
        *,
        sensor: Sensor,
        meta: Mapping[str, str] | None = None,  # there is no place for it
        side: SideStreams | None = None,  # nor for anything but events
    ) -> None:
        """Write a file whole or not at all, in memory that does not grow with its length."""
        order = self.columns if sensor.modality == "vision" else "tc"
        fields = np.array([LETTERS[letter] for letter in order], np.int64)
        separator = _SEPARATORS.get(path.suffix.lower(), " ")
        style = (DECIMALS[self.unit], ord(separator), self.off == "-1")
        raw = np.empty(SLICE_EVENTS * LINE_BYTES, np.uint8)
        with whole_file(path) as file:
            file.write(self._head(order, separator, sensor).encode())
            for packet in packets:
                for start in range(0, len(packet), SLICE_EVENTS):
                    part = packet[start : start + SLICE_EVENTS]
                    file.write(raw[: encode_lines(part.arrays(), fields, style, raw)].data)

    def _head(self, order: str, separator: str, sensor: Sensor) -> str:
        """Return the lines above the events; names, where the lines would not be understood."""
        stated = self.unit in {"us", "s"}  # told apart by the decimal point
        lines = []
        if self.geometry and sensor.modality == "vision":
            lines.append(f"{sensor.width}{separator}{sensor.height}")
        if separator != " " or order != "txyp" or not stated:
            names = [letter if stated or letter != "t" else f"t_{self.unit}" for letter in order]
            lines.append(separator.join(names))
        return "".join(f"{line}\n" for line in lines)


WRITER = TextWriter()
