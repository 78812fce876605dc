"""The files of a damaged store, shown as if what can be found again had never been lost."""

from collections import OrderedDict
from collections.abc import Mapping, Sequence

import numpy as np

from eventstore.axis import Axis
from eventstore.codecs import decode_chunk
from eventstore.errors import IntegrityError
from eventstore.files import ByteRange, Files
from eventstore.schema import Head
from eventstore.shard_recovery import recover_index
from eventstore.shards import ABSENT, ShardIndex, shard_parts

KEPT_SHARDS = 8
"""Mended shards kept in memory, two for each column that is read in step."""


class MendedFiles(Files):
    """Shows other files, with some replaced, and shards whose index is damaged with a new one.

    Args:
        files: the files as they are.
        head: how the store is cut.
        patches: what to show instead, by key.

    Examples:
        >>> from eventstore.events import Sensor
        >>> from eventstore.files import MappedFiles
        >>> from eventstore.schema import Layout
        >>> head = Head(sensor=Sensor(4, 4), n_events=0, n_recordings=0, digest="", layout=Layout())
        >>> files = MendedFiles(MappedFiles({"a": b"x", "b": b"y"}), head, {"a": b"better"})
        >>> files.read("a"), files.read("b")
        (b'better', b'y')
    """

    remote = False

    def __init__(self, files: Files, head: Head, patches: Mapping[str, bytes]) -> None:
        self._files = files
        self._patches = patches
        self._columns = {
            axis.key(column, 0).removesuffix("0"): (axis, column, head.length(name))
            for name, axis in head.axes().items()
            for column in axis.codecs
        }
        self._mended: OrderedDict[str, memoryview] = OrderedDict()

    def read_ranges(self, ranges: Sequence[ByteRange]) -> list[memoryview]:
        """Return parts of files.

        Raises:
            MissingContent: a file is not there.
        """
        return [self._content(key)[start:stop] for key, start, stop in ranges]

    def size(self, key: str) -> int:
        """Return the size of a file in bytes.

        Raises:
            MissingContent: the file is not there.
        """
        return len(self._content(key))

    def where(self, key: str) -> str:
        """Return what the files themselves call it."""
        return self._files.where(key)

    def has(self, key: str) -> bool:
        """Say whether there is such a file."""
        return key in self._patches or self._files.has(key)

    def close(self) -> None:
        """Let go of what is open."""
        self._mended.clear()
        self._files.close()

    def _content(self, key: str) -> memoryview:
        if key in self._patches:
            return memoryview(self._patches[key])
        prefix, _, number = key.rpartition("/")
        column = self._columns.get(f"{prefix}/")
        if column is None:
            return self._files.map(key)
        if key not in self._mended:
            self._mended[key] = _with_index(self._files.map(key), int(number), *column)
            if len(self._mended) > KEPT_SHARDS:
                self._mended.popitem(last=False)
        return self._mended[key]


def _with_index(data: memoryview, number: int, axis: Axis, column: str, n: int) -> memoryview:
    """Return a shard with a sound index: its own, or a new one over the chunks that are found."""
    try:
        ShardIndex.parse(data, axis.slots)
    except IntegrityError:
        pass
    else:
        return data
    codec = axis.codecs[column]

    def is_chunk(chunk: bytes) -> bool:
        try:
            decode_chunk(codec, chunk, np.empty(axis.chunk, codec.dtype))
        except IntegrityError:
            return False
        return True

    index = recover_index(
        data,
        min(axis.slots, axis.n_chunks(n) - number * axis.slots),
        axis.slots,
        max_bytes=2 * axis.chunk * codec.dtype.itemsize + 4096,
        is_chunk=is_chunk,
    )
    found = [
        bytes(data[offset : offset + size])
        for offset, size in zip(index.offsets, index.sizes, strict=True)
        if offset != ABSENT
    ]
    return memoryview(b"".join(shard_parts(found, axis.slots)))
