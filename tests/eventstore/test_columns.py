"""The direct reader of one column equals numpy slicing, from any thread."""

import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.append import StoreWriter
from eventstore.codecs import Tier
from eventstore.columns import CACHED_CHUNKS, ColumnReader, fetch_chunks
from eventstore.errors import IntegrityError
from eventstore.events import Sensor
from eventstore.files import LocalFiles
from eventstore.schema import Layout
from eventstore.store import EventStore

SENSOR = Sensor(34, 20)


@pytest.fixture(scope="module")
def store(sample_store: Path) -> EventStore:
    return EventStore.open(sample_store)


@pytest.fixture(scope="module")
def t(store: EventStore) -> np.ndarray:
    return store.read_rows(0, store.n_events).t


def ranges(n: int) -> st.SearchStrategy[tuple[int, int]]:
    pair = st.tuples(st.integers(0, n), st.integers(0, n))
    return pair.map(lambda ab: (min(ab), max(ab)))


@given(data=st.data())
def test_any_range_equals_slicing(store: EventStore, t: np.ndarray, data: st.DataObject) -> None:
    start, stop = data.draw(ranges(store.n_events))
    out = np.empty(stop - start, np.int64)
    store.column("t").read_into(start, out)
    assert np.array_equal(out, t[start:stop])


def test_neighbouring_reads_decode_a_chunk_once_and_the_first_one_twice(
    store: EventStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = ColumnReader(store.files, "x", axis=store.head.axis("events"), n=store.n_events)
    decoded: list[int] = []
    decode = reader.decode_into

    def counting(k: int, out: np.ndarray, data: memoryview | None = None) -> None:
        decoded.append(k)
        decode(k, out, data)

    monkeypatch.setattr(reader, "decode_into", counting)
    for start in range(0, 48, 3):
        reader.read_into(start, np.empty(3, np.uint16))
    assert decoded == [0, 0, 1, 2]


@pytest.mark.parametrize("tier", ["archive", "fast"])
def test_scattered_reads_decode_no_more_than_they_take(
    tmp_path: Path, tier: Tier, make_events: Any
) -> None:
    events = make_events(9_000)
    layout = Layout(chunk_events=1024, shard_events=4096)
    with StoreWriter.create(tmp_path / "a.zarr", SENSOR, layout=layout, tier=tier) as writer:
        writer.append("a", [events])
    store = EventStore.open(tmp_path / "a.zarr")
    rng = np.random.default_rng(0)
    for start in rng.integers(0, 8_000, 60).tolist():
        stop = start + int(rng.integers(0, 1_000))
        assert store.read_rows(start, stop).equals(events[start:stop])
    store.read_rows(5_000, 5_300)
    store.read_rows(1_030, 1_100)
    lengths = {name: len(store.column(name)._decoded[1]) for name in "txp"}
    part = 76 if tier == "archive" else 1024
    assert lengths == {"t": part, "x": part, "p": 1024}


def test_the_cache_stays_small(store: EventStore) -> None:
    reader = ColumnReader(store.files, "x", axis=store.head.axis("events"), n=store.n_events)
    for k in range(store.n_events // 16):
        assert not reader.chunk(k).flags.writeable
    assert len(reader._decoded) == CACHED_CHUNKS


def test_threads_share_a_reader(sample_store: Path, t: np.ndarray) -> None:
    head = EventStore.open(sample_store).head
    reader = ColumnReader(LocalFiles(sample_store), "t", axis=head.axis("events"), n=head.n_events)

    def read(seed: int) -> bool:
        rng = np.random.default_rng(seed)
        for _ in range(100):
            start, stop = np.sort(rng.integers(0, len(t), 2))
            out = np.empty(stop - start, np.int64)
            reader.read_into(int(start), out)
            if not np.array_equal(out, t[start:stop]):
                return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(read, range(16)))


def test_all_columns_are_fetched_together(
    sample_store: Path, t: np.ndarray, counted_files: Callable[..., Any]
) -> None:
    files = counted_files(sample_store)
    head = EventStore.open(sample_store).head
    readers = [
        ColumnReader(files, name, axis=head.axis("events"), n=head.n_events) for name in "tx"
    ]
    wanted = [(reader, reader.undecoded(20, 70)) for reader in readers]
    assert [chunks for _, chunks in wanted] == [[1, 2, 3, 4]] * 2
    of_t, of_x = fetch_chunks(files, wanted)
    places, chunks = files.take_calls()
    # Chunks 1, 2, 3 of the first shard and 0 of the second: of their indexes only these entries.
    assert places == [
        (f"events/{name}/c/{shard}", start, stop)
        for name in "tx"
        for shard, start, stop in ((0, -68 + 16, -68 + 64), (1, -68, -68 + 16))
    ]
    assert [key for key, _, _ in chunks] == [
        f"events/{name}/c/{shard}" for name in "tx" for shard in (0, 0, 0, 1)
    ]
    out = np.empty(50, np.int64)
    readers[0].read_into(20, out, of_t)
    assert np.array_equal(out, t[20:70])
    assert sorted(of_x) == [1, 2, 3, 4]
    assert readers[0].undecoded(20, 70) == [2, 3]  # those at the ends are kept
    assert not files.take_calls()
    fetch_chunks(files, [(readers[1], [2])])
    assert len(files.take_calls()) == 1  # its place is known by now


def test_the_last_shard_may_grow_meanwhile(tmp_path: Path, small: Any, make_events: Any) -> None:
    path = tmp_path / "events.zarr"
    with StoreWriter.create(path, SENSOR, layout=small) as writer:
        writer.append("a", [make_events(40)])
    before = EventStore.open(path)
    first = before.read("a")
    with StoreWriter.open(path) as writer:
        writer.append("b", [make_events(23, 1)])
    for name, reader in before._columns.items():
        before.files._maps.clear()  # type: ignore[attr-defined]
        reader._decoded.clear()
        out = np.empty(40, reader.dtype)
        reader.read_into(0, out)
        assert np.array_equal(out, first.column(name))


def test_a_remote_index_that_is_damaged_or_cut_is_named(
    sample_store: Path, tmp_path: Path, counted_files: Callable[..., Any]
) -> None:
    path = tmp_path / "events.zarr"
    shutil.copytree(sample_store, path)
    shard = path / "events" / "y" / "c" / "0"
    whole = shard.read_bytes()
    entry = len(whole) - 68 + 16
    for damaged in (
        whole[:entry] + b"\x01" + whole[entry + 1 :],  # another offset
        whole[: entry + 12] + b"\x01" + whole[entry + 13 :],  # a huge size
        whole[:entry] + b"\xff" * 16 + whole[entry + 16 :],  # no such chunk
        whole[:30],
        b"",
    ):
        shard.write_bytes(damaged)
        store = EventStore.open(counted_files(path))
        with pytest.raises(IntegrityError, match=r"events/y/c/0 at byte \d+ is damaged: .*hit"):
            store.read_rows(16, 17)
        assert len(store.read_rows(64, 70)) == 6


def test_a_run_of_a_remote_column_fetches_its_chunks_and_no_whole_shard(
    sample_store: Path, t: np.ndarray, counted_files: Callable[..., Any]
) -> None:
    files = counted_files(sample_store)
    head = EventStore.open(sample_store).head
    reader = ColumnReader(files, "t", axis=head.axis("events"), n=head.n_events)
    size = reader.chunk_rows
    files.take_calls()
    out = np.empty(5 * size + 2, np.int64)
    reader.read_into(size - 1, out)
    assert np.array_equal(out, t[size - 1 : 6 * size + 1])
    asked = [part for call in files.take_calls() for part in call]
    assert asked
    assert all(stop is not None for _, _, stop in asked)
