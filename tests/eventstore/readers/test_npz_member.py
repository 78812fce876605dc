"""Members of numpy archives: their rows and headers, and archives that lie."""

import io
import struct
import zipfile
from typing import Any

import numpy as np
import pytest

from eventstore.errors import FormatError
from eventstore.readers.npz_member import open_members
from eventstore.readers.protocol import ByteSource


def saved(*, compressed: bool = False, **arrays: Any) -> bytes:
    stream = io.BytesIO()
    (np.savez_compressed if compressed else np.savez)(stream, **arrays)
    return stream.getvalue()


def source(data: bytes) -> ByteSource:
    return ByteSource("some.npz", memoryview(data))


@pytest.mark.parametrize("compressed", [False, True])
def test_rows_and_whole_arrays(*, compressed: bool) -> None:
    t = np.arange(1000)
    table = np.asfortranarray(np.arange(40).reshape(10, 4))
    members = open_members(
        source(saved(compressed=compressed, t=t, table=table, other=1)), {"t", "table"}
    )
    assert sorted(members) == ["t", "table"]
    rows = members["t"].rows()
    for start, stop in ((0, 10), (10, 400), (5, 6), (1000, 1000)):
        assert np.array_equal(rows[start:stop], t[start:stop])
    assert np.array_equal(members["table"].whole(), table)
    assert members["table"].header.fortran


def test_other_members_are_left_alone() -> None:
    data = saved(t=[1], note=np.array([None]))
    assert sorted(open_members(source(data), {"t"})) == ["t"]


def test_a_member_that_does_not_match_its_sum_is_refused_at_its_end() -> None:
    n = 20_000
    data = bytearray(saved(t=np.arange(n)))
    data[data.index(np.arange(n).tobytes()) + 8 * 15_000] ^= 1
    rows = open_members(source(bytes(data)), {"t"})["t"].rows()
    assert np.array_equal(rows[0:10_000], np.arange(10_000))
    with pytest.raises(FormatError, match=r"some\.npz:t\.npy: damaged \(Bad CRC"):
        rows[10_000:n]


def test_a_member_of_the_wrong_size_is_refused_before_it_is_read() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        header = b"{'descr': '<i8', 'fortran_order': False, 'shape': (1000000000000,), }".ljust(117)
        archive.writestr("t.npy", b"\x93NUMPY\x01\x00v\x00" + header + b"\n" + bytes(16))
    with pytest.raises(FormatError, match="array of the wrong size; expected 8000000000000 bytes"):
        open_members(source(stream.getvalue()), {"t"})


@pytest.mark.parametrize("data", [b"", b"no zip", saved(t=[1])[:-30]])
def test_what_is_no_archive_is_refused(data: bytes) -> None:
    with pytest.raises(FormatError, match=r"some\.npz: damaged"):
        open_members(source(data), {"t"})


def test_encrypted_members_and_strange_packings_are_refused() -> None:
    data = bytearray(saved(t=[1]))
    central = data.rindex(b"PK\x01\x02")
    for at, value in ((central + 8, 1), (central + 10, 99)):
        bad = bytearray(data)
        struct.pack_into("<H", bad, at, value)
        with pytest.raises(FormatError, match="damaged"):
            open_members(source(bytes(bad)), {"t"})["t"].rows()[0:1]
