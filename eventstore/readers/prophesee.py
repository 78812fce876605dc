"""What the formats of Prophesee share: the text header, and what to say of odd files.

A header is lines that begin with ``% ``, up to the first that does not, or to ``% end``::

    % evt 3.0                      % format EVT3;height=720;width=1280
    % geometry 1280x720            % Width 1280
    % t0 1589163147368868          µs to add to all stamps (`faery` and spikelake write it)
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from eventstore.errors import FormatError
from eventstore.events import COORDINATE_LIMIT, Sensor
from eventstore.findings import Finding, Severity
from eventstore.readers.protocol import ByteSource

HEADER_LIMIT = 1 << 20
"""No header is longer; what looks like one is not."""

T0_LIMIT_US = 1 << 62
"""Offsets beyond this are none."""

SENSOR_OF_SYSTEM = {
    **dict.fromkeys(
        (0x15, 0x17, 0x97, 0x19, 0x99, 0x1C, 0x1D, 0x21, 0xA1, 0x22, 0xA2, 0x23, 0x28, 0x29),
        Sensor(640, 480),
    ),
    **dict.fromkeys(
        (0x1A, 0x9A, 0x1E, 0x1F, 0x20, 0x27, 0x2E, 0x30, 0x31, 0x32, 0x35, 0x3A, 0x42),
        Sensor(1280, 720),
    ),
    **dict.fromkeys((0x34, 0x36), Sensor(640, 512)),
    **dict.fromkeys((0x3B, 0x40), Sensor(320, 320)),
}
"""Geometry by the ``system_ID`` of a header, as OpenEB has it: older files state no other."""

LEGACY_SYSTEMS = range(1, 0x37)
"""Systems that send EVT 2.1 with exchanged halves, where the header states no byte order."""

_GEOMETRY = re.compile(r"(\d{1,6})\s*x\s*(\d{1,6})")


@dataclass(frozen=True, slots=True)
class Header:
    """The text header of a file.

    Args:
        fields: key → value of each line, keys in lower case.
        size: bytes up to the first byte of data.
        options: key → value of what the line ``format`` adds to the name of the encoding.
    """

    fields: Mapping[str, str]
    size: int
    options: Mapping[str, str] = field(default_factory=dict)

    @property
    def sensor(self) -> Sensor | None:
        """Geometry, where the header states it; the line ``format`` before others."""
        stated = self._geometries()
        return stated[0] if stated else None

    @property
    def encoding(self) -> str:
        """Name of the encoding in lower case: ``evt2``, ``evt21``, ``evt3``; or empty."""
        return _encoding_of_format(self.fields) or _encoding_of_version(self.fields)

    @property
    def order(self) -> str:
        """Stated byte order in lower case, or empty."""
        return (self.options.get("endianness") or self.fields.get("endianness", "")).lower()

    @property
    def system(self) -> int:
        """Number of the recording system, or 0."""
        return _number(self.fields.get("system_id", "")) or 0

    @property
    def t0_us(self) -> int:
        """What to add to all stamps."""
        value = _number(self.fields.get("t0", ""))
        return value if value is not None and abs(value) < T0_LIMIT_US else 0

    def conflicts(self, name: str, reader: str) -> list[Finding]:
        """Return findings where the header contradicts itself, or the reader of its file.

        Args:
            name: the file.
            reader: the encoding it is read as.
        """
        found = []
        encodings = {_encoding_of_format(self.fields), _encoding_of_version(self.fields), reader}
        if len(encodings - {""}) > 1:
            listed = " and ".join(sorted(encodings - {"", reader}))
            found.append(_conflict(name, f"the header says {listed}, read as {reader}"))
        geometries = sorted({f"{s.width}×{s.height}" for s in self._geometries()})
        if len(geometries) > 1:
            found.append(_conflict(name, f"the header states {' and '.join(geometries)}"))
        return found

    def _geometries(self) -> list[Sensor]:
        found = _GEOMETRY.fullmatch(self.fields.get("geometry", "").strip())
        pairs = [
            (self.options.get("width", ""), self.options.get("height", "")),
            (found[1], found[2]) if found else ("", ""),
            (self.fields.get("width", ""), self.fields.get("height", "")),
        ]
        sizes = [(_number(width) or 0, _number(height) or 0) for width, height in pairs]
        return [Sensor(w, h) for w, h in sizes if min(w, h) > 0 and max(w, h) <= COORDINATE_LIMIT]


def parse_header(data: memoryview) -> Header:
    r"""Read the header at the beginning of a file; an empty one where there is none.

    Examples:
        >>> header = parse_header(memoryview(b"% format EVT3;width=640;height=480\n\x00"))
        >>> header.encoding, header.sensor.shape, header.size
        ('evt3', (2, 480, 640), 35)
    """
    fields: dict[str, str] = {}
    options: dict[str, str] = {}
    if bytes(data[:1]) != b"%":
        return Header(fields, 0)
    head, at = bytes(data[:HEADER_LIMIT]), 0
    while head[at : at + 2] == b"% ":
        end = head.find(b"\n", at)
        if end < 0:
            break
        line = head[at + 2 : end].decode("latin-1").strip()
        if not line.replace("\t", " ").isprintable():
            break  # data that happens to begin like a line
        at = end + 1
        if line == "end":
            break
        key, _, value = line.partition(" ")
        if key.lower() == "format":
            value, *rest = value.split(";")
            pairs = (pair.partition("=") for pair in rest)
            options = {name.strip().lower(): text.strip() for name, _, text in pairs}
        fields[key.lower()] = value.strip()
    return Header(fields, at, options)


def sensor_of_system(name: str, header: Header) -> tuple[Sensor | None, list[Finding]]:
    """Return the sensor of the camera that a header names, and a finding that says so."""
    sensor = SENSOR_OF_SYSTEM.get(header.system)
    if sensor is None:
        return None, []
    message = (
        f"geometry not in file, assumed {sensor.width}×{sensor.height} "
        f"of the camera with system ID {header.system}"
    )
    finding = Finding(
        severity=Severity.INFO,
        where=name,
        message=message,
        fix="give the sensor's width and height",
        check="geometry-assumed",
    )
    return sensor, [finding]


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


def leftovers(name: str, timeless: int, others: int) -> list[Finding]:
    """Return findings about words that gave no events.

    Args:
        name: the file.
        timeless: events before the first time stamp.
        others: words that are neither events nor triggers.
    """
    findings = []
    if timeless:
        findings.append(
            Finding(
                severity=Severity.WARNING,
                where=name,
                message=f"{timeless} events before the first time stamp are left out",
                fix="nothing: they have no time; the recording began in the middle of a stream",
                check="timeless-events",
            )
        )
    if others:
        findings.append(
            Finding(
                severity=Severity.INFO,
                where=name,
                message=f"{others} words are neither events nor triggers (vendor data)",
                check="other-words",
            )
        )
    return findings


def _conflict(name: str, message: str) -> Finding:
    return Finding(
        severity=Severity.WARNING,
        where=name,
        message=message,
        fix="check the events; name the reader, or give the sensor, if they are wrong",
        check="header-conflict",
    )


def _encoding_of_format(fields: Mapping[str, str]) -> str:
    return fields.get("format", "").lower().replace(".", "")


def _encoding_of_version(fields: Mapping[str, str]) -> str:
    version = fields.get("evt", "").strip().removesuffix(".0").replace(".", "")
    return f"evt{version}" if version else ""


def _number(text: str) -> int | None:
    return int(text) if re.fullmatch(r"-?\d{1,20}", text.strip()) else None
