"""What the first bytes of an answer say: the file asked for, or a page about it.

Hosts that want a click first (Google Drive, IEEE), that have a firewall (figshare) or that are gone
answer 200 with a page. A checksum would tell after gigabytes; the first bytes tell at once.
"""

from pathlib import PurePosixPath

MAGIC: dict[str, tuple[int, tuple[bytes, ...]]] = {
    ".zip": (0, (b"PK\x03\x04", b"PK\x05\x06")),
    ".gz": (0, (b"\x1f\x8b",)),
    ".tgz": (0, (b"\x1f\x8b",)),
    ".bz2": (0, (b"BZh",)),
    ".xz": (0, (b"\xfd7zXZ\x00",)),
    ".tar": (257, (b"ustar", b"\x00\x00\x00\x00\x00")),
    ".h5": (0, (b"\x89HDF\r\n\x1a\n",)),
    ".hdf5": (0, (b"\x89HDF\r\n\x1a\n",)),
    ".rar": (0, (b"Rar!\x1a\x07",)),
    ".7z": (0, (b"7z\xbc\xaf\x27\x1c",)),
    ".bag": (0, (b"#ROSBAG V",)),
    ".aedat4": (0, (b"#!AER-DAT4",)),
}
"""By suffix: where in the file, and what stands there."""

HEAD_BYTES = 512
"""Bytes that are enough for all of them."""

_PAGES = (b"<!doctype html", b"<html", b"<head", b"<script", b"<body")


def wrong_head(name: str, head: bytes) -> str:
    """Say what a file is that begins so and cannot be what its name says; empty where it can.

    Args:
        name: name of the file.
        head: its first `HEAD_BYTES`, or all of it where it is shorter.

    Examples:
        >>> wrong_head("train.zip", b"<!DOCTYPE html><title>Sign in</title>")
        'an HTML page, not the file (title: Sign in)'
        >>> wrong_head("train.zip", b"abcd")
        "not a .zip: it begins b'abcd'"
        >>> wrong_head("readme", b"abcd")
        ''
    """
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(_PAGES):
        return "an HTML page, not the file" + _title(head)
    suffix = PurePosixPath(name).suffix.lower()
    at, wanted = MAGIC.get(suffix, (0, (b"",)))
    found = head[at:]
    if not any(found.startswith(magic[: len(found)]) for magic in wanted):
        return f"not a {suffix}: it begins {head[:16]!r}"
    return ""


def _title(head: bytes) -> str:
    lower = head.lower()
    start, end = lower.find(b"<title>"), lower.find(b"</title>")
    if start < 0 or end < start:
        return ""
    return f" (title: {head[start + 7 : end].decode(errors='replace').strip()})"
