"""The AEDAT files, decoded by decoders of their own."""

import struct

import lz4.frame
import numpy as np

from eventstore.corpus.aedat import newest_cases, old_cases, packet_cases
from eventstore.corpus.case import Case, Row, rows_of


def _body(case: Case) -> bytes:
    data = case.data
    while data.startswith(b"#"):
        data = data[data.index(b"\n") + 1 :]
    return data


def test_the_old_versions_hold_their_truth() -> None:
    one, two, davis = old_cases(np.random.default_rng(5))
    for case, kind in ((one, ">HI"), (two, ">II")):
        rows = [
            (t, 127 - (a >> 1 & 127), 127 - (a >> 8 & 127), 1 - (a & 1))
            for a, t in struct.iter_unpack(kind, _body(case))
        ]
        assert rows == rows_of(case.events), case.file_name
    rows = [
        (t, 239 - (a >> 12 & 1023), 179 - (a >> 22 & 511), a >> 11 & 1)
        for a, t in struct.iter_unpack(">II", _body(davis))
        if not a >> 31
    ]
    assert rows == rows_of(davis.events)


def test_packets_hold_their_truth() -> None:
    (case,) = packet_cases(np.random.default_rng(5))
    data, at = _body(case), 0
    rows: list[Row] = []
    while at < len(data):
        kind, _, size, _, overflow, capacity, number, valid = struct.unpack_from(
            "<HHIIIIII", data, at
        )
        words = struct.iter_unpack("<Ii", data[at + 28 : at + 28 + number * size])
        if kind == 1:
            assert capacity > number > valid
            rows += [
                (overflow << 31 | t, w >> 17, w >> 2 & 0x7FFF, w >> 1 & 1)
                for w, t in words
                if w & 1
            ]
        at += 28 + number * size
    assert rows == rows_of(case.events)
    assert case.events.t[0] < 1 << 31 < case.events.t[-1]


def test_the_newest_version_holds_its_truth() -> None:
    plain, packed = newest_cases(np.random.default_rng(5))
    for case in (plain, packed):
        at = 14
        (size,) = struct.unpack_from("<I", case.data, at)
        at += 4 + size
        rows: list[Row] = []
        while at < len(case.data):
            _, size = struct.unpack_from("<iI", case.data, at)
            packet = case.data[at + 8 : at + 8 + size]
            packet = lz4.frame.decompress(packet) if case is packed else packet
            assert packet[8:12] == b"EVTS"
            (n,) = struct.unpack_from("<I", packet, 36)
            rows += [tuple(map(int, row)) for row in struct.iter_unpack("<qhh?3x", packet[40:])]  # type: ignore[misc]
            assert n == (len(packet) - 40) // 16
            at += 8 + size
        assert rows == rows_of(case.events), case.file_name
