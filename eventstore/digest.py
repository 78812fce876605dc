"""Digests: of text, of files, and of the events themselves whatever their encoding."""

import hashlib
from pathlib import Path

import numpy as np

from eventstore.events import Events, Sensor
from eventstore.side import SideTable, side_columns

LOGICAL_PREFIX = b"spikelake-events-1\n"
"""Names the algorithm inside the hash, so that a changed algorithm cannot collide with it."""

SIDE_PREFIX = b"spikelake-side-1\n"
"""The same for side streams."""

NO_DIGEST = bytes(32)
"""Stands where there is nothing to digest."""


def sha256_text(text: str) -> str:
    """Return the sha256 of a text in UTF-8, in hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def sha256_file(path: Path) -> str:
    """Return the sha256 of a file's bytes, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def columns_sha256(events: Events, columns: tuple[str, ...] = ("t", "x", "y", "p")) -> str:
    """Return the sha256 over the little-endian columns one after the other, in hex.

    This is the sum that ``spikelake info`` prints: it depends on nothing but the events.
    """
    sha = hashlib.sha256()
    for name in columns:
        sha.update(_little_endian(events.column(name)))
    return sha.hexdigest()


class LogicalDigest:
    """Digest of one recording over its canonical columns; survives re-chunking and re-compression.

    Each column is hashed on its own as packets arrive, so that the order of packets matters but
    their size does not; the result hashes the sensor, the length and the column sums.

    Examples:
        >>> one, two = (LogicalDigest(Sensor(4, 4)) for _ in range(2))
        >>> e = Events.of(t=[1, 2, 3], x=[0, 1, 2], y=[3, 2, 1], p=[1, 0, 1])
        >>> one.update(e); two.update(e[:1]); two.update(e[1:])
        >>> one.digest() == two.digest()
        True
    """

    def __init__(self, sensor: Sensor) -> None:
        self._sensor = sensor
        self._length = 0
        self._sums = {name: hashlib.sha256() for name in sensor.columns}

    def update(self, events: Events) -> None:
        """Add the next packet of the recording; times count from the recording's start."""
        self._length += len(events)
        for name, column_sum in self._sums.items():
            column_sum.update(_little_endian(events.column(name)))

    def digest(self) -> bytes:
        """Return the 32 bytes of the digest."""
        sensor = self._sensor
        head = f"{sensor.modality} {sensor.width}x{sensor.height} {self._length}\n".encode()
        sha = hashlib.sha256(LOGICAL_PREFIX + head)
        for name, column_sum in self._sums.items():
            sha.update(name.encode() + b" " + column_sum.digest())
        return sha.digest()


class SideDigest:
    """Digest of the side streams of one recording; the order of kinds and packets do not matter.

    Each column but ``start``, which follows from the others, is hashed on its own as tables arrive;
    the result hashes the lengths and the column sums of the kinds in alphabetical order.

    Examples:
        >>> one = SideDigest()
        >>> one.digest() == NO_DIGEST
        True
        >>> one.update(SideTable.of("triggers", {"t": [5]}))
        >>> one.digest().hex()[:12]
        'bdb58d637e93'
    """

    def __init__(self) -> None:
        self._lengths: dict[str, int] = {}
        self._sums: dict[str, dict[str, hashlib._Hash]] = {}

    def update(self, table: SideTable) -> None:
        """Add the next table of a kind; times count from the recording's start."""
        for name, column in table.columns.items():
            self.update_column(table.kind, name, column)

    def update_column(self, kind: str, name: str, values: np.ndarray) -> None:
        """Add the next values of one column of a kind; every column needs all of its values."""
        if name == "t" and len(values):
            self._lengths[kind] = self._lengths.get(kind, 0) + len(values)
        names = [column for column in side_columns(kind) if column != "start"]
        sums = self._sums.setdefault(kind, {column: hashlib.sha256() for column in names})
        if name in sums:
            sums[name].update(_little_endian(values))

    def digest(self) -> bytes:
        """Return the 32 bytes of the digest; zeros where there are no rows."""
        if not self._lengths:
            return NO_DIGEST
        sha = hashlib.sha256(SIDE_PREFIX)
        for kind, length in sorted(self._lengths.items()):
            sha.update(f"{kind} {length}\n".encode())
            for name, column_sum in self._sums[kind].items():
                sha.update(name.encode() + b" " + column_sum.digest())
        return sha.digest()


def logical_digest(events: Events, sensor: Sensor) -> bytes:
    """Return the logical digest of a whole recording."""
    digest = LogicalDigest(sensor)
    digest.update(events)
    return digest.digest()


def _little_endian(column: np.ndarray) -> memoryview:
    contiguous = np.ascontiguousarray(column, column.dtype.newbyteorder("<"))
    return contiguous.view(np.uint8).data
