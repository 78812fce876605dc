"""Verify a store: every checksum, order and digest recomputed, everything wrong listed at once."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from eventstore.checks import PacketChecks
from eventstore.damage import RESTORE, Damage, damage_of, merged
from eventstore.digest import LogicalDigest
from eventstore.errors import IntegrityError, InvalidInput, MissingContent
from eventstore.events import Events
from eventstore.files_whole import WholeFiles
from eventstore.findings import Finding, Severity
from eventstore.recordings import RecordingRow
from eventstore.side_checks import check_side
from eventstore.store import EventStore
from eventstore.table_checks import check_tables, readable_rows

BLOCK_CHUNKS = 64
"""Chunks decoded at a time: half a million events."""


def check_store(store: EventStore) -> list[Finding]:
    """Check all bytes of a store and return everything that is wrong.

    Recomputes every checksum, the order of times, the index, the bounds of each recording, its
    logical digest and that of its side streams. A finding names the recording and the µs range that
    is hit, as ``recording_id#t_start-t_stop``. An empty list means the store is whole.

    Examples:
        >>> from pathlib import Path
        >>> from tempfile import mkdtemp
        >>> from eventstore.append import StoreWriter
        >>> from eventstore.events import Sensor
        >>> path = Path(mkdtemp()) / "events.zarr"
        >>> StoreWriter.create(path, Sensor(34, 34)).close()
        >>> check_store(EventStore.open(path))
        []
    """
    if store.files.remote:
        store = EventStore(WholeFiles(store.files))
    findings = check_tables(store)
    rows = readable_rows(store)
    checks = [_RecordingCheck(row) for row in rows]
    damages: list[Damage] = []
    reached = 0
    for block in _blocks(store):
        damages += block.damages
        while reached < len(rows) and rows[reached].start + rows[reached].n_events <= block.start:
            reached += 1
        for check in checks[reached:]:
            if check.row.start >= block.start + len(block.events):
                break
            check.take(block)
    for check in checks:
        findings += check.finish()
    for damage in merged(damages):
        findings += _name_hits(damage, rows, store)
    return findings + check_side(store, rows)


@dataclass(frozen=True, slots=True)
class _Block:
    """Events from row ``start`` on, and which of them could not be read."""

    start: int
    events: Events
    damages: list[Damage]


def _blocks(store: EventStore) -> Iterator[_Block]:
    layout = store.head.layout
    size, n_chunks = layout.chunk_events, layout.n_chunks(store.n_events)
    for first in range(0, n_chunks, BLOCK_CHUNKS):
        chunks = range(first, min(first + BLOCK_CHUNKS, n_chunks))
        events = Events.empty(len(chunks) * size)
        if store.sensor.modality == "audio":
            events.p[:] = 1
        damages: list[Damage] = []
        for name in store.sensor.columns:
            values = events.column(name).reshape(len(chunks), size)
            for k, out in zip(chunks, values, strict=True):
                read = partial(store.column(name).decode_into, k, out)
                damages += damage_of(read, name, *_rows_of(store, k))
        unreadable = {d.start // size for d in damages if d.column == "t"}
        for k, t in zip(chunks, events.t[::size], strict=True):
            if k not in unreadable:
                damages += _check_index(store, k, t)
        start = first * size
        yield _Block(start, events[: store.n_events - start], damages)


def _check_index(store: EventStore, k: int, t: np.int64) -> list[Damage]:
    try:
        indexed = store.first_t[k]
    except (IntegrityError, MissingContent):
        return []  # said once by check_tables
    if indexed == t:
        return []
    message = f"index/t has {indexed} µs for chunk {k}, its first event is at {t} µs"
    return [Damage("index/t", *_rows_of(store, k), message, "index")]


def _rows_of(store: EventStore, k: int) -> tuple[int, int]:
    size = store.head.layout.chunk_events
    return k * size, min((k + 1) * size, store.n_events)


@dataclass(slots=True)
class _RecordingCheck:
    """Recomputes one recording's digest, order and bounds from its blocks."""

    row: RecordingRow
    _digest: LogicalDigest = field(init=False)
    _checks: PacketChecks = field(init=False)
    _problem: str = ""
    _readable: bool = True

    def __post_init__(self) -> None:
        self._digest = LogicalDigest(self.row.sensor)
        self._checks = PacketChecks(self.row.recording_id, self.row.sensor)

    def take(self, block: _Block) -> None:
        """Check the part of the recording that lies in a block."""
        low = max(self.row.start, block.start)
        high = min(self.row.start + self.row.n_events, block.start + len(block.events))
        hurt = any(d.start < high and low < d.stop and d.check != "index" for d in block.damages)
        self._readable = self._readable and not hurt
        if not self._readable or self._problem:
            return
        part = block.events[low - block.start : high - block.start]
        try:
            self._checks.check(part)
        except InvalidInput as error:
            self._problem = error.message
        self._digest.update(part)

    def finish(self) -> list[Finding]:
        """Return what is wrong with the recording; unreadable ones are named by their damage."""
        if not self._readable:
            return []
        if self._problem:
            return [self._finding(self._problem, "order")]
        found = []
        if self._digest.digest() != self.row.digest:
            message = (
                f"logical digest is {self._digest.digest().hex()[:12]}…, "
                f"recorded {self.row.digest.hex()[:12]}…"
            )
            found.append(self._finding(message, "digest"))
        if self._checks.t_stop != self.row.t_stop:
            message = (
                f"t_stop is {self.row.t_stop} µs, the last event makes it {self._checks.t_stop}"
            )
            found.append(self._finding(message, "t-stop"))
        return found

    def _finding(self, message: str, check: str) -> Finding:
        where = f"{self.row.recording_id}#0-{self.row.t_stop}"
        return Finding(
            severity=Severity.ERROR, where=where, message=message, fix=RESTORE, check=check
        )


def _name_hits(damage: Damage, rows: list[RecordingRow], store: EventStore) -> list[Finding]:
    """Return one finding for each recording that a damage hits, with the µs range."""
    hit = [
        row
        for row in rows
        if row.n_events and row.start < damage.stop and damage.start < row.start + row.n_events
    ]
    places = [f"{r.recording_id}#{a}-{b}" for r in hit for a, b in [_time_range(damage, r, store)]]
    if not places:
        places = [f"events {damage.start}-{damage.stop}"]
    return [
        Finding(
            severity=Severity.ERROR,
            where=where,
            message=f"column {damage.column}: {damage.message}",
            fix=RESTORE,
            check=damage.check,
        )
        for where in places
    ]


def _time_range(damage: Damage, row: RecordingRow, store: EventStore) -> tuple[int, int]:
    """Return the µs range hit: exact where the times are readable, else from the index."""
    low = max(damage.start, row.start)
    high = min(damage.stop, row.start + row.n_events)
    try:
        t = np.empty(high - low, np.int64)
        store.column("t").read_into(low, t)
    except (IntegrityError, MissingContent):
        return _indexed_range(damage, row, store)
    return int(t[0]), int(t[-1]) + 1


def _indexed_range(damage: Damage, row: RecordingRow, store: EventStore) -> tuple[int, int]:
    size = store.head.layout.chunk_events
    try:
        first_t = store.first_t
    except (IntegrityError, MissingContent):
        return 0, row.t_stop
    begins_inside = damage.start >= row.start
    ends_inside = damage.stop < row.start + row.n_events
    return (
        int(first_t[damage.start // size]) if begins_inside else 0,
        int(first_t[damage.stop // size]) + 1 if ends_inside else row.t_stop,
    )
