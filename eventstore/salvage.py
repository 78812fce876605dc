"""Get out of a damaged store what is whole, and say what is lost.

whole recordings            under their own id, their logical digest checked
the others                  each stretch that is whole becomes a recording `id#t_start-t_stop`,
                            times as before; its provenance says what it is a part of
side streams                the rows that can be read, with the recording or its first stretch
root, tables, shard indexes made good from what repeats them (see `eventstore.mended_store`)
"""

from dataclasses import replace
from pathlib import Path

from eventstore.append import StoreWriter
from eventstore.copying import Progress, packets_of
from eventstore.files import Files
from eventstore.making import making
from eventstore.salvage_plan import Part, SalvageReport, plan_salvage
from eventstore.salvage_side import salvaged_side
from eventstore.store import EventStore


def salvage_store(
    source: Path | str | Files, into: Path | str, *, progress: Progress | None = None
) -> SalvageReport:
    """Make a new store of all that is whole in a damaged one; never stops at damage.

    Args:
        source: the damaged store's folder, zip or URL, or its files; it is only read.
        into: the store to make.
        progress: told (done, all, events) after each recording of the new store.

    Returns:
        What was got out, and what is lost by recording and µs range.

    Raises:
        NotFound: nothing is at the source.
        AlreadyExists: something is where the new store shall be.
        FormatError: no event store, one of a later format version, or one of which neither the
            root nor the document of any column of events is left.
        OSError: the disk is full or refuses; no new store was made.

    Examples:
        >>> from tempfile import mkdtemp
        >>> from eventstore.testing import tiny_store
        >>> folder = Path(mkdtemp())
        >>> tiny_store(folder / "events.zarr", n_recordings=3).close()
        >>> (folder / "events.zarr" / "zarr.json").unlink()
        >>> report = salvage_store(folder / "events.zarr", folder / "whole.zarr")
        >>> report.n_whole, report.n_lost, EventStore.open(folder / "whole.zarr").recordings.ids
        (3, 0, ['r000', 'r001', 'r002'])
    """
    plan = plan_salvage(source)
    store, head = plan.store, plan.store.head
    with store, making(Path(into), head.sensor, layout=head.layout, tier=head.tier) as writer:
        for done, part in enumerate(plan.parts, 1):
            _write(store, part, writer)
            if progress is not None:
                progress(done, len(plan.parts), writer.n_events)
    return replace(plan.report, digest=writer.digest)


def _write(store: EventStore, part: Part, writer: StoreWriter) -> None:
    table, row = store.recordings, store.recordings[part.row]
    provenance = table.provenance(part.row)
    if part.salvaged:
        provenance["salvaged"] = dict(part.salvaged)
    writer.append(
        part.recording_id,
        packets_of(store, part.start, part.stop),
        t_origin_us=row.t_origin_us,
        source_sha256=row.source_sha256,
        sensor=row.sensor,
        provenance=provenance,
        side=salvaged_side(store, part.row, part.side),
    )
