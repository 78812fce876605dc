"""The files of a store packed into one zip, read by ranges where it lies.

Members are stored, not compressed: their bytes are read in place, for the store's own codecs have
compressed them already.
"""

import io
import struct
import threading
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from eventstore.errors import FormatError, MissingContent
from eventstore.files import ByteRange, Files
from eventstore.spans import within

LOCAL_HEADER = struct.Struct("<4s5H3I2H")
"""Signature, …, length of the name, length of the extra field; APPNOTE.TXT 4.3.7."""

SIGNATURE = b"PK\x03\x04"


@dataclass(frozen=True, slots=True)
class Member:
    """Where a member of an archive is.

    Args:
        header: offset of its local header.
        size: its size in bytes.
    """

    header: int
    size: int


class ZipFiles(Files):
    """The members of a zip that holds a store.

    Args:
        files: where the archive is; local or remote.
        key: its key there.

    Raises:
        MissingContent: the archive is not there.
        FormatError: not a zip, or one with compressed or encrypted members.

    Examples:
        >>> from eventstore.files import MappedFiles
        >>> buffer = io.BytesIO()
        >>> with zipfile.ZipFile(buffer, "w") as archive:
        ...     archive.writestr("events.zarr/zarr.json", b"{}")
        >>> files = ZipFiles(MappedFiles({"a.zip": buffer.getvalue()}), "a.zip")
        >>> files.read("zarr.json"), files.where("zarr.json")
        (b'{}', 'store:a.zip:events.zarr/zarr.json')
    """

    def __init__(self, files: Files, key: str) -> None:
        self._files = files
        self._key = key
        self._members, self._folder = _members(files, key)
        self._starts: dict[str, int] = {}
        self._lock = threading.Lock()

    @property
    def remote(self) -> bool:
        """Whether the archive is remote."""
        return self._files.remote

    def read_ranges(self, ranges: Sequence[ByteRange]) -> list[memoryview]:
        """Return parts of members; of those that are new, their headers are read first.

        Raises:
            MissingContent: the archive has no such member.
            FormatError: the archive is damaged.
        """
        return self._files.read_ranges(self._spans(ranges))

    def size(self, key: str) -> int:
        """Return the size of a member in bytes.

        Raises:
            MissingContent: the archive has no such member.
        """
        return self._member(key).size

    def where(self, key: str) -> str:
        """Return ``archive.zip:member``."""
        return f"{self._files.where(self._key)}:{self._folder}{key}"

    def has(self, key: str) -> bool:
        """Say whether the archive has such a member."""
        return self._folder + key in self._members

    def forget(self, ranges: Sequence[ByteRange]) -> None:
        """Read these bytes anew next time."""
        self._files.forget(self._spans(ranges))

    def close(self) -> None:
        """Let go of the archive."""
        self._files.close()

    def _spans(self, ranges: Sequence[ByteRange]) -> list[ByteRange]:
        """Return where parts of members are in the archive."""
        self._find(key for key, _, _ in ranges)
        spans: list[ByteRange] = []
        for key, start, stop in ranges:
            first, last = within(self._member(key).size, start, stop)
            spans.append((self._key, self._starts[key] + first, self._starts[key] + last))
        return spans

    def _member(self, key: str) -> Member:
        member = self._members.get(self._folder + key)
        if member is None:
            message = f"{self.where(key)} is not there, though the store's metadata counts on it"
            raise MissingContent(message, hint="pack the store again from a whole copy")
        return member

    def _find(self, keys: Iterable[str]) -> None:
        """Find where the bytes of members begin: behind their local headers."""
        new = [key for key in dict.fromkeys(keys) if key not in self._starts]
        if not new:
            return
        headers = [self._member(key).header for key in new]
        size = LOCAL_HEADER.size
        found = self._files.read_ranges([(self._key, at, at + size) for at in headers])
        starts = {}
        for key, at, data in zip(new, headers, found, strict=True):
            if len(data) < size or data[:4] != SIGNATURE:
                message = f"no header of member {self._folder}{key}"
                where = self._files.where(self._key)
                hint = "fetch or pack the archive again"
                raise FormatError(message, path=where, offset=at, hint=hint)
            *_, name, extra = LOCAL_HEADER.unpack(data)
            starts[key] = at + size + name + extra
        with self._lock:
            self._starts |= starts


class _Window(io.RawIOBase):
    """An archive as a file that can be sought in, for the reader of its directory."""

    def __init__(self, files: Files, key: str) -> None:
        super().__init__()
        self._files = files
        self._key = key
        self._size = files.size(key)
        self._at = 0

    def seekable(self) -> bool:
        return True

    def readable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        if base + offset < 0:
            message = f"before the beginning: {base + offset}"
            raise OSError(message)
        self._at = base + offset
        return self._at

    def tell(self) -> int:
        return self._at

    def read(self, size: int = -1) -> bytes:
        stop = None if size < 0 else self._at + size
        data = bytes(self._files.read_range(self._key, self._at, stop))
        self._at += len(data)
        return data


def _members(files: Files, key: str) -> tuple[dict[str, Member], str]:
    """Return the members of an archive, and the folder in it that holds the store."""
    where = files.where(key)
    try:
        with zipfile.ZipFile(_Window(files, key)) as archive:
            found = [info for info in archive.infolist() if not info.is_dir()]
    except (zipfile.BadZipFile, struct.error, ValueError, NotImplementedError, OSError) as error:
        message = f"not a zip that can be read ({error})"
        raise FormatError(message, path=where, hint="fetch or pack the archive again") from error
    for info in found:
        if info.compress_type != zipfile.ZIP_STORED or info.flag_bits & 1:
            message = f"member {info.filename} is compressed or encrypted"
            hint = "pack the store with eventstore.pack_store, or unpack this one first"
            raise FormatError(message, path=where, offset=info.header_offset, hint=hint)
    members = {info.filename: Member(info.header_offset, info.file_size) for info in found}
    roots = [name for name in members if name.rpartition("/")[2] == "zarr.json"]
    shallowest = min(roots, key=lambda name: (name.count("/"), name), default="zarr.json")
    return members, shallowest.removesuffix("zarr.json")
