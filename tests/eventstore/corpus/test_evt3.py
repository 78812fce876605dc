"""The EVT3 files, decoded by a decoder of their own: a few lines of the format's documentation."""

import numpy as np

from eventstore.corpus.case import Row, rows_of
from eventstore.corpus.evt3 import HEADER, cases


def decode(data: bytes) -> list[Row]:
    """Decode words one after the other, by OpenEB's rules."""
    assert data.startswith(HEADER)
    rows: list[Row] = []
    high, low, wraps, y, base, polarity = None, 0, 0, None, 0, 0
    for word in np.frombuffer(data[len(HEADER) :], "<u2").tolist():
        kind, content = word >> 12, word & 0xFFF
        found: list[tuple[int, int]] = []
        if kind == 0x0:
            y = content & 0x7FF
        elif kind == 0x2:
            found = [(content & 0x7FF, content >> 11)]
        elif kind == 0x3:
            base, polarity = content & 0x7FF, content >> 11
        elif kind in {0x4, 0x5}:
            width = 12 if kind == 0x4 else 8
            found = [(base + k, polarity) for k in range(width) if content >> k & 1]
            base += width
        elif kind == 0x6:
            low = content
        elif kind == 0x8 and content != high:
            wraps += high is not None and content < high
            high, low = content, 0
        if high is not None and y is not None:
            t = (wraps << 24) + (high << 12) + low
            rows += [(t, x, y, p) for x, p in found]
    return rows


def test_every_file_holds_its_truth() -> None:
    made = list(cases(np.random.default_rng(5)))
    assert len(made) >= 9
    for case in made:
        assert decode(case.data) == rows_of(case.events), case.name


def test_the_files_hold_what_they_are_named_for() -> None:
    made = {case.name: case for case in cases(np.random.default_rng(5))}
    assert made["time-wraps"].events.t[-1] > 2 << 24
    words = np.frombuffer(made["vectors"].data[len(HEADER) :], "<u2")
    assert {4, 5} <= set((words >> 12).tolist())
    words = np.frombuffer(made["triggers-and-others"].data[len(HEADER) :], "<u2")
    assert {0x7, 0xA, 0xE, 0xF} <= set((words >> 12).tolist())
