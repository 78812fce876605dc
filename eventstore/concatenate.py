"""Join stores: append all recordings of some to one, which is as before or as after."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import reduce
from pathlib import Path

from eventstore.append import StoreWriter, union
from eventstore.codecs import Tier
from eventstore.copying import Progress, copy_recordings
from eventstore.errors import AlreadyExists, InvalidInput
from eventstore.exchange import standing_place
from eventstore.files import LocalFiles
from eventstore.making import making
from eventstore.rewrite import RewriteReport
from eventstore.schema import Layout
from eventstore.store import ROOT_KEY, EventStore


def concatenate_stores(
    sources: Sequence[Path | str],
    into: Path | str,
    *,
    layout: Layout | None = None,
    tier: Tier | None = None,
    progress: Progress | None = None,
) -> RewriteReport:
    """Append all recordings of some stores to one, in order, made where it is absent.

    Args:
        sources: the stores to read.
        into: the store to append to, or to make.
        layout: how a new store is cut; as the first source where absent.
        tier: tier of a new store; that of the first source where absent.
        progress: told (done, all, events) after each recording.

    Raises:
        AlreadyExists: two of the stores have a recording of the same id; nothing was changed.
        Conflict: a writer is at work.
        InvalidInput: stores of cameras and of cochleas; layout or tier of a store that is there.
        NotFound: a source is not there.
        IntegrityError: stored bytes are damaged; nothing was changed.
        MissingContent: some of a source is not on this machine; nothing was changed.
        OSError: the disk is full or refuses; nothing was changed.

    Examples:
        >>> from tempfile import mkdtemp
        >>> from eventstore.testing import tiny_store
        >>> folder = Path(mkdtemp())
        >>> tiny_store(folder / "a.zarr", n_recordings=2).close()
        >>> concatenate_stores([folder / "a.zarr"], folder / "b.zarr").n_added
        2
    """
    into = Path(into).resolve()
    with ExitStack() as stack:
        stores = [stack.enter_context(EventStore.open(source)) for source in sources]
        check_joinable(stores)
        writer = stack.enter_context(_writing_into(into, stores, layout, tier))
        check_disjoint([(str(into), writer.recording_ids), *_ids_of(sources, stores)])
        n = sum(store.n_recordings for store in stores)
        done, events = 0, 0
        for store in stores:
            told = _counting_on(progress, done, n, events)
            copy_recordings(store, range(store.n_recordings), writer, told)
            done, events = done + store.n_recordings, events + store.n_events
    with EventStore.open(into) as store:
        return RewriteReport(
            n_recordings=store.n_recordings, n_events=store.n_events, n_added=n, digest=store.digest
        )


def plan_concatenation(sources: Sequence[Path | str], into: Path | str) -> tuple[int, int]:
    """Return how many recordings and events would be added, checking all and writing nothing.

    Raises:
        AlreadyExists: two of the stores have a recording of the same id, or something that is no
            store is in the way.
        InvalidInput: stores of cameras and of cochleas.
        NotFound: a source is not there.

    Examples:
        >>> from tempfile import mkdtemp
        >>> from eventstore.testing import tiny_store
        >>> folder = Path(mkdtemp())
        >>> tiny_store(folder / "a.zarr", n_recordings=2).close()
        >>> plan_concatenation([folder / "a.zarr"], folder / "b.zarr")[0]
        2
    """
    into = Path(into).resolve()
    with ExitStack() as stack:
        stores = [stack.enter_context(EventStore.open(source)) for source in sources]
        joined, ids = list(stores), list(_ids_of(sources, stores))
        if LocalFiles(standing_place(into)).has(ROOT_KEY):
            joined.append(stack.enter_context(EventStore.open(into)))
            ids.insert(0, (str(into), joined[-1].recordings.ids))
        elif into.exists():
            message = f"{into} is there already and is no event store"
            raise AlreadyExists(message, hint="choose another path")
        check_joinable(joined)
        check_disjoint(ids)
        return sum(s.n_recordings for s in stores), sum(s.n_events for s in stores)


def check_joinable(stores: Sequence[EventStore]) -> None:
    """Refuse stores of different senses.

    Raises:
        InvalidInput: none are given, or some are of cameras and others of cochleas.
    """
    modalities = sorted({store.sensor.modality for store in stores})
    if len(modalities) != 1:
        message = f"stores of {' and '.join(modalities) or 'nothing'} cannot be joined"
        raise InvalidInput(message, hint="name stores of one sense, at least one")


def check_disjoint(named: Iterable[tuple[str, Iterable[str]]]) -> None:
    """Refuse ids that stand in more than one place.

    Args:
        named: the name of each place, for messages, and its ids.

    Raises:
        AlreadyExists: an id stands in two places; says which and how many more.

    Examples:
        >>> check_disjoint([("a.zarr", ["r1"]), ("b.zarr", ["r2"])])
    """
    seen: dict[str, str] = {}
    twice: list[tuple[str, str, str]] = []
    for name, ids in named:
        twice += [(one, seen[one], name) for one in ids if one in seen]
        seen |= dict.fromkeys(ids, name)
    if twice:
        recording_id, one, other = twice[0]
        more = f" (and {len(twice) - 1:,} more)" if len(twice) > 1 else ""
        message = f"recording {recording_id!r}{more} is in {one} and in {other}"
        raise AlreadyExists(message, hint="remove it from one of them first")


def _ids_of(
    sources: Sequence[Path | str], stores: Sequence[EventStore]
) -> Iterator[tuple[str, list[str]]]:
    for source, store in zip(sources, stores, strict=True):
        yield str(source), store.recordings.ids


@contextmanager
def _writing_into(
    into: Path, stores: Sequence[EventStore], layout: Layout | None, tier: Tier | None
) -> Iterator[StoreWriter]:
    """Open a store to append to, or one to be made."""
    if LocalFiles(standing_place(into)).has(ROOT_KEY):
        with StoreWriter.open(into) as writer:
            if (layout or writer.layout, tier or writer.tier) != (writer.layout, writer.tier):
                message = f"{into} is there already, cut or coded otherwise"
                raise InvalidInput(message, hint="append to it as it is, and rewrite it then")
            yield writer
        return
    sensor = reduce(union, (store.sensor for store in stores))
    cut, coded = layout or stores[0].head.layout, tier or stores[0].head.tier
    with making(into, sensor, layout=cut, tier=coded) as writer:
        yield writer


def _counting_on(progress: Progress | None, done: int, n: int, events: int) -> Progress | None:
    """Return a progress that counts from ``done`` recordings on towards ``n``."""
    return None if progress is None else lambda k, _, more: progress(done + k, n, events + more)
