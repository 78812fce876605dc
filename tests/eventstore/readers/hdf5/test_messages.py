"""Headers of both versions, continued elsewhere, with types that several datasets share."""

from collections.abc import Callable

import h5py
import numpy as np
import pytest

from eventstore.errors import FormatError
from eventstore.readers.hdf5.file import Group
from eventstore.readers.hdf5.messages import (
    ATTRIBUTE,
    CONTINUATION,
    DATATYPE,
    read_messages,
)
from eventstore.readers.hdf5.superblock import read_superblock
from eventstore.readers.protocol import ByteSource

Saved = Callable[..., bytes]
Opened = Callable[..., Group]


def _attributes(file: h5py.File) -> None:
    for i in range(7):
        file.attrs[f"fact {i}"] = "x" * 300


@pytest.mark.parametrize("libver", ["earliest", "v110"])
def test_a_header_goes_on_in_other_blocks(opened: Opened, libver: str) -> None:
    root = opened(_attributes, libver=libver)
    kinds = [message.kind for message in root.messages]
    assert CONTINUATION in kinds
    assert kinds.count(ATTRIBUTE) == 7


@pytest.mark.parametrize("libver", ["earliest", "latest"])
def test_a_named_type_is_followed(opened: Opened, libver: str) -> None:
    def fill(file: h5py.File) -> None:
        file["type"] = np.dtype("<u2")
        file.create_dataset("x", data=[3, 4], dtype=file["type"])

    dataset = opened(fill, libver=libver).need("x")
    assert any(message.shared for message in dataset.messages if message.kind == DATATYPE)
    assert dataset.rows(0, 2).tolist() == [3, 4]


def test_a_continuation_that_leads_to_itself_is_refused(saved: Saved) -> None:
    data = bytearray(saved(_attributes, libver="earliest"))
    source = ByteSource("some.h5", memoryview(data))
    space, root = read_superblock(source)
    found = [m for m in read_messages(space, root) if m.kind == CONTINUATION]
    block = found[0].body().location()
    # The continued block begins with a message that continues at the block itself.
    here = bytes([16, 0, 16, 0, 0, 0, 0, 0]) + block.to_bytes(8, "little")
    data[block : block + 24] = here + data[found[0].address + 8 : found[0].address + 16]
    with pytest.raises(FormatError, match="a header that goes on in itself"):
        read_messages(*read_superblock(source))


def test_bytes_that_are_no_header_are_refused(saved: Saved) -> None:
    source = ByteSource("some.h5", memoryview(saved(lambda _: None)))
    space, _ = read_superblock(source)
    with pytest.raises(FormatError, match="no object's header"):
        read_messages(space, 0)


def test_a_flipped_bit_in_a_new_header_is_seen(saved: Saved) -> None:
    data = bytearray(saved(lambda file: file.attrs.update(a=1), libver="latest"))
    _, root = read_superblock(ByteSource("some.h5", memoryview(data)))
    data[root + 12] ^= 1
    space, root = read_superblock(ByteSource("some.h5", memoryview(data)))
    with pytest.raises(FormatError, match="does not match its checksum"):
        read_messages(space, root)
