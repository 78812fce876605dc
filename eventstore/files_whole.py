"""Remote files fetched whole, for what reads all of a store from end to end."""

import threading
from collections import OrderedDict
from collections.abc import Sequence

from eventstore.files import ByteRange, Files

KEPT = 8
"""Files kept in memory: two for each column that is read in step, at most 32 MiB each."""


class WholeFiles(Files):
    """Files that are remote, shown as if they were near: each is fetched whole at its first use.

    Args:
        files: the remote files.

    Examples:
        >>> from eventstore.files import MappedFiles
        >>> files = WholeFiles(MappedFiles({"a": b"0123"}))
        >>> files.remote, bytes(files.read_range("a", 1, 3))
        (False, b'12')
    """

    remote = False

    def __init__(self, files: Files) -> None:
        self._files = files
        self._whole: OrderedDict[str, memoryview] = OrderedDict()
        self._lock = threading.Lock()

    def read_ranges(self, ranges: Sequence[ByteRange]) -> list[memoryview]:
        """Return parts of files; the files that are new in one round trip.

        Raises:
            MissingContent: a file is not there.
            Unreachable: the server does not answer, breaks off each time, or refuses.
        """
        keys = dict.fromkeys(key for key, _, _ in ranges)
        with self._lock:
            whole = {key: self._whole[key] for key in keys if key in self._whole}
        new = [key for key in keys if key not in whole]
        whole |= zip(new, self._files.read_ranges([(key, 0, None) for key in new]), strict=True)
        with self._lock:
            for key in keys:
                self._whole[key] = whole[key]
                self._whole.move_to_end(key)
            while len(self._whole) > KEPT:
                self._whole.popitem(last=False)
        return [whole[key][start:stop] for key, start, stop in ranges]

    def size(self, key: str) -> int:
        """Return the size of a file in bytes.

        Raises:
            MissingContent: the file is not there.
        """
        return self._files.size(key)

    def where(self, key: str) -> str:
        """Return what the remote files call it."""
        return self._files.where(key)

    def has(self, key: str) -> bool:
        """Say whether there is such a file."""
        return self._files.has(key)

    def close(self) -> None:
        """Let go of the remote files."""
        self._whole.clear()
        self._files.close()
