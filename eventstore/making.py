"""Hold the right to a store, or to the place where one is being made."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from eventstore.append import StoreWriter
from eventstore.codecs import Tier
from eventstore.errors import AlreadyExists, NotFound
from eventstore.events import Sensor
from eventstore.exchange import recover_exchange, replacing, standing_place
from eventstore.files import LocalFiles
from eventstore.lock import WriterLock
from eventstore.schema import Layout
from eventstore.store import ROOT_KEY


@contextmanager
def locked(path: Path | str) -> Iterator[Path]:
    """Hold the right to write a store; gives its folder with links resolved.

    Raises:
        NotFound: there is no store at the path.
        Conflict: another writer holds it.
    """
    path = Path(path).resolve()
    if not LocalFiles(standing_place(path)).has(ROOT_KEY):
        message = f"no event store at {path}"
        raise NotFound(message, hint="correct the path")
    with _lock(path):
        recover_exchange(path)
        yield path


@contextmanager
def making(path: Path, sensor: Sensor, *, layout: Layout, tier: Tier) -> Iterator[StoreWriter]:
    """Open a new store for writing that is there once it is whole, at the end of the block.

    Args:
        path: where it shall be.
        sensor: the sensor.
        layout: how it is cut.
        tier: tier of its codecs.

    Raises:
        AlreadyExists: something is there.
        Conflict: another writer is at work there.

    Examples:
        >>> from tempfile import mkdtemp
        >>> from eventstore.events import Events
        >>> from eventstore.store import EventStore
        >>> path = Path(mkdtemp()) / "events.zarr"
        >>> with making(path, Sensor(8, 8), layout=Layout(), tier="fast") as writer:
        ...     row = writer.append("a", [Events.of(t=[1], x=[2])])
        ...     path.exists()
        False
        >>> EventStore.open(path).n_events
        1
    """
    path = path.resolve()
    with _lock(path):
        if path.exists() or standing_place(path) != path:
            message = f"{path} is there already"
            raise AlreadyExists(message, hint="choose another path")
        with (
            replacing(path) as new,
            StoreWriter.create(new, sensor, layout=layout, tier=tier) as writer,
        ):
            yield writer


@contextmanager
def _lock(path: Path) -> Iterator[None]:
    lock = WriterLock(path)
    try:
        yield
    finally:
        lock.release()
