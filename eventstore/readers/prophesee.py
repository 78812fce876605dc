"""What the formats of Prophesee share: the text header, and how a decoded file becomes a recording.

A header is lines that begin with ``% ``, up to the first that does not, or to ``% end``::

    % evt 3.0                      % format EVT3;height=720;width=1280
    % geometry 1280x720            % Width 1280
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from eventstore.errors import FormatError
from eventstore.events import Events, Sensor
from eventstore.findings import Finding, Severity
from eventstore.readers.geometry import assume_sensor, cut_file, no_events
from eventstore.readers.protocol import ByteSource, Recording

HEADER_LIMIT = 1 << 20
"""No header is longer; what looks like one is not."""

_GEOMETRY = re.compile(r"(\d+)\s*x\s*(\d+)")


@dataclass(frozen=True, slots=True)
class Header:
    """The text header of a file.

    Args:
        fields: key → value, keys in lower case.
        size: bytes up to the first byte of data.
    """

    fields: Mapping[str, str]
    size: int

    @property
    def sensor(self) -> Sensor | None:
        """Geometry, where the header states it."""
        found = _GEOMETRY.fullmatch(self.fields.get("geometry", "").strip())
        width = found[1] if found else self.fields.get("width", "")
        height = found[2] if found else self.fields.get("height", "")
        if width.isdigit() and height.isdigit() and int(width) and int(height):
            return Sensor(int(width), int(height))
        return None

    @property
    def encoding(self) -> str:
        """Name of the encoding in lower case: ``evt2``, ``evt2.1``, ``evt3``; or empty."""
        stated = self.fields.get("format", "").lower()
        if stated:
            return stated
        version = self.fields.get("evt", "").strip()
        return f"evt{version.removesuffix('.0')}" if version else ""


def parse_header(data: memoryview) -> Header:
    r"""Read the header at the beginning of a file; an empty one where there is none.

    Examples:
        >>> header = parse_header(memoryview(b"% format EVT3;width=640;height=480\n\x00"))
        >>> header.encoding, header.sensor.shape, header.size
        ('evt3', (2, 480, 640), 35)
    """
    fields: dict[str, str] = {}
    head, at = bytes(data[:HEADER_LIMIT]), 0
    while head[at : at + 2] == b"% ":
        end = head.find(b"\n", at)
        if end < 0:
            break
        line = head[at + 2 : end].decode("latin-1").strip()
        at = end + 1
        if line == "end":
            break
        key, _, value = line.partition(" ")
        first, *rest = value.split(";")
        fields[key.lower()] = first.strip()
        for pair in rest:
            name, _, text = pair.partition("=")
            fields[name.strip().lower()] = text.strip()
    return Header(fields, at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """What a first pass over a file found.

    Args:
        events: number of events that have a time.
        x_max: largest column, -1 without events.
        y_max: largest row.
        timeless: events before the first time stamp.
        others: words that are no events: triggers, vendor data.
    """

    events: int
    x_max: int
    y_max: int
    timeless: int = 0
    others: int = 0


def make_recording(
    source: ByteSource,
    header: Header,
    scan: Scan,
    packets: Iterator[Events],
    *,
    reader: str,
    sensor: Sensor | None,
    rest: int,
) -> Recording:
    """Put together the recording of a decoded file, with findings for all that is not an event.

    Args:
        source: the file.
        header: its header.
        scan: what a first pass found.
        packets: the events.
        reader: name of the reader.
        sensor: geometry given by the user; the header's, or an assumed one, where absent.
        rest: bytes behind the last whole word.

    """
    findings = [] if scan.events else [no_events(source.name)]
    sensor = sensor or header.sensor
    if sensor is None:
        sensor, assumed = assume_sensor(source.name, scan.x_max, scan.y_max)
        findings.append(assumed)
    findings += _leftovers(source, scan, rest)
    return Recording(
        source=source.name,
        sensor=sensor,
        reader=reader,
        zero_based=False,
        packets=packets,
        meta=dict(header.fields),
        findings=findings,
    )


def unknown_word(source: ByteSource, offset: int, found: str, expected: str) -> FormatError:
    """Return the error that a word is none of the format's."""
    message = "no word of this format"
    hint = "the file is damaged, or of another format: name its reader"
    return FormatError(
        message,
        path=source.name,
        offset=offset,
        expected=expected,
        found=found,
        hint=hint,
    )


def _leftovers(source: ByteSource, scan: Scan, rest: int) -> list[Finding]:
    findings = []
    if scan.timeless:
        findings.append(
            Finding(
                severity=Severity.WARNING,
                where=source.name,
                message=f"{scan.timeless} events before the first time stamp are left out",
                fix="nothing: they have no time; the recording began in the middle of a stream",
                check="timeless-events",
            )
        )
    if scan.others:
        findings.append(
            Finding(
                severity=Severity.INFO,
                where=source.name,
                message=f"{scan.others} words are no events (triggers, vendor data)",
                check="other-words",
            )
        )
    if rest:
        findings.append(cut_file(source.name, len(source.data) - rest, rest, "word"))
    return findings
