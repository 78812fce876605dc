from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.append import StoreWriter
from eventstore.blocks import (
    MAX_GAP,
    estimate_events,
    gather,
    plan_runs,
    read_blocks,
    sample_rows,
    store_order,
)
from eventstore.errors import IntegrityError
from eventstore.events import Events
from eventstore.selection import Selection
from eventstore.store import EventStore
from eventstore.testing import TINY_SENSOR, tiny_selection


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Selection:
    return tiny_selection(tmp_path_factory.mktemp("store") / "events.zarr")


def parts(whole: Selection, *, seed: int = 0) -> Selection:
    """Select random intervals of random recordings, some of them empty, in no order."""
    rng = np.random.default_rng(seed)
    recording = rng.integers(0, whole.store.n_recordings, 40)
    start = rng.integers(0, 15_000, 40)
    return replace(
        whole,
        recording=recording,
        t_start=start,
        t_stop=start + rng.integers(0, 10_000, 40),
        label=np.zeros(40, np.int64),
    )


def whole_or_parts(whole: Selection, seed: int) -> Selection:
    return whole if seed == 0 else parts(whole, seed=seed)


@pytest.mark.parametrize("seed", range(4))
def test_a_batch_holds_what_the_store_holds(whole: Selection, seed: int) -> None:
    selection = whole_or_parts(whole, seed)
    rng = np.random.default_rng(seed)
    samples = rng.permutation(len(selection)).astype(np.int64)[:15]
    [block] = read_blocks(selection, [samples])
    order = rng.permutation(15)
    ids = selection.take(samples[order]).sample_ids()
    batch = gather(selection, samples[order], [(block, int(i)) for i in order], ids)
    for k, i in enumerate(samples[order]):
        direct = selection.store.read_time(
            int(selection.recording[i]), int(selection.t_start[i]), int(selection.t_stop[i])
        )
        assert batch.sample(k).equals(direct)
        assert batch.ids[k] == selection.sample_ids()[i]
        assert batch.t_stop[k] == selection.t_stop[i]


@given(st.lists(st.tuples(st.integers(0, 200_000), st.integers(0, 9_000)), max_size=12))
def test_runs_cover_all_samples_and_never_overlap(rows: list[tuple[int, int]]) -> None:
    start = np.array([a for a, _ in rows], np.int64)
    stop = start + np.array([n for _, n in rows], np.int64)
    runs = plan_runs(start, stop)
    for a, b in zip(start, stop, strict=True):
        assert a == b or any(low <= a and b <= high for low, high in runs)
    assert all(b[0] - a[1] > MAX_GAP for a, b in pairwise(runs))


def test_samples_are_read_with_one_call_and_neighbours_as_one_run(
    whole: Selection, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[list[tuple[int, int]]] = []
    read = EventStore.read_runs_into

    def counted(self: EventStore, runs: Sequence[tuple[int, int]], outs: Sequence[Events]) -> None:
        calls.append(list(runs))
        read(self, runs, outs)

    monkeypatch.setattr(EventStore, "read_runs_into", counted)
    read_blocks(whole, [np.arange(5, 12, dtype=np.int64), np.array([0, 1])])
    offsets = whole.store.recordings.offsets
    assert calls == [[(int(offsets[5]), int(offsets[12])), (0, int(offsets[2]))]]


def test_what_lies_between_far_samples_is_not_kept(tmp_path: Path) -> None:
    with StoreWriter.create(tmp_path / "events.zarr", TINY_SENSOR) as writer:
        t = np.arange(50_000)
        writer.append("a", [Events.of(t=t, x=t % 8, y=t % 6, p=t % 2)])
    selection = Selection(
        store=EventStore.open(tmp_path / "events.zarr"),
        recording=np.zeros(7, np.int64),
        t_start=np.arange(7) * 7_000,
        t_stop=np.arange(7) * 7_000 + np.array([5, 0, 5, 5, 9, 5, 5]),
        label=np.zeros(7, np.int64),
        label_names=("one",),
    )
    samples = np.array([4, 0, 0, 1, 6, 2, 3, 5])
    [block] = read_blocks(selection, [samples])
    assert len(block.events) == 39
    ids = selection.take(samples).sample_ids()
    batch = gather(selection, samples, [(block, i) for i in range(8)], ids)
    for k, i in enumerate(samples.tolist()):
        expected = selection.store.read_time(0, int(selection.t_start[i]), int(selection.t_stop[i]))
        assert batch.sample(k).equals(expected)


def test_only_empty_samples(whole: Selection) -> None:
    [block] = read_blocks(whole, [np.array([1, 1], np.int64)])
    assert block.start.tolist() == block.stop.tolist()
    assert len(gather(whole, np.array([1]), [(block, 0)], ["empty"]).events) == 0


def test_store_order_follows_the_store(whole: Selection) -> None:
    selection = parts(whole)
    order = store_order(selection)
    start, _ = sample_rows(selection, order)
    recording = selection.recording[order]
    assert np.all(np.diff(recording) >= 0)
    assert all(np.all(np.diff(start[recording == r]) >= 0) for r in set(recording.tolist()))


def test_estimates_are_exact_for_whole_recordings_and_near_for_parts(whole: Selection) -> None:
    assert estimate_events(whole).sum() == whole.store.n_events
    selection = parts(whole)
    start, stop = sample_rows(selection, np.arange(len(selection)))
    exact = int((stop - start).sum())
    assert 0.8 * exact < estimate_events(selection).sum() < 1.25 * exact


def test_damage_names_the_sample(tmp_path: Path) -> None:
    selection = tiny_selection(tmp_path / "events.zarr")
    shard = next(p for p in (tmp_path / "events.zarr/events/x/c").rglob("*") if p.is_file())
    content = bytearray(shard.read_bytes())
    content[3] ^= 255
    shard.write_bytes(content)
    damaged = replace(selection, store=EventStore.open(tmp_path / "events.zarr"), reference="a@1")
    with pytest.raises(IntegrityError, match=r"while reading sample 'r002#0-\d+' of a@1"):
        read_blocks(damaged, [np.array([1]), np.array([2, 3])])
