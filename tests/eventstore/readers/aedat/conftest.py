"""An encoder of FlatBuffers that shares no line with the project's."""

import struct
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

import pytest

Flat: TypeAlias = Callable[[str, Mapping[int, Any]], bytes]


@pytest.fixture(scope="session")
def flat() -> Flat:
    """Return the encoder: name and fields by slot in, size-prefixed buffer out."""
    return encode_flat


def encode_flat(name: str, fields: Mapping[int, Any]) -> bytes:
    """Encode a root table; a field is (format, value), bytes, or a list of such tables."""
    out = bytearray(struct.pack("<I4s", 0, name.encode()))
    struct.pack_into("<I", out, 0, _table(out, fields))
    return struct.pack("<I", len(out)) + bytes(out)


def _table(out: bytearray, fields: Mapping[int, Any]) -> int:
    """Append a table, its vtable behind it, then what it points to; return where it begins."""
    at, body, places, later = len(out), bytearray(4), {}, []
    for slot, value in fields.items():
        places[slot] = len(body)
        if isinstance(value, tuple):
            body += struct.pack("<" + value[0], value[1])
        else:
            later.append((at + len(body), value))
            body += bytes(4)
    offsets = [places.get(slot, 0) for slot in range(max(places, default=-1) + 1)]
    body[:4] = struct.pack("<i", -len(body))
    out += body + struct.pack(f"<{2 + len(offsets)}H", 4 + 2 * len(offsets), len(body), *offsets)
    for where, value in later:
        out += bytes(-len(out) % 4)
        struct.pack_into("<I", out, where, len(out) - where)
        _vector(out, value)
    return at


def _vector(out: bytearray, items: bytes | Sequence[Mapping[int, Any]]) -> None:
    out += struct.pack("<I", len(items))
    start = len(out)
    if isinstance(items, bytes):
        out += items
        return
    out += bytes(4 * len(items))
    for i, fields in enumerate(items):
        where = start + 4 * i
        struct.pack_into("<I", out, where, len(out) - where)
        _table(out, fields)
