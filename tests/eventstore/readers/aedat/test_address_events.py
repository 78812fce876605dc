"""Address-event records: stamps that wrap, records that are no events, and packets of any size."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.events import Events
from eventstore.readers import ByteSource
from eventstore.readers.aedat.address_events import (
    KINDS,
    AddressBytes,
    address_extent,
    cut_record,
    iter_mapped,
    iter_records,
    others_found,
)
from eventstore.readers.aedat.address_maps import ADDRESS_MAPS

DVS128, DAVIS240 = ADDRESS_MAPS["dvs128"], ADDRESS_MAPS["davis240"]


def source_of(
    addresses: list[int], stamps: list[int], size: AddressBytes = 4, junk: bytes = b""
) -> ByteSource:
    rows = [
        a.to_bytes(size, "big") + (t % (1 << 32)).to_bytes(4, "big")
        for a, t in zip(addresses, stamps, strict=True)
    ]
    return ByteSource("a.aedat", memoryview(junk + b"".join(rows)))


def stamps_of(stamps: list[int], records: int = 100) -> list[int]:
    pieces = iter_records(source_of([0] * len(stamps), stamps), 0, 4, records)
    return [t for _, ts in pieces for t in ts.tolist()]


@given(
    first=st.integers(0, (1 << 32) - 1),
    steps=st.lists(st.integers(-(1 << 31), (1 << 31) - 1), max_size=30),
    records=st.integers(1, 7),
)
def test_stamps_go_on_through_every_wrap(first: int, steps: list[int], records: int) -> None:
    t = np.cumsum([first, *steps]).tolist()
    assert stamps_of(t, records) == t


def test_small_steps_back_at_a_wrap_stay_small() -> None:
    t = [(1 << 32) - 2, (1 << 32) + 1, (1 << 32) - 3, (1 << 32) + 5, (1 << 31) + (1 << 32)]
    assert stamps_of(t) == t


@pytest.mark.parametrize("size", [2, 4])
@pytest.mark.parametrize("records", [1, 2, 3, 100])
def test_records_of_either_size_come_in_any_pieces(size: AddressBytes, records: int) -> None:
    addresses = [1, 65535, 3, 258, 77]
    source = source_of(addresses, [5, 4, 6, 7, 7], size, junk=b"#!\n")
    pieces = list(iter_records(source, 3, size, records))
    assert all(len(a) <= records for a, _ in pieces)
    assert [n for a, _ in pieces for n in a.tolist()] == addresses
    assert [n for _, t in pieces for n in t.tolist()] == [5, 4, 6, 7, 7]


@pytest.mark.parametrize(("size", "rest"), [(2, 1), (2, 5), (4, 1), (4, 7)])
def test_a_cut_record_is_left_out_and_said(size: AddressBytes, rest: int) -> None:
    whole = source_of([1, 2], [3, 4], size)
    cut = ByteSource("a.aedat", whole.data[: len(whole.data) // 2 + rest])
    assert [a.tolist() for a, _ in iter_records(cut, 0, size)] == [[1]]
    (finding,) = cut_record(cut, 0, size)
    assert finding.message.endswith(f"{rest} bytes at {4 + size}")
    assert cut_record(whole, 0, size) == []


def decoded(addresses: list[int], name: str, coordinates: str = "image") -> list[list[int]]:
    pieces = iter_records(source_of(addresses, [0] * len(addresses)), 0, 4)
    packets = iter_mapped(pieces, ADDRESS_MAPS[name], coordinates, np.zeros(3, np.int64))  # type: ignore[arg-type]
    return [column.tolist() for column in Events.concatenate(list(packets))[:].arrays()[1:]]


def test_dvs128_counts_from_the_lower_right_and_0_is_on() -> None:
    addresses = [0, 1, 127 << 1, 127 << 8, 3 << 1 | 5 << 8 | 1]
    x, y, p = decoded(addresses, "dvs128")
    assert x == [127, 127, 0, 127, 124]
    assert y == [127, 127, 127, 0, 122]
    assert p == [1, 0, 1, 1, 0]
    assert decoded(addresses, "dvs128", "address") == [
        [0, 0, 127, 0, 3],
        [0, 0, 0, 127, 5],
        [0, 1, 0, 0, 1],
    ]


def test_davis_counts_from_the_lower_right_and_1_is_on() -> None:
    addresses = [0, 239 << 12 | 1 << 11, 179 << 22, 3 << 12 | 5 << 22 | 1 << 11 | 1 << 3]
    x, y, p = decoded(addresses, "davis240")
    assert (x, y, p) == ([239, 0, 239, 236], [179, 179, 0, 174], [0, 1, 0, 1])
    assert decoded(addresses, "davis240", "address")[0] == [0, 239, 0, 3]


def test_dvxplorer_counts_from_the_upper_left() -> None:
    x, y, p = decoded([3 << 12 | 5 << 22 | 1 << 11], "dvxplorer")
    assert (x, y, p) == ([3], [5], [1])


def test_addresses_beyond_the_sensor_are_not_brought_inside() -> None:
    x, y, _ = decoded([345 << 12 | 306 << 22], "davis346")
    assert (x, y) == ([0], [65536 - 47])


def test_records_that_are_no_events_are_counted_by_kind() -> None:
    davis = [1 << 31, 1 << 31 | 1 << 10, 1 << 31 | 3 << 10, 1 << 10, 3 << 10, 0]
    counts = np.zeros(3, np.int64)
    pieces = iter_records(source_of(davis, [0] * 6), 0, 4)
    assert [len(packet) for packet in iter_mapped(pieces, DAVIS240, "image", counts)] == [1]
    assert dict(zip(KINDS, counts.tolist(), strict=True)) == dict(
        zip(KINDS, [2, 1, 2], strict=True)
    )
    (finding,) = others_found("a.aedat", counts)
    assert finding.message.startswith("2 pixels of frames, 1 words of IMU samples, 2 events at")
    counts[:] = 0
    pieces = iter_records(source_of([1 << 15, 1 << 31, 5], [0] * 3), 0, 4)
    assert [len(packet) for packet in iter_mapped(pieces, DVS128, "image", counts)] == [1]
    assert counts.tolist() == [0, 0, 2]
    assert others_found("a.aedat", np.zeros(3, np.int64)) == []


def test_the_extent_of_addresses_leaves_other_records_out() -> None:
    addresses = [7 << 12 | 9 << 22, 1 << 31 | 500 << 12]
    pieces = iter_records(source_of(addresses, [0, 0]), 0, 4)
    assert address_extent(pieces, ADDRESS_MAPS["davis640"]) == (addresses[1], 7, 9)
    assert address_extent(iter([]), DAVIS240) == (-1, -1, -1)
