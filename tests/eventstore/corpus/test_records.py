"""The files of records, decoded by decoders of their own."""

from decimal import Decimal

import numpy as np

from eventstore.corpus.case import Row, rows_of
from eventstore.corpus.records import atis_cases, dat_cases, es_cases, text_cases


def test_dat_holds_its_truth() -> None:
    for case in dat_cases(np.random.default_rng(5)):
        data = case.data
        while data.startswith(b"%"):
            data = data[data.index(b"\n") + 1 :]
        words = np.frombuffer(data[2:], "<u4").reshape(-1, 2).astype(np.int64)
        wraps = np.concatenate([[0], np.cumsum(np.diff(words[:, 0]) < 0)])
        t, word = words[:, 0] + (wraps << 32), words[:, 1]
        found = np.stack([t, word & 0x3FFF, word >> 14 & 0x3FFF, word >> 28], axis=1)
        assert list(map(tuple, found.tolist())) == rows_of(case.events), case.name


def test_atis_holds_its_truth() -> None:
    for case in atis_cases(np.random.default_rng(5)):
        rows: list[Row] = []
        base = 0
        for i in range(0, len(case.data), 5):
            x, y, *rest = case.data[i : i + 5]
            if y == 240:
                base += 8192
                continue
            word = int.from_bytes(rest, "big")
            rows.append((base + (word & 0x7FFFFF), x, y, word >> 23))
        assert rows == rows_of(case.events), case.name


def test_event_stream_holds_its_truth() -> None:
    for case in es_cases(np.random.default_rng(5)):
        rows: list[Row] = []
        at, t = 20, 0
        while at < len(case.data):
            if case.data[at] == 0xFF:
                t, at = t + 127, at + 1
                continue
            t += case.data[at] >> 1
            x, y = np.frombuffer(case.data[at + 1 : at + 5], "<u2").tolist()
            rows.append((t, x, case.sensor.height - 1 - y, case.data[at] & 1))
            at += 5
        assert rows == rows_of(case.events), case.name


def test_text_holds_its_truth() -> None:
    for case in text_cases(np.random.default_rng(5)):
        rows: list[Row] = []
        for line in case.data.decode().splitlines():
            if line[0].isalpha():
                continue
            t, x, y, p = line.replace(",", " ").split()
            stamp = int(Decimal(t) * 10**6) if "." in t else int(t)
            rows.append((stamp, int(x), int(y), int(p == "1")))
        assert rows == rows_of(case.events), case.name
