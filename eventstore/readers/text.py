"""Read events as text, one ``t x y p`` a line (``.txt``, ``.csv``), as DAVIS 240C data has it.

Fields are parted by blanks, commas or semicolons; ``#`` starts a comment; a header names the
columns where they stand in another order; a first line ``width height`` gives the geometry. Where
any stamp has a decimal point all are seconds, otherwise µs. Polarity is 0/1 or -1/1.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from eventstore.errors import FormatError
from eventstore.events import Events, Sensor
from eventstore.findings import Finding, Severity
from eventstore.readers.geometry import assume_sensor, cut_file, no_events
from eventstore.readers.options import option
from eventstore.readers.protocol import (
    ORIGIN_LIMIT_US,
    PACKET_EVENTS,
    ByteSource,
    OneRecording,
    Recording,
)
from eventstore.readers.text_head import TextHead, read_head
from eventstore.readers.text_lines import (
    BAD_COORDINATE,
    BAD_COUNT,
    BAD_NUMBER,
    BAD_POLARITY,
    BAD_TIME,
    OK,
    decode_lines,
    parse_line,
    scan_lines,
    skip_blank,
    skip_line,
)

_WRONG = {
    BAD_NUMBER: ("no number here", "digits"),
    BAD_COUNT: ("wrong number of fields", "4 fields"),
    BAD_TIME: ("time out of range", "less than 2^62 µs"),
    BAD_COORDINATE: ("bad coordinate", "an integer from 0 on, inside the sensor"),
    BAD_POLARITY: ("bad polarity", "0, 1 or -1"),
}
_HEAD_BYTES = 1 << 14
_DAY_SECONDS = 86_400
_SECONDS_LIMIT = (1 << 62) // 10**6 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class TextReader(OneRecording):
    """Reader of text events.

    Args:
        unit: of the stamps; ``"auto"`` takes those with a decimal point for seconds.
        packet_events: most events in one packet.
    """

    unit: Literal["auto", "s", "us"] = option("auto", "unit of the stamps")
    packet_events: int = PACKET_EVENTS
    name: str = "text"
    suffixes: tuple[str, ...] = (".txt", ".csv", ".tsv")
    zero_based: bool = True

    def sniff(self, source: ByteSource) -> bool:
        """Say whether the suffix fits and the first line of data is one event."""
        if source.suffix not in self.suffixes:
            return False
        top = bytes(source.data[:_HEAD_BYTES])
        try:
            head = read_head(source.name, top)
        except FormatError:
            return False
        raw = np.frombuffer(top, np.uint8)
        at, _ = skip_blank(raw, head.start, 0)
        code, _, _ = parse_line(raw, at, head.order, 0, np.zeros(4, np.int64))
        return bool(code == OK)

    def read(self, source: ByteSource, *, sensor: Sensor | None = None) -> Recording:
        """Open a recording; all lines are checked first.

        Raises:
            FormatError: a line is no event inside the sensor; names the line and the byte.
        """
        head = read_head(source.name, bytes(source.data[:_HEAD_BYTES]))
        raw = np.frombuffer(source.data, np.uint8)
        sensor = sensor or head.sensor
        limits = (sensor.width, sensor.height) if sensor else (1 << 16, 1 << 16)
        facts = scan_lines(raw, (head.start, head.lines), head.order, limits)
        code, at, line, n, x_max, y_max, pointed, t_min, t_max = facts.tolist()
        cut = code != OK and skip_line(raw, at) == len(raw)
        if code != OK and not cut:
            raise _line_error(source, at, line, code)
        in_seconds = self.unit == "s" or (self.unit == "auto" and bool(pointed))
        findings = [] if n else [no_events(source.name)]
        if cut:
            start = bytes(source.data[max(0, at - _HEAD_BYTES) : at]).rfind(b"\n") + 1
            start += max(0, at - _HEAD_BYTES)
            findings.append(cut_file(source.name, start, len(raw) - start, "line"))
        if in_seconds and n:
            findings += _check_seconds(source.name, t_min, t_max)
        if sensor is None:
            sensor, assumed = assume_sensor(source.name, x_max, y_max)
            findings.append(assumed)
        first_us = t_min * 10**6 if in_seconds else t_min
        return Recording(
            source=source.name,
            sensor=sensor,
            reader=self.name,
            zero_based=n == 0 or 0 <= first_us < ORIGIN_LIMIT_US,
            packets=self._packets(raw, head, 6 if in_seconds else 0, n),
            meta={"unit": "s" if in_seconds else "us"},
            findings=findings,
        )

    def _packets(self, raw: np.ndarray, head: TextHead, t_shift: int, n: int) -> Iterator[Events]:
        at = head.start
        for start in range(0, n, self.packet_events):
            packet = Events.empty(min(self.packet_events, n - start))
            _, at = decode_lines(raw, at, head.order, t_shift, packet.arrays())
            yield packet


READER = TextReader()


def _line_error(source: ByteSource, at: int, line: int, code: int) -> FormatError:
    wrong, expected = _WRONG[code]
    shown = bytes(source.data[at : at + 40]).split(b"\n")[0].decode("ascii", "backslashreplace")
    return FormatError(
        f"line {line}: {wrong}",
        path=source.name,
        offset=at,
        expected=expected,
        found=repr(shown) if shown else "the end of the line",
        hint="lines are 't x y p'; name other orders in a first line such as 'x,y,p,t'",
    )


def _check_seconds(name: str, first: int, last: int) -> list[Finding]:
    fix = "if they are µs, read with TextReader(unit='us')"
    if max(abs(first), abs(last)) > _SECONDS_LIMIT:
        message = "time out of range"
        found = f"{first} … {last} s"
        raise FormatError(message, path=name, expected="less than 2^62 µs", found=found, hint=fix)
    if last - first <= _DAY_SECONDS:
        return []
    days = (last - first) / _DAY_SECONDS
    message = f"stamps with a decimal point, taken as seconds, span {days:.1f} days"
    return [
        Finding(severity=Severity.WARNING, where=name, message=message, fix=fix, check="time-unit")
    ]
