"""The open shard: whatever the packets, the same chunks; going back leaves no trace."""

from collections.abc import Mapping

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from eventstore.axis import Axis
from eventstore.codecs import codecs_of, decode_chunk
from eventstore.encoders import Encoders
from eventstore.side_codecs import side_codecs
from eventstore.tail import Tail

CODECS = {name: codecs_of("archive")[name] for name in "txyp"}
AXIS = Axis(group="events", dimension="event", codecs=CODECS, chunk=4, shard=32)
ENCODERS = Encoders(2)

Columns = Mapping[str, np.ndarray]


def new() -> Tail:
    return Tail(AXIS, ENCODERS)


def counted(start: int, n: int) -> Columns:
    t = np.arange(start, start + n)
    columns = {"t": t, "x": t % 7, "y": t % 5, "p": t % 2}
    return {name: values.astype(CODECS[name].dtype) for name, values in columns.items()}


def content(tail: Tail) -> dict[str, list[int]]:
    found = {}
    for name, chunks in tail.shard_chunks().items():
        padded = np.empty(4 * len(chunks), CODECS[name].dtype)
        for k, data in enumerate(chunks):
            decode_chunk(CODECS[name], data, padded[4 * k : 4 * k + 4])
        found[name] = padded[: tail.n_rows].tolist()
    return found


SIZES = st.lists(st.integers(0, 9), max_size=8).filter(lambda sizes: sum(sizes) <= 32)


@given(SIZES)
def test_any_packets_make_the_same_chunks(sizes: list[int]) -> None:
    n = sum(sizes)
    whole, split = new(), new()
    whole.add(counted(0, n))
    for i, size in enumerate(sizes):
        split.add(counted(sum(sizes[:i]), size))
    assert split.shard_chunks() == whole.shard_chunks()
    assert split.first_t().tolist() == whole.first_t().tolist() == list(range(0, n, 4))
    assert content(whole) == {name: values.tolist() for name, values in counted(0, n).items()}
    assert (whole.n_rows, whole.room) == (n, 32 - n)


@given(st.integers(0, 20), st.integers(0, 12), st.integers(0, 8))
def test_cut_back_leaves_no_trace(n: int, failed: int, after: int) -> None:
    tail, never = new(), new()
    tail.add(counted(0, n))
    mark = tail.mark()
    tail.add(counted(900, failed))
    tail.cut_back(mark)
    tail.add(counted(n, after))
    never.add(counted(0, n + after))
    assert tail.shard_chunks() == never.shard_chunks()
    assert tail.first_t().tolist() == never.first_t().tolist()


def test_carried_chunks_stand_before_new_ones() -> None:
    first, second = new(), new()
    first.add(counted(0, 8))
    for k in range(2):
        second.carry({name: chunks[k] for name, chunks in first.shard_chunks().items()}, 4 * k)
    first.add(counted(8, 5))
    second.add(counted(8, 5))
    assert second.shard_chunks() == first.shard_chunks()
    assert second.first_t().tolist() == first.first_t().tolist()


def test_the_arrays_are_not_kept() -> None:
    tail, never = new(), new()
    columns = counted(0, 11)
    tail.add(columns)
    for values in columns.values():
        values[:] = 0
    never.add(counted(0, 11))
    assert content(tail) == content(never)


def test_columns_need_no_times() -> None:
    codecs = {"pixels": side_codecs("frames")["pixels"]}
    axis = Axis(group="a", dimension="b", codecs=codecs, chunk=4, shard=8)
    tail = Tail(axis, ENCODERS)
    tail.add({"pixels": np.arange(6, dtype=np.uint8)})
    mark = tail.mark()
    tail.cut_back(mark)
    assert (tail.n_rows, tail.n_chunks) == (6, 1)
