"""The direct reader of one column equals numpy slicing, from any thread."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.columns import CACHED_CHUNKS, ColumnReader
from eventstore.files import LocalFiles
from eventstore.store import EventStore


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


def test_neighbouring_reads_decode_a_chunk_once(
    store: EventStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = ColumnReader(store.files, "x", axis=store.head.axis("events"), n=store.n_events)
    decoded: list[int] = []
    decode = reader.decode_into

    def counting(k: int, out: np.ndarray) -> None:
        decoded.append(k)
        decode(k, out)

    monkeypatch.setattr(reader, "decode_into", counting)
    for start in range(0, 48, 3):
        reader.read_into(start, np.empty(3, np.uint16))
    assert decoded == [0, 1, 2]


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
