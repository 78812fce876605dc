"""Random access to the members of a mapped zip, refusing what an honest archive never holds."""

import stat
import struct
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from eventstore.errors import FormatError
from eventstore.readers.protocol import ByteSource

MEMBER_LIMIT_BYTES = 1 << 30
"""A member that says it unpacks to more is refused."""

RATIO_LIMIT = 200
"""A large member that says it unpacks to more than this many times its size is a bomb."""

_RATIO_FREE_BYTES = 1 << 24
_ENCRYPTED = 0x1
_LOCAL_HEADER = struct.Struct("<4s22xHH")  # signature, …, length of name, length of extra field


@dataclass(frozen=True, slots=True)
class ZipMember:
    """Where a member's bytes lie in the archive, and what its directory entry promises."""

    name: str
    header_offset: int
    packed_bytes: int
    size: int
    crc: int
    method: int


def list_members(
    archive: Path | BinaryIO, name: str, *, limit_bytes: int = MEMBER_LIMIT_BYTES
) -> list[ZipMember]:
    """List the files in a zip.

    Args:
        archive: its path, or its bytes as a stream.
        name: what messages call it.
        limit_bytes: size that no member may unpack to more than.

    Raises:
        FormatError: the zip is damaged, or a member is unsafe: its path leaves the archive, it is a
            link, it is encrypted, or it unpacks to an absurd size.
    """
    try:
        with zipfile.ZipFile(archive) as opened:
            entries = [info for info in opened.infolist() if not info.is_dir()]
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OverflowError) as error:
        hint = "the copy is incomplete, or not of this format: fetch it again"
        message = f"not a readable zip ({error})"
        raise FormatError(message, path=name, hint=hint) from error
    members = []
    for info in entries:
        reason = _danger(info, limit_bytes)
        if reason:
            hint = "get the archive from its publisher; nothing of this one was read"
            message = f"refused: {reason}"
            raise FormatError(message, path=f"{name}:{info.filename}", hint=hint)
        members.append(
            ZipMember(
                info.filename,
                info.header_offset,
                info.compress_size,
                info.file_size,
                info.CRC,
                info.compress_type,
            )
        )
    return members


def read_member(archive: memoryview, member: ZipMember, name: str) -> ByteSource:
    """Unpack one member; a stored one is not copied.

    Args:
        archive: the whole zip.
        member: the member's place in it.
        name: what messages call it.

    Raises:
        FormatError: its bytes do not unpack to the size and checksum that the directory promises.
    """
    start = _data_start(archive, member, name)
    packed = archive[start : start + member.packed_bytes]
    if member.method == zipfile.ZIP_STORED:
        data = packed
    elif member.method == zipfile.ZIP_DEFLATED:
        data = _inflate(packed, member, name, start)
    else:
        hint = "pack it again with deflate, or unpack it and read the folder"
        message = f"zip compression method {member.method} is not read"
        raise FormatError(message, path=name, hint=hint)
    if len(data) != member.size or zlib.crc32(data) != member.crc:
        message = "member does not match its checksum"
        raise FormatError(
            message,
            path=name,
            offset=start,
            expected=f"{member.size} bytes, crc32 {member.crc:08x}",
            found=f"{len(data)} bytes, crc32 {zlib.crc32(data):08x}",
            hint="the archive is damaged: fetch it again",
        )
    return ByteSource(name, data)


def _inflate(packed: memoryview, member: ZipMember, name: str, start: int) -> memoryview:
    try:
        # One byte more than promised is enough to see a member that lies about its size.
        return memoryview(zlib.decompressobj(-zlib.MAX_WBITS).decompress(packed, member.size + 1))
    except zlib.error as error:
        hint = "the archive is damaged: fetch it again"
        message = f"not deflate data ({error})"
        raise FormatError(message, path=name, offset=start, hint=hint) from error


def _data_start(archive: memoryview, member: ZipMember, name: str) -> int:
    header = archive[member.header_offset : member.header_offset + _LOCAL_HEADER.size]
    if len(header) == _LOCAL_HEADER.size:
        signature, name_bytes, extra_bytes = _LOCAL_HEADER.unpack(header)
        if signature == b"PK\x03\x04":
            return int(member.header_offset + _LOCAL_HEADER.size + name_bytes + extra_bytes)
    message = "no member starts here"
    raise FormatError(
        message,
        path=name,
        offset=member.header_offset,
        expected="PK\\x03\\x04",
        found=repr(bytes(header[:4])),
        hint="the archive is damaged: fetch it again",
    )


def _danger(info: zipfile.ZipInfo, limit_bytes: int) -> str:
    path = PurePosixPath(info.orig_filename.replace("\\", "/"))
    drive = path.parts[0].endswith(":") if path.parts else True
    if path.is_absolute() or drive or ".." in path.parts or "\0" in info.orig_filename:
        return "its path leaves the archive"
    if stat.S_ISLNK(info.external_attr >> 16):
        return "it is a link"
    if info.flag_bits & _ENCRYPTED:
        return "it is encrypted"
    if info.file_size > limit_bytes:
        return f"it unpacks to {info.file_size} bytes, more than {limit_bytes}"
    if info.file_size > max(_RATIO_FREE_BYTES, RATIO_LIMIT * info.compress_size):
        return f"it unpacks {info.compress_size} bytes to {info.file_size}"
    return ""
