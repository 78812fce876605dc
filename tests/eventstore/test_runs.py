"""Runs of rows read together equal the rows read one by one."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eventstore import runs as module
from eventstore.errors import InvalidInput
from eventstore.events import Events
from eventstore.store import EventStore


@pytest.fixture(scope="module")
def everything(sample_store: Path) -> Events:
    store = EventStore.open(sample_store)
    return Events.concatenate([store.read(i) for i in range(store.n_recordings)])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    ends=st.lists(st.tuples(st.integers(0, 551), st.integers(0, 551)), max_size=6),
    together=st.sampled_from([1, 7, 64, 10_000]),
)
def test_any_runs_equal_slicing(
    sample_store: Path,
    everything: Events,
    monkeypatch: pytest.MonkeyPatch,
    ends: list[tuple[int, int]],
    together: int,
) -> None:
    assert len(everything) == 551
    monkeypatch.setattr(module, "FETCH_ROWS", together)
    found = EventStore.open(sample_store).read_runs([(min(run), max(run)) for run in ends])
    for events, run in zip(found, ends, strict=True):
        assert events.equals(everything[min(run) : max(run)])


def test_runs_take_two_round_trips_together(
    sample_store: Path, everything: Events, counted_files: Callable[..., Any]
) -> None:
    files = counted_files(sample_store)
    store = EventStore.open(files)
    files.take_calls()
    found = store.read_runs([(0, 3), (100, 200), (40, 41)])
    assert found[1].equals(everything[100:200])
    _places, chunks = files.take_calls()
    assert len(set(chunks)) == len(chunks)
    store.read_runs([(1, 3), (100, 150)])
    assert [len(call) for call in files.take_calls()] == [4 * 3]  # places known, ends decoded


def test_a_run_outside_the_store_is_refused_before_anything_is_read(sample_store: Path) -> None:
    store = EventStore.open(sample_store)
    with pytest.raises(InvalidInput, match="rows 5 … 4 are not in the store's 551"):
        store.read_runs([(0, 1), (5, 4)])
    assert store.read_runs([]) == []
    assert np.array_equal(store.read_runs([(3, 3)])[0].t, [])


def test_a_table_of_another_size_is_refused(sample_store: Path) -> None:
    store = EventStore.open(sample_store)
    with pytest.raises(InvalidInput, match=r"runs of \[3, 2\] events, tables of \[3, 4\]"):
        store.read_runs_into([(0, 3), (10, 12)], [Events.blank(3), Events.blank(4)])
