"""A file over bytes in memory, for libraries that want one: nothing is copied but what is read."""

import io
import os


class ViewFile(io.RawIOBase):
    """A file to be read, over a view of bytes.

    Args:
        data: the bytes.

    Examples:
        >>> file = ViewFile(memoryview(b"events"))
        >>> file.seek(-2, os.SEEK_END), file.read()
        (4, b'ts')
    """

    def __init__(self, data: memoryview) -> None:
        super().__init__()
        self._data = data
        self._at = 0

    def readable(self) -> bool:
        """Yes."""
        return True

    def seekable(self) -> bool:
        """Yes."""
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to a place; return it.

        Raises:
            ValueError: it lies before the beginning.
        """
        origin = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: len(self._data)}[whence]
        if origin + offset < 0:
            message = f"no place {origin + offset} in a file"
            raise ValueError(message)
        self._at = origin + offset
        return self._at

    def tell(self) -> int:
        """Return the place."""
        return self._at

    def read(self, size: int | None = -1) -> bytes:
        """Return the next bytes, all that are left where no size is given."""
        stop = len(self._data) if size is None or size < 0 else self._at + size
        found = bytes(self._data[self._at : stop])
        self._at += len(found)
        return found
