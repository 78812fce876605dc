"""The open shard: whatever the packets, the same chunks; going back leaves no trace."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from eventstore.codecs import CODEC_OF_COLUMN, decode_chunk
from eventstore.events import Events
from eventstore.schema import Layout
from eventstore.tail import Tail

LAYOUT = Layout(chunk_events=4, shard_events=32)
COLUMNS = ("t", "x", "y", "p")


def counted(start: int, n: int) -> Events:
    t = np.arange(start, start + n)
    return Events.of(t=t, x=t % 7, y=t % 5, p=t % 2)


def content(tail: Tail) -> Events:
    n = tail.n_events
    padded = Events.empty(-(-n // 4) * 4)
    for name, chunks in tail.shard_chunks().items():
        for k, data in enumerate(chunks):
            decode_chunk(CODEC_OF_COLUMN[name], data, padded.column(name)[4 * k : 4 * k + 4])
    return padded[:n]


SIZES = st.lists(st.integers(0, 9), max_size=8).filter(lambda sizes: sum(sizes) <= 32)


@given(SIZES)
def test_any_packets_make_the_same_chunks(sizes: list[int]) -> None:
    n = sum(sizes)
    whole, split = Tail(COLUMNS, LAYOUT), Tail(COLUMNS, LAYOUT)
    whole.add(counted(0, n))
    for i, size in enumerate(sizes):
        split.add(counted(sum(sizes[:i]), size))
    assert split.shard_chunks() == whole.shard_chunks()
    assert split.first_t() == whole.first_t() == list(range(0, n, 4))
    assert content(whole).equals(counted(0, n))
    assert whole.room == 32 - n


@given(st.integers(0, 20), st.integers(0, 12), st.integers(0, 8))
def test_cut_back_leaves_no_trace(n: int, failed: int, after: int) -> None:
    tail, never = Tail(COLUMNS, LAYOUT), Tail(COLUMNS, LAYOUT)
    tail.add(counted(0, n))
    mark = tail.mark()
    tail.add(counted(900, failed))
    tail.cut_back(mark)
    tail.add(counted(n, after))
    never.add(counted(0, n + after))
    assert tail.shard_chunks() == never.shard_chunks()
    assert tail.first_t() == never.first_t()
