"""The text header of AEDAT 1 to 3: lines that begin with ``#``, however many.

The first line names the version. jAER says what wrote the file, and dumps its preferences as XML::

    #!AER-DAT2.0
    # HardwareInterface: DAVIS240 00000000
    # AEChip: eu.seebetter.ini.chips.davis.DAVIS240C
    #                <entry key="DAVIS240C.IMU.AccelScale" value="ImuAccelScaleG2"/>
    #End Of ASCII Header                       jAER from 2013 on; AEDAT 3: #!END-HEADER

Without the last line the header ends at the first that does not begin with ``#`` or is not text:
data can begin with the same byte.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

MAGIC = b"#!AER-DAT"

FIELD_LIMIT = 4096
"""Most fields and preferences kept; jAER writes some thousand."""

LINE_LIMIT = 1 << 20
"""No line of a header is longer; what looks like one is data."""

_VERSION = re.compile(rb"#!AER-DAT(\d+\.\d+)\s*$")
_LAST = re.compile(rb"#\s*End Of ASCII Header\s*$|#!END-HEADER\s*$", re.IGNORECASE)
_BINARY = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_FIELD = re.compile(r"#\s*([A-Za-z][\w -]{0,40}):\s*(.{0,1000})")
_ENTRY = re.compile(r'#\s*<entry key="([^"]{1,200})" value="([^"]{0,1000})"/>')
_RULER = re.compile(rb"([!-/:-@])\1{7,}\r?\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class TextHeader:
    """What a header says.

    Args:
        version: ``"2.0"``; empty where no line states one.
        fields: ``# key: value`` lines.
        preferences: entries of jAER's preferences.
        size: bytes up to the first byte of data.
        ended: whether its last line says so, as newer writers do.
    """

    version: str
    fields: Mapping[str, str]
    preferences: Mapping[str, str]
    size: int
    ended: bool


def parse_header(data: memoryview) -> TextHeader:
    r"""Read the header at the beginning of a file; an empty one where there is none.

    Examples:
        >>> header = parse_header(memoryview(b"#!AER-DAT2.0\r\n# AEChip: DVS128\r\n\0\0"))
        >>> header.version, header.fields["AEChip"], header.size
        ('2.0', 'DVS128', 32)
    """
    fields: dict[str, str] = {}
    preferences: dict[str, str] = {}
    version, size, ended = "", 0, False
    for line in _iter_lines(data):
        if _BINARY.search(line):
            break
        size += len(line)
        stated = _VERSION.match(line)
        if stated and not version:
            version = stated[1].decode()
        if _LAST.match(line):
            ended = True
            break
        text = line.decode("utf-8", errors="replace").rstrip()
        for pattern, kept in ((_ENTRY, preferences), (_FIELD, fields)):
            found = pattern.match(text)
            if found and len(kept) < FIELD_LIMIT:
                kept.setdefault(found[1].strip(), found[2].strip())
    size += _ruler_bytes(data, size) if ended else _cut_bytes(data, size)
    return TextHeader(
        version=version, fields=fields, preferences=preferences, size=size, ended=ended
    )


def _iter_lines(data: memoryview) -> Iterator[bytes]:
    """Iterate over lines that begin with ``#``, with their ends, a window at a time."""
    at = 0
    while True:
        window = bytes(data[at : at + LINE_LIMIT])
        start = 0
        while window[start : start + 1] == b"#":
            stop = window.find(b"\n", start) + 1
            if not stop:
                break
            yield window[start:stop]
            start = stop
        if not start or window[start : start + 1] not in {b"#", b""} or len(window) < LINE_LIMIT:
            return
        at += start


def _cut_bytes(data: memoryview, at: int) -> int:
    """Return the bytes of an unfinished line of the header at the end of a file."""
    rest = bytes(data[at : at + LINE_LIMIT])
    cut = rest[:1] == b"#" and b"\n" not in rest and not _BINARY.search(rest)
    return len(rest) if cut and at + len(rest) == len(data) else 0


def _ruler_bytes(data: memoryview, at: int) -> int:
    """Return the bytes of a line of one repeated sign, which some files have under the header."""
    found = _RULER.match(bytes(data[at : at + 256]))
    return found.end() if found else 0
