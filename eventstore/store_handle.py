"""An open store that can be sent to another process, which opens it anew at the same state."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from eventstore.errors import Conflict
from eventstore.files import Files, LocalFiles

if TYPE_CHECKING:
    from eventstore.store import EventStore


class StoreHandle:
    """An open store, as tasks that may run elsewhere hold it.

    Args:
        store: the open store; it must stay open while tasks run in this process.

    Examples:
        >>> import pickle
        >>> from tempfile import mkdtemp
        >>> from eventstore.testing import tiny_store
        >>> handle = StoreHandle(tiny_store(Path(mkdtemp()) / "events.zarr", n_recordings=3))
        >>> pickle.loads(pickle.dumps(handle)).store.n_recordings
        3
    """

    def __init__(self, store: "EventStore") -> None:
        self.store = store

    def __reduce__(self) -> tuple[Callable[..., "StoreHandle"], tuple[object, ...]]:
        """Send the place of the store and its digest."""
        files = self.store.files
        place = files.root.absolute() if isinstance(files, LocalFiles) else files
        return _reopened, (type(self.store), place, self.store.digest)


def _reopened(opener: "type[EventStore]", place: Path | Files, digest: str) -> StoreHandle:
    store = opener.open(place)
    if store.digest != digest:
        store.close()
        message = f"the store at {place} was changed since the computation was planned"
        raise Conflict(message, hint="open it again and plan the computation anew")
    return StoreHandle(store)
