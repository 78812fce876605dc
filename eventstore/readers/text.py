"""Read events as text, one a line (``.txt``, ``.csv``, ``.tsv``), in any order of columns.

Fields are parted by blanks, commas or semicolons; ``#`` starts a comment; a header names the
columns, and perhaps the unit of stamps (``t_us``), where they do not stand as ``t x y p``; a first
line ``width height`` gives the geometry. Where any stamp has a decimal point all are seconds,
otherwise µs. Polarity is 0/1, -1/1 or false/true.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from eventstore.errors import FormatError
from eventstore.events import Events, Sensor
from eventstore.findings import Finding, Severity
from eventstore.readers.geometry import (
    KNOWN_COCHLEAS,
    KNOWN_SENSORS,
    cut_file,
    no_events,
    settle_sensor,
)
from eventstore.readers.mapped import RELEASE_BYTES, forget
from eventstore.readers.options import option
from eventstore.readers.protocol import (
    ORIGIN_LIMIT_US,
    PACKET_EVENTS,
    ByteSource,
    OneRecording,
    Recording,
)
from eventstore.readers.text_head import (
    DEFAULT,
    UNIT_SHIFT,
    Columns,
    TextHead,
    columns_of,
    read_head,
)
from eventstore.readers.text_lines import (
    BAD_COORDINATE,
    BAD_NUMBER,
    BAD_POLARITY,
    BAD_TIME,
    EXTRA_FIELD,
    IGNORED,
    MISSING_FIELD,
    OK,
    P,
    T,
    decode_lines,
    parse_line,
    skip_blank,
    skip_field,
)

_WRONG = {
    BAD_NUMBER: ("no number here", "digits"),
    MISSING_FIELD: ("wrong number of fields", "{} fields"),
    EXTRA_FIELD: ("wrong number of fields", "{} fields"),
    BAD_TIME: ("time out of range", "less than 2^62 µs"),
    BAD_COORDINATE: ("bad coordinate", "an integer from 0 to 65,535"),
    BAD_POLARITY: ("bad polarity", "0, 1 or -1"),
}
_HEAD_BYTES = 1 << 14
_LINE_BYTES = 1 << 10  # two lines of numbers are no longer
_DAY_US = 86_400_000_000
_YEAR_2100_US = 4_102_444_800_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class TextReader(OneRecording):
    """Reader of text events.

    Args:
        columns: order of the columns, such as ``"xypt"``; a cochlea's are ``"tc"``; ``_`` stands
            for one to ignore. Empty: as the file names them, or else t x y p.
        unit: of the stamps; ``"auto"`` takes the one a header names, or seconds where any stamp
            has a decimal point, or µs.
        packet_events: most events in one packet.

    Raises:
        InvalidInput: the columns are none.
    """

    columns: str = option("", "order of the columns, such as xypt, tc or t_xyp; _ is ignored")
    unit: Literal["auto", "s", "ms", "us", "ns"] = option("auto", "unit of the stamps")
    packet_events: int = PACKET_EVENTS
    name: str = "text"
    suffixes: tuple[str, ...] = (".txt", ".csv", ".tsv")

    def __post_init__(self) -> None:
        self._given_columns()

    def sniff(self, source: ByteSource) -> bool:
        """Say whether the suffix fits, and one event or a bare header comes first."""
        if source.suffix not in self.suffixes:
            return False
        try:
            head = self._head(source)
        except FormatError:
            return False
        named = head.columns is not DEFAULT or head.sensor is not None
        return self._first(source, head) is not None or (named and head.start == len(source.data))

    def read(self, source: ByteSource, *, sensor: Sensor | None = None) -> Recording:
        """Open a recording; lines are checked while packets are read.

        All of them are gone through here where nobody states the sensor, or where the unit depends
        on whether any stamp has a decimal point.

        Raises:
            FormatError: a line is no event; names the line and the byte.
        """
        head = self._head(source)
        first = self._first(source, head)
        unit = self._unit(head, pointed=first is not None and first[1])
        stated = sensor or head.sensor
        if stated is None or unit is None:
            survey = _survey(self, source, head)
            unit = unit or ("s" if survey.pointed else "us")
        known = KNOWN_COCHLEAS if head.columns.audio else KNOWN_SENSORS
        stated, findings = settle_sensor(
            source.name, stated, lambda: (survey.x_max, survey.y_max), known
        )
        first_us = 0 if first is None else first[0] * 10 ** (UNIT_SHIFT[unit] + 3) // 1000
        return Recording(
            source=source.name,
            sensor=stated,
            reader=self.name,
            zero_based=0 <= first_us < ORIGIN_LIMIT_US,
            packets=self._packets(source, head, unit, findings),
            meta={"unit": unit},
            findings=findings,
        )

    def _given_columns(self) -> Columns | None:
        return columns_of(self.columns) if self.columns else None

    def _head(self, source: ByteSource) -> TextHead:
        return read_head(source.name, bytes(source.data[:_HEAD_BYTES]), self._given_columns())

    def _unit(self, head: TextHead, *, pointed: bool) -> str | None:
        """Return the unit of the stamps; None where it takes all of them to tell."""
        if self.unit != "auto":
            return self.unit
        return head.columns.unit or ("s" if pointed else None)

    def _first(self, source: ByteSource, head: TextHead) -> tuple[int, bool] | None:
        """Return the first stamp in whole units, and whether it has a decimal point."""
        raw = np.frombuffer(source.data[head.start : head.start + _HEAD_BYTES], np.uint8)
        at, _ = skip_blank(raw, 0, 0)
        values = np.zeros(4, np.int64)
        code, _, pointed = parse_line(raw, at, head.columns.fields, 0, values)
        return (int(values[T]), bool(pointed)) if code == OK else None

    def _packets(
        self, source: ByteSource, head: TextHead, unit: str, findings: list[Finding]
    ) -> Iterator[Events]:
        n_rows, first, last, pointed = 0, 0, 0, False
        for packet, points in _decode(self, source, head, UNIT_SHIFT[unit], findings):
            first = first if n_rows else int(packet.t[0])
            n_rows, last, pointed = n_rows + len(packet), int(packet.t[-1]), pointed or points
            yield packet
        if not n_rows:
            findings.append(no_events(source.name))
            return
        if pointed and unit in {"us", "ns"}:
            findings.append(_rounded(source.name, unit, lost=last == first))
        if self.unit == "auto":
            findings += _doubts(source.name, unit, first, last)


READER = TextReader()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Survey:
    x_max: int
    y_max: int
    pointed: bool


def _survey(reader: TextReader, source: ByteSource, head: TextHead) -> _Survey:
    """Go through all lines for the extent of the events, and whether a stamp has a point."""
    x_max, y_max, pointed = -1, -1, False
    for packet, points in _decode(reader, source, head, 0, []):
        x_max, y_max = max(x_max, int(packet.x.max())), max(y_max, int(packet.y.max()))
        pointed = pointed or points
    return _Survey(x_max=x_max, y_max=y_max, pointed=pointed)


def _decode(
    reader: TextReader, source: ByteSource, head: TextHead, t_shift: int, findings: list[Finding]
) -> Iterator[tuple[Events, bool]]:
    """Iterate over packets, and whether stamps of theirs have a decimal point."""
    raw, kept = np.frombuffer(source.data, np.uint8), head.start
    fields, cursor, code = head.columns.fields, (head.start, head.lines), OK
    shortest = 2 * len(fields)  # a digit and what parts it from the next
    while code == OK and cursor[0] < len(raw):
        left = (len(raw) - cursor[0]) // shortest + 1
        packet = Events.blank(min(reader.packet_events, left))
        n, code, cursor, wrong, pointed = decode_lines(
            raw, cursor, fields, t_shift, packet.arrays()
        )
        cut = code != OK and _runs_to_the_end(raw, wrong, code)
        if code == OK and n and cursor[0] >= len(raw) and _last_is_cut(source, fields):
            n, cut = n - 1, True
        if n:
            yield packet[:n], pointed
        if cut:
            findings.append(_cut_line(source))
        elif code != OK:
            raise _line_error(source, wrong, cursor[1], _WRONG[code], len(fields))
        if cursor[0] - kept > RELEASE_BYTES:
            forget(source, kept, cursor[0])
            kept = cursor[0]


def _runs_to_the_end(raw: np.ndarray, wrong: int, code: int) -> bool:
    """Say whether what is wrong is the last thing in the file, which a cut would leave."""
    return code != EXTRA_FIELD and skip_field(raw, wrong) == len(raw)


def _last_lines(source: ByteSource) -> list[bytes]:
    return bytes(source.data[-_LINE_BYTES:]).split(b"\n")


def _last_is_cut(source: ByteSource, fields: np.ndarray) -> bool:
    """Say whether the last number of a file without a newline at its end may lack digits.

    A polarity cannot; a stamp is taken for whole if it is no shorter, and no less, than the one in
    the line above.
    """
    *above, last = _last_lines(source)
    if fields[-1] in {P, IGNORED} or not re.search(rb"[^\s,;]$", last) or b"#" in last:
        return False
    if fields[-1] != T:
        return True
    before = re.split(rb"[\s,;]+", above[-1].strip())[-1] if above else b""
    stamp = re.split(rb"[\s,;]+", last.strip())[-1]
    try:
        return len(stamp) < len(before) or float(stamp) < float(before or b"-inf")
    except ValueError:  # a comment, or names
        return False


def _cut_line(source: ByteSource) -> Finding:
    rest = len(_last_lines(source)[-1])
    return cut_file(source.name, len(source.data) - rest, rest, "line")


def _line_error(
    source: ByteSource, at: int, line: int, wrong: tuple[str, str], n_fields: int
) -> FormatError:
    shown = bytes(source.data[at : at + 40]).split(b"\n")[0].decode("ascii", "backslashreplace")
    return FormatError(
        f"line {line}: {wrong[0]}",
        path=source.name,
        offset=at,
        expected=wrong[1].format(n_fields),
        found=repr(shown) if shown else "the end of the line",
        hint="lines are 't x y p'; name other orders in a first line such as 'x,y,p,t', or with "
        "--reader text:columns=xypt",
    )


def _rounded(name: str, unit: str, *, lost: bool) -> Finding:
    return Finding(
        severity=Severity.WARNING if lost else Severity.INFO,
        where=name,
        message=f"stamps with a decimal point, taken as {unit}: what is finer than 1 µs is rounded",
        fix="if they are seconds, read with --reader text:unit=s",
        check="stamps-rounded",
    )


def _doubts(name: str, unit: str, first: int, last: int) -> list[Finding]:
    """Return a finding where stamps read as they look make an odd recording."""
    if unit == "s" and last - first > _DAY_US:
        days = (last - first) / _DAY_US
        message = f"stamps with a decimal point, taken as seconds, span {days:.1f} days"
        fix = "if they are µs, read with --reader text:unit=us"
    elif unit == "us" and first > _YEAR_2100_US:
        message = f"stamps taken as µs begin at {first}, beyond the year 2100"
        fix = "if they are ns, read with --reader text:unit=ns"
    else:
        return []
    return [
        Finding(severity=Severity.WARNING, where=name, message=message, fix=fix, check="time-unit")
    ]
