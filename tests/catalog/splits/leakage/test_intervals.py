"""Intervals: the same moment in two folds is found, all pairs of it."""

from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from catalog.dataset import Dataset
from catalog.labels.intervals import Label
from catalog.splits.leakage.intervals import check_intervals, find_overlaps
from catalog.splits.leakage.placed import Placed
from catalog.splits.rules import GroupRule

interval = st.tuples(st.integers(0, 2), st.integers(0, 30), st.integers(0, 10), st.integers(0, 1))


@given(st.lists(interval, max_size=25), st.integers(0, 5))
def test_all_pairs_are_listed(rows: list[tuple[int, int, int, int]], embargo: int) -> None:
    rows = sorted(rows)
    columns = np.array([(k, s, s + n, f) for k, s, n, f in rows], np.int64).reshape(-1, 4).T
    found = np.empty((len(rows) ** 2, 2), np.int64)
    n = find_overlaps(tuple(np.ascontiguousarray(c) for c in columns), embargo, found)
    expected = {
        (i, j)
        for i, (ki, si, ni, fi) in enumerate(rows)
        for j, (kj, sj, nj, fj) in enumerate(rows)
        if i < j and ki == kj and fi != fj and ni and nj and sj < si + ni + embargo
    }
    assert set(map(tuple, found[:n].tolist())) == expected


def cut_all(dataset: Dataset, spans: list[tuple[int, int, str]]) -> Placed:
    """Split intervals of one recording into these folds."""
    name = "train/cat/000"
    dataset.write_labels([Label(name, a, b, "cat") for a, b, _ in spans], "parts")
    folds = {f"{name}#{a}-{b}": fold for a, b, fold in spans}
    made = dataset.make_split("parts", GroupRule(fractions={"all": 1.0}), label_set="parts")
    placed = replace(made, fold_of=tuple(folds[s.sample_id] for s in made.samples))
    return Placed(split=placed, recordings=dataset.draft().recordings)


def test_overlaps_and_embargoes_are_told_apart(animals: Dataset) -> None:
    spans = [(0, 300, "train"), (250, 500, "test"), (510, 600, "train"), (600, 700, "train")]
    placed = cut_all(animals, spans)
    found = [(f.check, f.message) for f in check_intervals(placed, embargo_us=20).findings]
    assert [check for check, _ in found] == ["interval", "embargo", "recording"]
    assert found[0][1] == "overlap by 50 µs of recording train/cat/000"
    assert found[1][1] == "are 10 µs apart, within the embargo"
    assert [f.check for f in check_intervals(placed).findings] == ["interval", "recording"]
