"""Events by blocks: the blocks change nothing."""

from collections.abc import Callable

import numpy as np
import pytest

from catalog.splits.leakage import sample_events
from catalog.splits.leakage.sample_events import count_profiles, find_rows, read_intervals
from eventstore.events import Events
from eventstore.store import EventStore

Write = Callable[[list[Events]], EventStore]


def test_profiles_do_not_depend_on_blocks(
    digits: list[Events], store_of: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = store_of(digits[:6])
    order = np.array([3, 0, 5, 0])
    start = np.array([0, 0, 100_000, 50_000])
    stop = np.array([store.recordings.t_stop[3], 50_000, 200_000, 120_000])
    rows = find_rows(store, order, start, stop)
    told: list[tuple[int, int, int]] = []
    whole = count_profiles(store, rows, progress=lambda *now: told.append(now))
    monkeypatch.setattr(sample_events, "BLOCK_EVENTS", 700)
    monkeypatch.setattr(sample_events, "GAP_EVENTS", 10)
    parts = count_profiles(store, rows)
    assert np.array_equal(whole.counts, parts.counts)
    for sample in range(4):
        assert whole.of(sample).sum() == rows.n_events[sample]
    expected = np.bincount(digits[5].t[(digits[5].t >= 100_000) & (digits[5].t < 200_000)] // 1000)
    assert np.array_equal(whole.of(2), expected[100:])
    assert told[-1] == (4, 4, rows.n_events.sum())


def test_very_long_data_get_longer_steps(
    digits: list[Events], store_of: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = store_of(digits[:2])
    rows = find_rows(store, np.arange(2), np.zeros(2, np.int64), store.recordings.t_stop)
    monkeypatch.setattr(sample_events, "MAX_STEPS", 200)
    assert count_profiles(store, rows).step_us == 4000


def test_intervals_come_in_the_order_asked(digits: list[Events], store_of: Write) -> None:
    store = store_of(digits[:3])
    which = np.array([2, 0, 2])
    got = read_intervals(store, which, np.array([0, 10, 0]), np.array([500, 9_000, 500]))
    assert got[0].equals(got[2])
    assert got[0].equals(digits[2][digits[2].t < 500])
    assert got[1].equals(digits[0][(digits[0].t >= 10) & (digits[0].t < 9_000)])
