"""Batches of pcodec files, read one at a time and two at a time."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.pco_batch import add_offsets, read_bins, read_bins_of_two, store, sum_up
from eventstore.pco_head import AT, BATCH, DECODER_WORDS, MOST, PADDING, Decoder, decoder_of


@pytest.fixture(scope="module")
def decoders() -> tuple[Decoder, Decoder]:
    memory = np.zeros(2 * DECODER_WORDS, np.uint64)
    return decoder_of(memory, 0), decoder_of(memory, 1)


def a_table_of_two(decoder: Decoder, size: int) -> None:
    """Make a table of two states: bin 100 with so many bits of offset, bin 200 with none."""
    # Each state reads one bit, which is the next state.
    decoder.nodes[0] = 1 | size << 8 | 0 << 16
    decoder.nodes[1] = 1 | 0 << 8 | 1 << 16
    decoder.lowers[:2] = 100, 200
    decoder.states[:4] = 0
    decoder.place[AT], decoder.place[MOST] = 0, size


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
    values = [100 + offsets[i] if states[i] == 0 else 200 for i in range(n)]
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
    decoders: tuple[Decoder, Decoder], n: int, size: int, seed: int, cuts: tuple[float, float]
) -> None:
    decoder = decoders[0]
    data, values, end = coded(n, size, seed)
    a_table_of_two(decoder, size)
    read_bins(data, n, decoder)
    assert decoder.place[AT] == n
    add_offsets(data, n, decoder)
    assert decoder.place[AT] == end
    assert decoder.batch[:n].tolist() == values
    start, stop = sorted(int(cut * n) for cut in cuts)
    narrow, wide = np.empty(stop - start, np.uint16), np.empty(stop - start, np.int64)
    for out in (narrow, wide):
        store(start, out, decoder)
        assert out.tolist() == [value % (1 << 8 * out.itemsize) for value in values[start:stop]]
        decoder.states[4] = 7
        sum_up(start, out, decoder)
        sums = [sum(values[:k], 7) for k in range(start, stop)]
        assert out.tolist() == [value % (1 << 8 * out.itemsize) for value in sums]


@given(seeds=st.tuples(st.integers(0, 999), st.integers(0, 999)))
def test_two_at_a_time_are_each_as_if_alone(
    decoders: tuple[Decoder, Decoder], seeds: tuple[int, int]
) -> None:
    files = tuple(coded(BATCH, 3, seed)[0] for seed in seeds)
    for decoder in decoders:
        a_table_of_two(decoder, 3)
    read_bins_of_two((files[0], files[1]), decoders)
    for decoder, seed, file in zip(decoders, seeds, files, strict=True):
        add_offsets(file, BATCH, decoder)
        assert decoder.batch.tolist() == coded(BATCH, 3, seed)[1]
