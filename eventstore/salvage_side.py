"""Get those rows of a recording's side streams out of a damaged store that can be read."""

from collections.abc import Iterator
from dataclasses import dataclass

from eventstore.digest import SideDigest
from eventstore.errors import SpikelakeError
from eventstore.side import SideTable
from eventstore.store import EventStore

STEP = {"frames": 1, "imu": 256, "triggers": 256}
"""Rows tried together: so many at most are lost beside those of a damaged chunk."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SideScan:
    """Which rows of one kind of a recording can be read.

    Args:
        kind: the kind.
        n_rows: how many rows there were; -1 where that cannot be told.
        runs: first row and row after the last of those that can, in order.
        reason: what is wrong with the first that cannot; empty where all can.
    """

    kind: str
    n_rows: int
    runs: tuple[tuple[int, int], ...]
    reason: str = ""

    @property
    def n_lost(self) -> int:
        """How many rows cannot be read, as far as it can be told."""
        return max(0, self.n_rows - sum(stop - start for start, stop in self.runs))


def scan_side(store: EventStore, row: int) -> tuple[list[SideScan], bytes]:
    """Look through the side streams of a recording for rows that can be read.

    Args:
        store: the store, damaged as it may be.
        row: which recording.

    Returns:
        What was found of each kind that it has, and the digest of what can be read.

    Examples:
        >>> from pathlib import Path
        >>> from tempfile import mkdtemp
        >>> from eventstore.sample_stores import write_samples
        >>> path = Path(mkdtemp()) / "events.zarr"
        >>> digest = write_samples(path, range(2))
        >>> store = EventStore.open(path)
        >>> scans, digest = scan_side(store, 1)
        >>> [(scan.kind, scan.n_rows, scan.n_lost) for scan in scans]
        [('frames', 2, 0), ('imu', 25, 0), ('triggers', 4, 0)]
        >>> digest == store.recordings[1].side_digest
        True
    """
    digest = SideDigest()
    found = [_scan_kind(store, row, kind, digest) for kind in store.head.side_kinds()]
    return [scan for scan in found if scan.n_rows], digest.digest()


def _scan_kind(store: EventStore, row: int, kind: str, digest: SideDigest) -> SideScan:
    side = store.side(row)
    try:
        n = side.size(kind)
    except SpikelakeError as error:
        return SideScan(kind=kind, n_rows=-1, runs=(), reason=error.message)
    runs: list[tuple[int, int]] = []
    reason = ""
    for start in range(0, n, STEP[kind]):
        stop = min(n, start + STEP[kind])
        try:
            digest.update(side.read(kind, start, stop))
        except SpikelakeError as error:
            reason = reason or error.message
            continue
        joins = bool(runs) and runs[-1][1] == start
        runs.append((runs.pop()[0] if joins else start, stop))
    return SideScan(kind=kind, n_rows=n, runs=tuple(runs), reason=reason)


def salvaged_side(
    store: EventStore, row: int, scans: list[SideScan]
) -> dict[str, Iterator[SideTable]]:
    """Read what can be read, times as the source stated them.

    Args:
        store: the store.
        row: which recording.
        scans: what was found of its side streams.

    Examples:
        >>> from pathlib import Path
        >>> from tempfile import mkdtemp
        >>> from eventstore.sample_stores import write_samples
        >>> path = Path(mkdtemp()) / "events.zarr"
        >>> digest = write_samples(path, range(2))
        >>> store = EventStore.open(path)
        >>> [len(table) for table in salvaged_side(store, 1, scan_side(store, 1)[0])["imu"]]
        [25]
    """
    return {scan.kind: _tables(store, row, scan) for scan in scans if scan.runs}


def _tables(store: EventStore, row: int, scan: SideScan) -> Iterator[SideTable]:
    origin, side = int(store.recordings.t_origin_us[row]), store.side(row)
    for start, stop in scan.runs:
        for at in range(start, stop, STEP[scan.kind]):
            yield side.read(scan.kind, at, min(stop, at + STEP[scan.kind])).shifted(origin)
