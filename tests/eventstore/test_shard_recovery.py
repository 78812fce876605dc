"""Chunks are found without their index: all before the first damage, and what is listed past it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.codecs import CODEC_OF_COLUMN, decode_chunk, encode_chunk, with_checksum
from eventstore.errors import IntegrityError
from eventstore.shard_recovery import recover_index
from eventstore.shards import ABSENT, ShardIndex, index_bytes, shard_parts

CHUNK = 64

payloads = st.lists(st.binary(min_size=1, max_size=60), min_size=1, max_size=8)


def recover(data: bytes, n_chunks: int, slots: int) -> ShardIndex:
    return recover_index(memoryview(data), n_chunks, slots, max_bytes=99, is_chunk=lambda _: True)


@given(payloads, st.data())
def test_what_is_left_of_a_cut_shard_is_found(items: list[bytes], draw: st.DataObject) -> None:
    chunks = [with_checksum(item) for item in items]
    shard = b"".join(shard_parts(chunks, 8))
    whole = ShardIndex.parse(memoryview(shard), 8)
    cut = draw.draw(st.integers(0, len(shard)))
    found = recover(shard[:cut], len(chunks), 8)
    ends = np.cumsum([len(chunk) for chunk in chunks])
    n = int(np.searchsorted(ends, cut, side="right"))
    assert found.n_chunks == n
    assert (found.offsets[:n], found.sizes[:n]) == (whole.offsets[:n], whole.sizes[:n])
    assert found.offsets[n:] == [ABSENT] * (8 - n)


@given(payloads, st.data())
def test_a_damaged_index_loses_nothing(items: list[bytes], draw: st.DataObject) -> None:
    chunks = [with_checksum(item) for item in items]
    shard = bytearray(b"".join(shard_parts(chunks, 8)))
    whole = ShardIndex.parse(memoryview(shard), 8)
    at = draw.draw(st.integers(len(shard) - index_bytes(8), len(shard) - 1))
    shard[at] ^= draw.draw(st.integers(1, 255))
    with pytest.raises(IntegrityError):
        ShardIndex.parse(memoryview(shard), 8)
    assert recover(bytes(shard), len(chunks), 8) == whole


def test_a_damaged_chunk_is_passed_where_the_index_knows_its_place() -> None:
    chunks = [with_checksum(bytes([i]) * 20) for i in range(6)]
    shard = bytearray(b"".join(shard_parts(chunks, 8)))
    whole = ShardIndex.parse(memoryview(shard), 8)
    shard[30] ^= 1  # in chunk 1
    shard[-1] ^= 1  # in the checksum of the index
    assert recover(bytes(shard), 6, 8) == whole
    assert recover(bytes(shard[:-20]), 6, 8).n_chunks == 1


def test_an_absurd_entry_is_not_believed() -> None:
    chunks = [with_checksum(bytes([i]) * 20) for i in range(3)]
    shard = bytearray(b"".join(shard_parts(chunks, 4)))
    shard[30] ^= 1
    shard[-44] ^= 0xFF  # the size of chunk 1: more bytes than there are
    assert recover(bytes(shard), 3, 4).n_chunks == 1


def test_bytes_that_fit_by_chance_are_not_taken_for_a_chunk() -> None:
    # A chunk that begins with another one: the running sum is right twice.
    inner = with_checksum(b"inner")
    shard = b"".join(shard_parts([with_checksum(inner + b" and more")], 4))
    found = recover_index(
        memoryview(shard), 1, 4, max_bytes=99, is_chunk=lambda chunk: len(chunk) > len(inner)
    )
    assert found.sizes[0] == len(inner) + len(b" and more") + 4


@pytest.mark.parametrize("column", ["t", "x", "p"])
def test_encoded_columns_are_found(column: str) -> None:
    codec = CODEC_OF_COLUMN[column]
    rng = np.random.default_rng(1)
    values = [rng.integers(0, 2, CHUNK).astype(codec.dtype) for _ in range(16)]
    shard = b"".join(shard_parts([encode_chunk(codec, part) for part in values], 16))

    def is_chunk(data: bytes) -> bool:
        decode_chunk(codec, data, np.empty(CHUNK, codec.dtype))
        return True

    cut = memoryview(shard)[: -index_bytes(16)]
    found = recover_index(cut, 16, 16, max_bytes=4096, is_chunk=is_chunk)
    for k, part in enumerate(values):
        out = np.empty(CHUNK, codec.dtype)
        at = found.offsets[k]
        decode_chunk(codec, shard[at : at + found.sizes[k]], out)
        assert np.array_equal(out, part)
