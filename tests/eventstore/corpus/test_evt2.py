"""The EVT2 and EVT2.1 files, decoded by decoders of their own."""

import numpy as np

from eventstore.corpus.case import Row, rows_of
from eventstore.corpus.evt2 import HEADER, HEADER_21, cases, cases_21


def decode(data: bytes) -> list[Row]:
    rows, high, wraps = [], None, 0
    for word in np.frombuffer(data[len(HEADER) :], "<u4").tolist():
        kind = word >> 28
        if kind == 8:
            wraps += high is not None and word & 0xFFFFFFF < high
            high = word & 0xFFFFFFF
        elif kind in {0, 1} and high is not None:
            t = (wraps << 34) + (high << 6) + (word >> 22 & 63)
            rows.append((t, word >> 11 & 0x7FF, word & 0x7FF, kind))
    return rows


def decode_21(data: bytes) -> list[Row]:
    rows: list[Row] = []
    high = 0
    for word in np.frombuffer(data[len(HEADER_21) :], "<u8").tolist():
        kind = word >> 60
        if kind == 8:
            high = word >> 32 & 0xFFFFFFF
            continue
        t, x, y = (high << 6) + (word >> 54 & 63), word >> 43 & 0x7FF, word >> 32 & 0x7FF
        rows += [(t, x + k, y, kind) for k in range(32) if word >> k & 1]
    return rows


def test_every_file_holds_its_truth() -> None:
    for case in cases(np.random.default_rng(5)):
        assert decode(case.data) == rows_of(case.events), case.name
    for case in cases_21(np.random.default_rng(5)):
        assert decode_21(case.data) == rows_of(case.events), case.name


def test_time_wraps_within_the_file_of_that_name() -> None:
    made = {case.name: case for case in cases(np.random.default_rng(5))}
    t = made["time-wraps"].events.t
    assert t[0] < 1 << 34 < t[-1]
