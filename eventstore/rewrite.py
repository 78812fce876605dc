"""Rewrite a store: cut or code it otherwise, change recordings, or remove them.

Each rewrite makes a whole new store beside the old one and puts it in its place at once (see
`eventstore.exchange`): killed at any moment, or with a full disk, the store is as before or as
after. A store opened before keeps showing the old state, or raises where it had not read yet.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from eventstore.append import StoreWriter
from eventstore.beginning import begin_with
from eventstore.changing import Change
from eventstore.codecs import Tier, codecs_of
from eventstore.copying import Progress, copy_recordings
from eventstore.errors import Conflict
from eventstore.exchange import replacing
from eventstore.making import locked
from eventstore.schema import Layout
from eventstore.store import EventStore


@dataclass(frozen=True, slots=True, kw_only=True)
class RewriteReport:
    """What a rewrite did, or would do.

    Args:
        n_recordings: recordings of the store afterwards.
        n_events: its events.
        n_linked: recordings whose files were taken over as they are, not decoded.
        n_removed: recordings removed.
        n_changed: recordings whose events or side streams were changed.
        n_added: recordings added.
        digest: logical digest of the store afterwards, in hex.
    """

    n_recordings: int
    n_events: int
    digest: str
    n_linked: int = 0
    n_removed: int = 0
    n_changed: int = 0
    n_added: int = 0


def rewrite_store(
    path: Path | str,
    *,
    layout: Layout | None = None,
    tier: Tier | None = None,
    progress: Progress | None = None,
) -> RewriteReport:
    """Cut a store into other chunks and shards, or code it for another tier.

    Every recording is decoded, and its logical digest must come out as it was.

    Args:
        path: the store's folder.
        layout: how the store shall be cut; as it is where absent.
        tier: ``"archive"`` or ``"fast"``; as it is where absent.
        progress: told (done, all, events) after each recording.

    Raises:
        NotFound: there is no store at the path, or no such tier.
        Conflict: a writer is at work.
        IntegrityError: stored bytes are damaged; nothing was changed.
        MissingContent: some of the store is not on this machine; nothing was changed.
        OSError: the disk is full or refuses; nothing was changed.

    Examples:
        >>> from tempfile import mkdtemp
        >>> from eventstore.testing import tiny_store
        >>> path = Path(mkdtemp()) / "events.zarr"
        >>> before = tiny_store(path).digest
        >>> rewrite_store(path, layout=Layout(chunk_events=1024), tier="fast").digest == before
        True
        >>> EventStore.open(path).head.tier
        'fast'
    """
    codecs_of(tier or "archive")
    with locked(path) as place, replacing(place) as new, EventStore.open(place) as store:
        head = store.head
        made = StoreWriter.create(
            new, head.sensor, layout=layout or head.layout, tier=tier or head.tier
        )
        with made as writer:
            copy_recordings(store, range(store.n_recordings), writer, progress)
    return RewriteReport(n_recordings=head.n_recordings, n_events=head.n_events, digest=head.digest)


def remove_recordings(
    path: Path | str, ids: Iterable[str], *, progress: Progress | None = None
) -> RewriteReport:
    """Remove recordings from a store, their events, ids and all that is known of them.

    What lies before the first of them is taken over as it is; what follows is encoded anew, and
    each recording's logical digest must come out as it was. Links to the old files' bytes may be
    held elsewhere: by git-annex, by snapshots of the file system, by backups.

    Args:
        path: the store's folder.
        ids: recordings to remove.
        progress: told (done, all, events) after each recording that is encoded anew.

    Raises:
        NotFound: there is no store at the path, or no such recording; nothing was changed.
        Conflict: a writer is at work.
        IntegrityError: stored bytes to be encoded anew are damaged; nothing was changed.
        MissingContent: they are not on this machine; nothing was changed.
        OSError: the disk is full or refuses; nothing was changed.

    Examples:
        >>> from tempfile import mkdtemp
        >>> from eventstore.testing import tiny_store
        >>> path = Path(mkdtemp()) / "events.zarr"
        >>> tiny_store(path, n_recordings=4).close()
        >>> remove_recordings(path, ["r002"]).n_linked
        2
        >>> EventStore.open(path).recordings.ids
        ['r000', 'r001', 'r003']
    """
    return edit_recordings(path, dict.fromkeys(ids), progress=progress)


def edit_recordings(
    path: Path | str,
    changes: Mapping[str, Change | None],
    *,
    progress: Progress | None = None,
) -> RewriteReport:
    """Change recordings of a store, or remove them, all of them at once or none.

    What lies before the first of them is taken over as it is; what follows is encoded anew. The
    logical digest of each recording that is not to be changed must come out as it was, and that of
    each other must be the one that its change is for.

    Args:
        path: the store's folder.
        changes: what is to be done to recordings, by id; None removes one.
        progress: told (done, all, events) after each recording that is encoded anew.

    Raises:
        NotFound: there is no store at the path, or no such recording; nothing was changed.
        Conflict: a writer is at work, or a recording is not the one that its change is for.
        IntegrityError: stored bytes to be encoded anew are damaged; nothing was changed.
        MissingContent: they are not on this machine; nothing was changed.
        OSError: the disk is full or refuses; nothing was changed.

    Examples:
        >>> from tempfile import mkdtemp
        >>> from eventstore.testing import tiny_store
        >>> path = Path(mkdtemp()) / "events.zarr"
        >>> with tiny_store(path, n_recordings=4) as store:
        ...     digest = store.recordings.digests[2]
        >>> early = Change(digest=digest, events=lambda packet: packet[packet.t < 50])
        >>> edit_recordings(path, {"r000": None, "r002": early}).n_changed
        1
        >>> int(EventStore.open(path).recordings.t_stop[1]) <= 50
        True
    """
    with locked(path) as place:
        with EventStore.open(place) as store:
            asked = {row: changes[store.recordings.ids[row]] for row in rows_of(store, changes)}
            _check_digests(store, asked)
        if asked:
            with replacing(place) as new, EventStore.open(place) as store:
                _write_edited(store, asked, place, new, progress)
        with EventStore.open(place) as store:
            removed = sum(change is None for change in asked.values())
            return RewriteReport(
                n_recordings=store.n_recordings,
                n_events=store.n_events,
                n_linked=min(asked, default=store.n_recordings),
                n_removed=removed,
                n_changed=len(asked) - removed,
                digest=store.digest,
            )


def rows_of(store: EventStore, ids: Iterable[str]) -> list[int]:
    """Return the rows of recordings in order, each once.

    Raises:
        NotFound: one is not in the store; names the nearest.

    Examples:
        >>> from tempfile import mkdtemp
        >>> from eventstore.testing import tiny_store
        >>> rows_of(tiny_store(Path(mkdtemp()) / "events.zarr"), ["r004", "r001", "r004"])
        [1, 4]
    """
    return sorted({store.recordings.row(name) for name in ids})


def _check_digests(store: EventStore, changes: Mapping[int, Change | None]) -> None:
    for row, change in changes.items():
        digest = store.recordings.digests[row]
        if change is not None and change.digest != digest:
            name = store.recordings.ids[row]
            message = (
                f"recording {name!r} has digest {digest.hex()[:12]}…, its change is for "
                f"{change.digest.hex()[:12]}…"
            )
            raise Conflict(message, hint="look at it again, and decide anew")


def _write_edited(
    store: EventStore,
    changes: Mapping[int, Change | None],
    path: Path,
    new: Path,
    progress: Progress | None,
) -> None:
    """Make a store with some recordings changed or gone, of the files of another before them."""
    first = min(changes)
    if first:
        begin_with(store, first, path, new)
        made = StoreWriter.open(new)
    else:
        head = store.head
        made = StoreWriter.create(new, head.sensor, layout=head.layout, tier=head.tier)
    rest = [r for r in range(first, store.n_recordings) if changes.get(r, True) is not None]
    done = {row: change for row, change in changes.items() if change is not None}
    with made as writer:
        copy_recordings(store, rest, writer, progress, changes=done)
