"""One writer at a time, by a lock the kernel drops when its holder dies."""

import fcntl
import os
from pathlib import Path

from eventstore.errors import Conflict


class WriterLock:
    """Exclusive right to write a store, held until `release` or the end of the process.

    The lock is a file ``.<name>.lock`` beside the store; one left by a killed writer is harmless.

    Args:
        path: the store's folder.

    Raises:
        Conflict: another writer holds it.
    """

    def __init__(self, path: Path) -> None:
        self._file = path.with_name(f".{path.name}.lock")
        self._handle: int | None = None
        while self._handle is None:
            self._handle = self._try(path)

    def _try(self, path: Path) -> int | None:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(self._file, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(handle)
            message = f"another writer has {path} open"
            raise Conflict(message, hint="wait until it has finished, then try again") from None
        if self._is_current(handle):
            return handle
        os.close(handle)
        return None

    def _is_current(self, handle: int) -> bool:
        """Say whether the locked file is still the one that others would lock."""
        try:
            return os.path.samestat(os.fstat(handle), self._file.stat())
        except FileNotFoundError:
            return False

    def release(self) -> None:
        """Give the right back and remove the file."""
        if self._handle is not None:
            self._file.unlink(missing_ok=True)
            fcntl.flock(self._handle, fcntl.LOCK_UN)  # for forked children hold the file open too
            os.close(self._handle)
            self._handle = None
