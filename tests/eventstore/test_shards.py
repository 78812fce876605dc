"""Shard files: index arithmetic, and damage to the index is seen."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.errors import IntegrityError
from eventstore.shards import ABSENT, ShardIndex, index_bytes, shard_parts

CHUNKS = st.lists(st.binary(min_size=1, max_size=9), max_size=8)


@given(CHUNKS)
def test_index_finds_each_chunk(chunks: list[bytes]) -> None:
    data = b"".join(shard_parts(chunks, 8))
    index = ShardIndex.parse(memoryview(data), 8)
    found = [
        data[o : o + s] for o, s in zip(index.offsets, index.sizes, strict=True) if o != ABSENT
    ]
    assert found == chunks
    assert index.n_chunks == len(chunks)


@given(CHUNKS, st.data())
def test_flips_in_the_index_are_seen(chunks: list[bytes], data: st.DataObject) -> None:
    shard = bytearray(b"".join(shard_parts(chunks, 8)))
    at = data.draw(st.integers(1, index_bytes(8)))
    shard[-at] ^= 0x10
    with pytest.raises(IntegrityError, match="crc32c"):
        ShardIndex.parse(memoryview(bytes(shard)), 8)


def test_a_shard_cut_short_is_refused() -> None:
    data = b"".join(shard_parts([b"abc"], 8))
    with pytest.raises(IntegrityError, match="fewer than the index of 8 slots"):
        ShardIndex.parse(memoryview(data[:100]), 8)
    with pytest.raises(IntegrityError, match="crc32c"):
        ShardIndex.parse(memoryview(data[:-1]), 8)


def test_an_index_pointing_past_the_chunks_is_refused() -> None:
    index = shard_parts([b"abc"], 2)[-1]
    with pytest.raises(IntegrityError, match="up to 3, chunks end at 2"):
        ShardIndex.parse(memoryview(b"ab" + index), 2)
