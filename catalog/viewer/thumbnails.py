"""Small pictures of recordings: a slice from the middle, drawn once and kept within bounds."""

from collections import OrderedDict
from threading import Lock

from catalog.viewer.shown import ShownState
from eventstore.thumbnail import stored_thumbnail

CACHE_BYTES = 32 << 20
"""Of pictures that are kept."""


class Thumbnails:
    """Pictures by recording, the latest asked for; safe to share between threads.

    Args:
        limit: bytes of pictures that are kept.
    """

    def __init__(self, limit: int = CACHE_BYTES) -> None:
        self._limit = limit
        self._kept: OrderedDict[bytes, bytes] = OrderedDict()
        self._size = 0
        self._lock = Lock()

    @property
    def size(self) -> int:
        """Bytes of the pictures that are kept."""
        return self._size

    def of(self, state: ShownState, recording: str) -> bytes:
        """Return the picture of a recording, as PNG.

        Raises:
            NotFound: there is no such recording.
            MissingContent: its events are not on this machine.
        """
        row = state.store_row(recording)
        key = state.version.store.recordings.digests[row]
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        made = stored_thumbnail(state.version.store, row)
        with self._lock:
            if key not in self._kept:
                self._kept[key] = made
                self._size += len(made)
            while self._size > self._limit:
                self._size -= len(self._kept.popitem(last=False)[1])
        return made
