"""The attributes of a group or dataset: small values with a name.

    version 1   version 1 | 1 | sizes of name, type, shape 2 2 2 | each padded to 8 | value
    version 2   version 1 | shared 1 | sizes 2 2 2 | each | value
    version 3   version 1 | shared 1 | sizes 2 2 2 | characters 1 | each | value

Only texts and numbers are read.
"""

from collections.abc import Iterator
from math import prod

import numpy as np

from eventstore.errors import FormatError
from eventstore.readers.hdf5.btree2 import iter_records
from eventstore.readers.hdf5.cursor import Cursor, Space
from eventstore.readers.hdf5.dataspaces import read_extent
from eventstore.readers.hdf5.datatypes import Sequences, read_datatype
from eventstore.readers.hdf5.heaps import open_heap, read_sequence
from eventstore.readers.hdf5.messages import ATTRIBUTE, ATTRIBUTE_INFO, DATATYPE, Message

VALUE_LIMIT = 1 << 20
"""Most bytes of a value that is read."""


def read_attributes(space: Space, messages: list[Message]) -> dict[str, np.ndarray | str]:
    """Return the attributes that are texts or numbers; others are left out.

    Raises:
        FormatError: they are damaged.
    """
    found: dict[str, np.ndarray | str] = {}
    for body in _bodies(space, messages):
        name, value = _attribute(body)
        if value is not None:
            found[name] = value
    return found


def _bodies(space: Space, messages: list[Message]) -> Iterator[Cursor]:
    for message in messages:
        if message.kind == ATTRIBUTE:
            yield message.body()
        elif message.kind == ATTRIBUTE_INFO:
            body = message.body()
            body.skip(1)
            body.skip(2 if body.uint(1) & 1 else 0)
            heap_at, names_at = body.location(), body.location()
            if space.undefined not in {heap_at, names_at}:
                heap = open_heap(space, heap_at)
                yield from (heap.find(record) for record in iter_records(space, names_at))


def _attribute(body: Cursor) -> tuple[str, np.ndarray | str | None]:
    version, flags = body.uint(1), body.uint(1)
    sizes = [body.uint(2) for _ in range(3)]
    if version not in {1, 2, 3}:
        body.fail("an unknown version of an attribute", "1, 2 or 3", str(version))
    body.skip(1 if version == 3 else 0)
    padding = 7 if version == 1 else 0
    name_at, type_at, shape_at = (body.sub((size + padding) & ~padding) for size in sizes)
    name = bytes(name_at.take(sizes[0])).split(b"\0")[0].decode("utf-8", "replace")
    try:
        kind = _datatype(type_at, shared=version > 1 and bool(flags & 1))
        return name, _value(body, kind, read_extent(shape_at).shape)
    except FormatError:  # of a type that is not read, such as references
        return name, None


def _datatype(cursor: Cursor, *, shared: bool) -> np.dtype | Sequences:
    message = Message(
        kind=DATATYPE, shared=shared, space=cursor.space, address=cursor.address, size=cursor.left
    )
    return read_datatype(message.body())


def _value(
    body: Cursor, kind: np.dtype | Sequences, shape: tuple[int, ...]
) -> np.ndarray | str | None:
    if isinstance(kind, Sequences):
        if prod(shape) != 1 or not kind.is_text:
            return None
        size, address, index = body.uint(4) * kind.base.itemsize, body.location(), body.uint(4)
        return _text(bytes(read_sequence(body.space, size, address, index)))
    n_bytes = prod(shape) * kind.itemsize
    if n_bytes > VALUE_LIMIT:
        return None
    array = np.frombuffer(body.take(n_bytes), kind).reshape(shape)
    return _text(array.tobytes()) if kind.kind == "S" and array.size == 1 else array


def _text(raw: bytes) -> str:
    return raw.split(b"\0")[0].decode("utf-8", "replace").strip()
