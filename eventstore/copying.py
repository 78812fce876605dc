"""Copy recordings from one store to another, with all that is known of them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeAlias

from eventstore.append import StoreWriter
from eventstore.changing import Change, changed_packets
from eventstore.errors import IntegrityError
from eventstore.events import Events
from eventstore.recordings import RecordingRow
from eventstore.side import SideTable
from eventstore.store import ROOT_KEY, EventStore

PACKET_CHUNKS = 64
"""Chunks of a recording that are in memory at a time: half a million events."""

Progress: TypeAlias = Callable[[int, int, int], None]
"""Told (recordings done, recordings in all, events done) after each recording."""


def copy_recordings(
    store: EventStore,
    rows: Sequence[int],
    writer: StoreWriter,
    progress: Progress | None = None,
    *,
    changes: Mapping[int, Change] | None = None,
) -> None:
    """Append recordings of an open store to another, with all that is known of them.

    Args:
        store: where they are.
        rows: which ones.
        writer: where they go; the caller publishes.
        progress: told (done, all, events) after each recording.
        changes: what is to be done to some of them on the way.

    Raises:
        AlreadyExists: a recording of the same id is there.
        IntegrityError: its stored bytes are damaged, or are not what its digest says.
        MissingContent: they are not on this machine.
    """
    n_events = 0
    for done, row in enumerate(rows, 1):
        change = (changes or {}).get(row)
        if change is None:
            known = store.recordings[row]
            packets = packets_of(store, known.start, known.start + known.n_events)
            provenance = store.recordings.provenance(row)
            made = _append(writer, known, packets, provenance, side_of(store, row))
            _check_same(known, made, store)
        else:
            made = _append_changed(store, row, writer, change)
        n_events += made.n_events
        if progress is not None:
            progress(done, len(rows), n_events)


def _append_changed(
    store: EventStore, row: int, writer: StoreWriter, change: Change
) -> RecordingRow:
    known, side = store.recordings[row], store.side(row)
    packets = packets_of(store, known.start, known.start + known.n_events)
    tables = {
        kind: (change.side(table).shifted(known.t_origin_us) for table in side.tables(kind))
        for kind in side
    }
    return _append(
        writer,
        known,
        changed_packets(packets, known, change, store.files.where(ROOT_KEY)),
        change.provenance(store.recordings.provenance(row)),
        tables,
    )


def _append(
    writer: StoreWriter,
    known: RecordingRow,
    packets: Iterator[Events],
    provenance: Mapping[str, object],
    side: Mapping[str, Iterator[SideTable]],
) -> RecordingRow:
    return writer.append(
        known.recording_id,
        packets,
        t_origin_us=known.t_origin_us,
        source_sha256=known.source_sha256,
        sensor=known.sensor,
        provenance=provenance,
        side=side,
    )


def packets_of(store: EventStore, start: int, stop: int) -> Iterator[Events]:
    """Read rows of a store some chunks at a time.

    Examples:
        >>> from pathlib import Path
        >>> from tempfile import mkdtemp
        >>> from eventstore.testing import tiny_store
        >>> store = tiny_store(Path(mkdtemp()) / "events.zarr")
        >>> sum(len(packet) for packet in packets_of(store, 3, 90))
        87
    """
    step = PACKET_CHUNKS * store.head.layout.chunk_events
    at = start
    while at < stop:
        end = min(stop, at // step * step + step)  # packets end with chunks: each is decoded once
        yield store.read_rows(at, end)
        at = end


def side_of(store: EventStore, row: int) -> dict[str, Iterator[SideTable]]:
    """Read the side streams of a recording some rows at a time, times as its source stated them.

    Examples:
        >>> from pathlib import Path
        >>> from tempfile import mkdtemp
        >>> from eventstore.testing import tiny_store
        >>> side_of(tiny_store(Path(mkdtemp()) / "events.zarr"), 0)
        {}
    """
    origin, side = int(store.recordings.t_origin_us[row]), store.side(row)
    return {kind: (table.shifted(origin) for table in side.tables(kind)) for kind in side}


def _check_same(known: RecordingRow, made: RecordingRow, store: EventStore) -> None:
    """Refuse a copy that is not what was recorded of the original."""
    if (known.digest, known.side_digest) != (made.digest, made.side_digest):
        where = store.files.where(ROOT_KEY)
        message = (
            f"recording {known.recording_id!r} of {where} is not what was recorded of it: its "
            f"digest is {made.digest.hex()[:12]}…, recorded {known.digest.hex()[:12]}…"
        )
        raise IntegrityError(message, hint="get out what is whole: spikelake store salvage")
