"""Files mapped into memory when first asked for, a bounded number of them at a time."""

import mmap
import os
import threading

MAPPED = 128
"""Files mapped at a time: each holds a file descriptor, of which processes may have 1,024."""


class Maps:
    """The content of files by key; the one mapped longest ago goes first where there are many.

    Examples:
        >>> from pathlib import Path
        >>> from tempfile import mkdtemp
        >>> path = Path(mkdtemp()) / "a"
        >>> _ = path.write_bytes(b"12")
        >>> maps = Maps()
        >>> maps.get("a") is None
        True
        >>> bytes(maps.add("a", os.open(path, os.O_RDONLY)))
        b'12'
    """

    def __init__(self) -> None:
        self._maps: dict[str, memoryview] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        """Return the number of files that are mapped."""
        return len(self._maps)

    def get(self, key: str) -> memoryview | None:
        """Return the content of a file that is mapped."""
        return self._maps.get(key)

    def add(self, key: str, handle: int) -> memoryview:
        """Map an open file and return its content, without reading it yet.

        Args:
            key: the name to find it by.
            handle: its descriptor, which is closed.
        """
        try:
            size = os.fstat(handle).st_size
            view = memoryview(mmap.mmap(handle, 0, access=mmap.ACCESS_READ) if size else b"")
        finally:
            os.close(handle)
        with self._lock:
            found = self._maps.setdefault(key, view)
            while len(self._maps) > MAPPED:
                del self._maps[next(iter(self._maps))]
        return found

    def clear(self) -> None:
        """Forget all files; each is unmapped when nobody looks at its bytes any more."""
        with self._lock:
            self._maps.clear()
