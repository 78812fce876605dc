"""Names of old, new and large groups, and links that are left out."""

from collections.abc import Callable

import h5py
import pytest

from eventstore.errors import FormatError
from eventstore.readers.hdf5.file import Group, open_hdf5
from eventstore.readers.protocol import ByteSource

Opened = Callable[..., Group]


@pytest.mark.parametrize("libver", ["earliest", "v108", "latest"])
@pytest.mark.parametrize("in_order", [False, True])
@pytest.mark.parametrize("n", [0, 1, 8, 9, 400])
def test_all_names_are_found(opened: Opened, libver: str, n: int, *, in_order: bool) -> None:
    names = [f"größe {i}" for i in range(n)]

    def fill(file: h5py.File) -> None:
        group = file.create_group("many", track_order=in_order)
        for name in names:
            group.create_group(name)

    many = opened(fill, libver=libver).group("many")
    assert many is not None
    assert sorted(many) == sorted(names)


def test_links_by_name_are_left_out(opened: Opened) -> None:
    def fill(file: h5py.File) -> None:
        file["x"] = 1
        file["again"] = file["x"]
        file["soft"] = h5py.SoftLink("/x")
        file["outside"] = h5py.ExternalLink("/etc/passwd", "/x")

    for libver in ("earliest", "latest"):
        root = opened(fill, libver=libver)
        assert sorted(root) == ["again", "x"]
        assert root.need("again").rows(0, 1).tolist() == [1]


def test_a_damaged_group_is_refused(saved: Callable[..., bytes]) -> None:
    data = saved(lambda file: file.create_group("a"), libver="earliest")
    for signature in (b"TREE", b"HEAP", b"SNOD"):
        bad = data.replace(signature, b"LEAF", 1)
        assert bad != data
        with pytest.raises(FormatError, match="is not where it should be"):
            open_hdf5(ByteSource("some.h5", memoryview(bad)))
    at = data.index(b"TREE")
    loop = bytearray(data)
    loop[at + 5] = 1  # a level above, whose child is the node itself
    loop[at + 32 : at + 40] = at.to_bytes(8, "little")
    with pytest.raises(FormatError, match=r"a tree that grows into itself|a damaged tree"):
        open_hdf5(ByteSource("some.h5", memoryview(bytes(loop))))
