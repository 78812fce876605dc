"""Batches of pcodec files, read one at a time and two at a time."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.pco_batch import (
    MOST_OF_FOUR,
    add_offsets,
    read_bins,
    read_bins_of_two,
    store,
    store_whole,
    sum_up,
    sum_up_whole,
)
from eventstore.pco_head import (
    AT,
    BATCH,
    DECODER_WORDS,
    LOWER,
    OFFSET,
    PADDING,
    Decoder,
    Decoders,
    decoders_in,
)

LOWERS = -100, 200


@pytest.fixture(scope="module")
def decoders() -> Decoders:
    return decoders_in(np.zeros(2 * DECODER_WORDS, np.uint64))


def a_table_of_two(decoder: Decoder, size: int) -> None:
    """Make a table of two states: a bin with so many bits of offset, and one with none."""
    # Each state reads one bit, which is the next state.
    told = [1 + (size << OFFSET) + (LOWERS[0] << LOWER), 1 + (LOWERS[1] << LOWER)]
    decoder.table.view(np.int64)[:2] = told
    decoder.states[:4] = 0
    decoder.place[AT] = 0


def coded(n: int, size: int, seed: int) -> tuple[np.ndarray, list[int], int]:
    """Return a batch in such a table, its values, and how many bits it takes."""
    rng = np.random.default_rng(seed)
    # Four states in turn: the bit read with value i is the state of value i + 4.
    states = [0, 0, 0, 0, *rng.integers(0, 2, n).tolist()][: n + 4]
    offsets = rng.integers(0, 1 << size, n).tolist()
    bits = [states[i + 4] for i in range(n)]
    for i in range(n):
        if states[i] == 0:
            bits += [offsets[i] >> k & 1 for k in range(size)]
    values = [LOWERS[0] + offsets[i] if states[i] == 0 else LOWERS[1] for i in range(n)]
    packed = np.packbits(np.array(bits, np.uint8), bitorder="little")
    return np.concatenate([packed, np.full(PADDING, 255, np.uint8)]), values, len(bits)


@given(
    n=st.integers(1, BATCH),
    # None, four to a word, as many as four to a word can have, and more.
    size=st.sampled_from([0, 3, 14, 15, 16, 41, 56]),
    seed=st.integers(0, 999),
    cuts=st.tuples(*[st.floats(0, 1)] * 2),
)
def test_a_batch_is_read_whole_and_stored_in_part(
    decoders: Decoders, n: int, size: int, seed: int, cuts: tuple[float, float]
) -> None:
    decoder = decoders[0]
    data, values, end = coded(n, size, seed)
    a_table_of_two(decoder, size)
    read_bins(data, n, decoder)
    assert decoder.place[AT] == n
    add_offsets(data, n, decoder)
    assert decoder.place[AT] == end
    assert decoder.batch[:n].view(np.int64).tolist() == values
    start, stop = sorted(int(cut * n) for cut in cuts)
    narrow, wide = np.empty(stop - start, np.uint16), np.empty(stop - start, np.int64)
    for out in (narrow, wide):
        store(start, out, decoder)
        assert out.tolist() == as_stored(values[start:stop], out)
        decoder.states[4] = 7
        sum_up(start, out, decoder)
        assert out.tolist() == as_stored([sum(values[:k], 7) for k in range(start, stop)], out)


def as_stored(values: list[int], out: np.ndarray) -> list[int]:
    """Return numbers as they are in an array of that type."""
    stored: list[int] = np.array(values, np.int64).astype(out.dtype).tolist()
    return stored


@given(size=st.integers(0, MOST_OF_FOUR), seed=st.integers(0, 999))
@pytest.mark.parametrize("dtype", [np.uint16, np.int64])
def test_a_whole_batch_is_stored_at_once(
    decoders: Decoders, dtype: type[np.generic], size: int, seed: int
) -> None:
    decoder, out = decoders[0], np.empty(BATCH, dtype)
    data, values, end = coded(BATCH, size, seed)
    a_table_of_two(decoder, size)
    read_bins(data, BATCH, decoder)
    store_whole(data, out, decoder)
    assert decoder.place[AT] == end
    assert out.tolist() == as_stored(values, out)
    a_table_of_two(decoder, size)
    decoder.states[4] = 7
    read_bins(data, BATCH, decoder)
    sum_up_whole(data, out, decoder)
    assert decoder.place[AT] == end
    assert out.tolist() == as_stored([sum(values[:k], 7) for k in range(BATCH)], out)
    assert decoder.states[4] == (7 + sum(values)) % (1 << 64)


@given(seeds=st.tuples(st.integers(0, 999), st.integers(0, 999)))
def test_two_at_a_time_are_each_as_if_alone(decoders: Decoders, seeds: tuple[int, int]) -> None:
    files = tuple(coded(BATCH, 3, seed)[0] for seed in seeds)
    for decoder in decoders[:2]:
        a_table_of_two(decoder, 3)
    read_bins_of_two((files[0], files[1]), decoders)
    for decoder, seed, file in zip(decoders[:2], seeds, files, strict=True):
        add_offsets(file, BATCH, decoder)
        assert decoder.batch.view(np.int64).tolist() == coded(BATCH, 3, seed)[1]
