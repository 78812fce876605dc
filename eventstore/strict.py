"""A zarr store that fails where zarr would invent zeros.

zarr-python takes a chunk file that is absent for a chunk of fill values. In an event store every
chunk is written, so an absent file is content that is not here, and reading it must say so.
"""

import asyncio
import warnings
from collections.abc import AsyncIterator, Iterable, Sequence

import zarr
from zarr.abc.store import (
    ByteRequest,
    OffsetByteRequest,
    RangeByteRequest,
    Store,
    SuffixByteRequest,
)
from zarr.core.buffer import Buffer, BufferPrototype

from eventstore.errors import ReadOnly
from eventstore.files import ByteRange, Files

NO_KEYS: tuple[str, ...] = ()

METADATA_NAMES = frozenset({"zarr.json", ".zgroup", ".zarray", ".zattrs", ".zmetadata"})


class StrictStore(Store):
    """Read-only zarr store over a store's files that raises MissingContent for absent chunks.

    Args:
        files: where the bytes are.

    Examples:
        >>> from eventstore.files import MappedFiles
        >>> StrictStore(MappedFiles({})).read_only
        True
    """

    supports_writes = False
    supports_deletes = False
    supports_listing = False

    def __init__(self, files: Files) -> None:
        super().__init__(read_only=True)
        self._files = files

    def __eq__(self, other: object) -> bool:
        """Two stores are the same when they show the same files."""
        return isinstance(other, StrictStore) and other._files is self._files

    def __hash__(self) -> int:
        """Hash by the files shown."""
        return hash(id(self._files))

    async def get(
        self, key: str, prototype: BufferPrototype, byte_range: ByteRequest | None = None
    ) -> Buffer | None:
        """Return a file's bytes; None only for metadata that a store may lack.

        Raises:
            MissingContent: the file is not on this machine.
        """
        if key.rpartition("/")[2] in METADATA_NAMES and not await self.exists(key):
            return None
        [data] = await self._read([(key, *_span(byte_range))])
        return prototype.buffer.from_bytes(bytes(data))

    async def get_partial_values(
        self, prototype: BufferPrototype, key_ranges: Iterable[tuple[str, ByteRequest | None]]
    ) -> list[Buffer | None]:
        """Return parts of several files that there are, with one call."""
        ranges = [(key, *_span(byte_range)) for key, byte_range in key_ranges]
        return [prototype.buffer.from_bytes(bytes(data)) for data in await self._read(ranges)]

    async def _read(self, ranges: Sequence[ByteRange]) -> list[memoryview]:
        """Read files; remote ones beside the event loop, which goes on with other chunks."""
        if self._files.remote:
            return await asyncio.to_thread(self._files.read_ranges, ranges)
        return self._files.read_ranges(ranges)

    async def exists(self, key: str) -> bool:
        """Say whether the store has the file, be its content here or not."""
        if self._files.remote:
            return await asyncio.to_thread(self._files.has, key)
        return self._files.has(key)

    async def set(self, key: str, value: Buffer) -> None:
        """Refuse: the store is read-only."""
        raise _read_only(key)

    async def delete(self, key: str) -> None:
        """Refuse: the store is read-only."""
        raise _read_only(key)

    async def list(self) -> AsyncIterator[str]:
        """Yield nothing: members are known from the consolidated metadata."""
        for key in NO_KEYS:
            yield key

    async def list_prefix(self, prefix: str) -> AsyncIterator[str]:
        """Yield nothing: members are known from the consolidated metadata."""
        for key in NO_KEYS:
            yield key

    async def list_dir(self, prefix: str) -> AsyncIterator[str]:
        """Yield nothing: members are known from the consolidated metadata."""
        for key in NO_KEYS:
            yield key


def open_group(files: Files) -> zarr.Group:
    """Open the root group over a strict store."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Numcodecs codecs")
        return zarr.open_group(StrictStore(files), mode="r", zarr_format=3)


def _span(request: ByteRequest | None) -> tuple[int, int | None]:
    match request:
        case RangeByteRequest(start, end):
            return start, end
        case OffsetByteRequest(offset):
            return offset, None
        case SuffixByteRequest(suffix):
            return -suffix, None
        case _:
            return 0, None


def _read_only(key: str) -> ReadOnly:
    message = f"cannot change {key}: the store is open for reading"
    return ReadOnly(message, hint="append with eventstore.append.StoreWriter")
