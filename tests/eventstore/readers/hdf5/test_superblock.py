"""The superblock of each version, at the beginning or behind a user's own block."""

from collections.abc import Callable

import pytest

from eventstore.errors import FormatError
from eventstore.readers.hdf5.superblock import SIGNATURE, find_signature, read_superblock
from eventstore.readers.protocol import ByteSource

Saved = Callable[..., bytes]


def source(data: bytes) -> ByteSource:
    return ByteSource("some.h5", memoryview(data))


@pytest.mark.parametrize("libver", ["earliest", "v108", "v110", "latest"])
@pytest.mark.parametrize("user_block", [0, 512, 4096])
def test_the_root_is_found(saved: Saved, libver: str, user_block: int) -> None:
    data = saved(lambda file: file.create_group("a"), libver=libver, userblock_size=user_block)
    assert find_signature(source(data)) == user_block
    space, root = read_superblock(source(data))
    assert (space.base, space.address_bytes, space.length_bytes) == (user_block, 8, 8)
    assert 0 < root < space.end


@pytest.mark.parametrize("data", [b"", b"no HDF5 at all", SIGNATURE[:-1], b"x" * 600 + SIGNATURE])
def test_what_is_no_hdf5_file_is_refused(data: bytes) -> None:
    assert find_signature(source(data)) == -1
    with pytest.raises(FormatError, match="no HDF5 signature") as e:
        read_superblock(source(data))
    assert "fetch it again" in e.value.hint


@pytest.mark.parametrize(
    ("at", "value", "said"),
    [
        (8, 4, "unknown version of the superblock; expected 0 … 3; found 4"),
        (9, 3, "bad sizes of addresses and lengths"),
        (12, 1, "does not match its checksum"),
    ],
)
def test_a_damaged_superblock_is_refused(saved: Saved, at: int, value: int, said: str) -> None:
    data = bytearray(saved(lambda _: None, libver="v110"))
    data[at] = value
    with pytest.raises(FormatError, match=said):
        read_superblock(source(bytes(data)))


def test_a_superblock_cut_anywhere_is_refused(saved: Saved) -> None:
    data = saved(lambda _: None, libver="earliest")
    for size in range(8, 72):
        with pytest.raises(FormatError, match="ends too early"):
            read_superblock(source(data[:size]))
