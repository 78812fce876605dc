"""Batches of pcodec files, read one at a time and two at a time."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.pco_batch import read_bins, read_bins_of_two, store, sum_up
from eventstore.pco_head import AT, BATCH, DECODER_WORDS, PADDING, Decoder, decoder_of


@pytest.fixture(scope="module")
def decoders() -> tuple[Decoder, Decoder]:
    memory = np.zeros(2 * DECODER_WORDS, np.uint64)
    return decoder_of(memory, 0), decoder_of(memory, 1)


def a_table_of_two(decoder: Decoder) -> None:
    """Make a table of two states: bin 100 with 3 bits of offset, bin 200 with none."""
    # Each state reads one bit, which is the next state.
    decoder.nodes[0] = 1 | 3 << 8 | 100 << 32
    decoder.nodes[1] = 1 | 0 << 8 | 200 << 32
    decoder.states[:4] = 0


def coded(n: int, seed: int) -> tuple[np.ndarray, list[int]]:
    """Return the bits of a batch in such a table, and its values."""
    rng = np.random.default_rng(seed)
    # Four states in turn: the bit read with value i is the state of value i + 4.
    states = [0, 0, 0, 0, *rng.integers(0, 2, n).tolist()][: n + 4]
    offsets = rng.integers(0, 8, n).tolist()
    bits = [states[i + 4] for i in range(n)]
    for i in range(n):
        if states[i] == 0:
            bits += [offsets[i] >> k & 1 for k in range(3)]
    values = [100 + offsets[i] if states[i] == 0 else 200 for i in range(n)]
    packed = np.packbits(np.array(bits, np.uint8), bitorder="little")
    return np.concatenate([packed, np.full(PADDING, 255, np.uint8)]), values


@given(n=st.integers(1, BATCH), seed=st.integers(0, 999), cuts=st.tuples(*[st.floats(0, 1)] * 2))
def test_a_batch_is_read_whole_and_stored_in_part(
    decoders: tuple[Decoder, Decoder], n: int, seed: int, cuts: tuple[float, float]
) -> None:
    decoder = decoders[0]
    data, values = coded(n, seed)
    a_table_of_two(decoder)
    decoder.place[AT] = 0
    read_bins(data, n, decoder)
    assert decoder.place[AT] == n
    start, stop = sorted(int(cut * n) for cut in cuts)
    out = np.empty(stop - start, np.uint16)
    store(data, n, start, out, decoder)
    assert out.tolist() == values[start:stop]
    decoder.states[4] = 7
    sum_up(data, n, start, out, decoder)
    sums = np.cumsum([7, *(value ^ 1 << 15 for value in values)])
    assert out.tolist() == (sums[start:stop] & 0xFFFF).tolist()


@given(seeds=st.tuples(st.integers(0, 999), st.integers(0, 999)))
def test_two_at_a_time_are_each_as_if_alone(
    decoders: tuple[Decoder, Decoder], seeds: tuple[int, int]
) -> None:
    files = tuple(coded(BATCH, seed)[0] for seed in seeds)
    for decoder in decoders:
        a_table_of_two(decoder)
        decoder.place[AT] = 0
    read_bins_of_two((files[0], files[1]), decoders)
    for decoder, seed in zip(decoders, seeds, strict=True):
        data, values = coded(BATCH, seed)
        out = np.empty(BATCH, np.uint16)
        store(data, decoder.place[AT], 0, out, decoder)
        assert out.tolist() == values
