"""Batches of pcodec files: the bins of 256 values, then their offsets.

All functions are for kernels; `eventstore.pco_decode` draws the format.
"""

from typing import Any, TypeAlias

import numpy as np

from eventstore.jit import inner_kernel
from eventstore.machine import Word, load_word
from eventstore.pco_head import AT, BATCH, Decoder, bits

_64: Any = np.uint64

MOST_OF_FOUR = 14
"""Bits of each of four offsets that one word holds, which begins anywhere in a byte."""

Four: TypeAlias = tuple[Word, Word, Word, Word]


@inner_kernel
def _fields(word: Word, sizes: Four) -> tuple[Four, Word]:
    """Return four numbers of so many bits each from the start of a word, and how many in all."""
    one = _64(1)
    a, b, c, d = sizes
    # Each shift by itself: one after the other they would keep the next four waiting.
    two = a + b
    three = two + c
    values = (
        word & ((one << a) - one),
        word >> a & ((one << b) - one),
        word >> two & ((one << c) - one),
        word >> three & ((one << d) - one),
    )
    return values, three + d


@inner_kernel
def _read_four(
    data: np.ndarray, bit: Word, states: Four, decoder: Decoder
) -> tuple[Word, Four, Four]:
    """Return where the next four bins begin, the states then, and the values of these four."""
    six, up, steps, values = _64(63), _64(32), decoder.steps, decoder.values
    word = load_word(data, bit >> _64(3)) >> (bit & _64(7))
    a, b, c, d = steps[states[0]], steps[states[1]], steps[states[2]], steps[states[3]]
    of_bins = values[states[0]], values[states[1]], values[states[2]], values[states[3]]
    read, n = _fields(word, (a & six, b & six, c & six, d & six))
    after = (a >> up) + read[0], (b >> up) + read[1], (c >> up) + read[2], (d >> up) + read[3]
    return bit + n, after, of_bins


@inner_kernel
def read_bins(data: np.ndarray, n: Word, decoder: Decoder) -> None:
    """Read the bins of a batch of one file."""
    four, bit, batch = decoder.states, _64(decoder.place[AT]), decoder.batch
    states = (four[0], four[1], four[2], four[3])
    whole = _64(n // 4 * 4)
    for i in range(_64(0), whole, _64(4)):
        bit, states, of_bins = _read_four(data, bit, states, decoder)
        _keep_four(of_bins, i, batch)
    four[0], four[1], four[2], four[3] = states
    for k in range(n % 4):  # the last batch of a piece
        state = four[k]
        step = decoder.steps[state]
        size = step & _64(63)
        four[k] = (step >> _64(32)) + _64(bits(data, np.int64(bit), np.int64(size)))
        bit += size
        batch[whole + _64(k)] = decoder.values[state]
    decoder.place[AT] = np.int64(bit)


@inner_kernel
def read_bins_of_two(
    files: tuple[np.ndarray, np.ndarray], decoders: tuple[Decoder, Decoder]
) -> None:
    """Read the bins of a whole batch of both files, four of the one and four of the other."""
    one, two = decoders
    four, four2, batch, batch2 = one.states, two.states, one.batch, two.batch
    states, bit = (four[0], four[1], four[2], four[3]), _64(one.place[AT])
    states2, bit2 = (four2[0], four2[1], four2[2], four2[3]), _64(two.place[AT])
    for i in range(_64(0), _64(BATCH), _64(4)):
        bit, states, of_bins = _read_four(files[0], bit, states, one)
        bit2, states2, of_bins2 = _read_four(files[1], bit2, states2, two)
        _keep_four(of_bins, i, batch)
        _keep_four(of_bins2, i, batch2)
    four[0], four[1], four[2], four[3] = states
    four2[0], four2[1], four2[2], four2[3] = states2
    one.place[AT], two.place[AT] = np.int64(bit), np.int64(bit2)


@inner_kernel
def _keep_four(values: Four, i: Word, batch: np.ndarray) -> None:
    batch[i], batch[i + _64(1)] = values[0], values[1]
    batch[i + _64(2)], batch[i + _64(3)] = values[2], values[3]


@inner_kernel
def _lower(value: Word) -> Word:
    """Return what is to be added to the offset of a value whose bin was read."""
    return _64(np.int64(value) >> np.int64(8))


@inner_kernel
def _four_values(data: np.ndarray, bit: Word, i: Word, batch: np.ndarray) -> tuple[Word, Four]:
    """Return where the next four offsets begin, and these four values."""
    size = _64(255)
    word = load_word(data, bit >> _64(3)) >> (bit & _64(7))
    a, b, c, d = batch[i], batch[i + _64(1)], batch[i + _64(2)], batch[i + _64(3)]
    offsets, n = _fields(word, (a & size, b & size, c & size, d & size))
    return bit + n, (
        _lower(a) + offsets[0],
        _lower(b) + offsets[1],
        _lower(c) + offsets[2],
        _lower(d) + offsets[3],
    )


@inner_kernel
def store_whole(data: np.ndarray, out: np.ndarray, decoder: Decoder) -> None:
    """Store the values of a whole batch whose offsets fit four to a word."""
    bit = _64(decoder.place[AT])
    for i in range(_64(0), _64(BATCH), _64(4)):
        bit, values = _four_values(data, bit, i, decoder.batch)
        _keep_four(values, i, out)
    decoder.place[AT] = np.int64(bit)


@inner_kernel
def sum_up_whole(data: np.ndarray, out: np.ndarray, decoder: Decoder) -> None:
    """Take such a batch for differences, and store all sums."""
    bit, a = _64(decoder.place[AT]), decoder.states[4]
    for i in range(_64(0), _64(BATCH), _64(4)):
        bit, values = _four_values(data, bit, i, decoder.batch)
        b = a + values[0]
        c = b + values[1]
        d = c + values[2]
        _keep_four((a, b, c, d), i, out)
        a = d + values[3]
    decoder.place[AT], decoder.states[4] = np.int64(bit), a


@inner_kernel
def add_offsets(data: np.ndarray, n: Word, decoder: Decoder) -> None:
    """Complete the values of a batch whose bins were read."""
    bit, batch, one = _64(decoder.place[AT]), decoder.batch, _64(1)
    for i in range(_64(n)):
        value = batch[i]
        size = value & _64(255)
        word = load_word(data, bit >> _64(3)) >> (bit & _64(7))
        batch[i] = _lower(value) + (word & ((one << size) - one))
        bit += size
    decoder.place[AT] = np.int64(bit)


@inner_kernel
def store(skip: Word, out: np.ndarray, decoder: Decoder) -> None:
    """Store the values of a batch but for the first."""
    batch = decoder.batch[skip:]
    for i in range(len(out)):
        out[i] = batch[i]


@inner_kernel
def sum_up(skip: Word, out: np.ndarray, decoder: Decoder) -> None:
    """Take a batch for differences, and store all sums but for the first."""
    batch, value = decoder.batch, decoder.states[4]
    for i in range(skip):
        value += batch[i]
    batch = batch[skip:]
    for i in range(len(out)):
        out[i] = value
        value += batch[i]
    decoder.states[4] = value
