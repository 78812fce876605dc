"""Batches of pcodec files: the bins of 256 values, then their offsets.

All functions are for kernels; `eventstore.pco_decode` draws the format.
"""

from typing import Any, TypeAlias

import numpy as np

from eventstore.jit import inner_kernel
from eventstore.machine import Word, load_word
from eventstore.pco_head import (
    AT,
    BATCH,
    BATCH_AT,
    DECODER_WORDS,
    LOWER,
    NEXT,
    OFFSET,
    TABLE_WORDS,
    Decoder,
    Decoders,
    bits,
)

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
    data: np.ndarray, bit: Word, states: Four, table: np.ndarray, first: Word
) -> tuple[Word, Four, Four]:
    """Return where the next four bins begin, the states then, and what the table says of these.

    Args:
        data: the file.
        bit: where these four begin.
        states: the states now.
        table: holds a decoder's table.
        first: where that begins there.
    """
    six, low, up = _64(63), _64(TABLE_WORDS - 1), _64(NEXT)
    word = load_word(data, bit >> _64(3)) >> (bit & _64(7))
    a, b = table[states[0] + first], table[states[1] + first]
    c, d = table[states[2] + first], table[states[3] + first]
    read, n = _fields(word, (a & six, b & six, c & six, d & six))
    after = (
        (a >> up & low) + read[0],
        (b >> up & low) + read[1],
        (c >> up & low) + read[2],
        (d >> up & low) + read[3],
    )
    return bit + n, after, (a, b, c, d)


@inner_kernel
def read_bins(data: np.ndarray, n: Word, decoder: Decoder) -> None:
    """Read the bins of a batch of one file."""
    four, bit, batch, table = decoder.states, _64(decoder.place[AT]), decoder.batch, decoder.table
    states = (four[0], four[1], four[2], four[3])
    whole = _64(n // 4 * 4)
    for i in range(_64(0), whole, _64(4)):
        bit, states, said = _read_four(data, bit, states, table, _64(0))
        _keep_four(said, i, batch)
    four[0], four[1], four[2], four[3] = states
    for k in range(n % 4):  # the last batch of a piece
        entry = table[four[k]]
        size = entry & _64(63)
        read = _64(bits(data, np.int64(bit), np.int64(size)))
        four[k] = (entry >> _64(NEXT) & _64(TABLE_WORDS - 1)) + read
        bit += size
        batch[whole + _64(k)] = entry
    decoder.place[AT] = np.int64(bit)


@inner_kernel
def read_bins_of_two(files: tuple[np.ndarray, np.ndarray], decoders: Decoders) -> None:
    """Read the bins of a whole batch of both files, four of the one and four of the other.

    Tables and batches are addressed from one place, the start of the decoders' memory: the states
    alone take half of a processor's registers, and each pointer less is one state less in memory.
    """
    one, two, memory = decoders
    four, four2 = one.states, two.states
    states, bit = (four[0], four[1], four[2], four[3]), _64(one.place[AT])
    states2, bit2 = (four2[0], four2[1], four2[2], four2[3]), _64(two.place[AT])
    for i in range(_64(0), _64(BATCH), _64(4)):
        bit, states, said = _read_four(files[0], bit, states, memory, _64(0))
        _keep_four(said, _64(BATCH_AT) + i, memory)
        bit2, states2, said2 = _read_four(files[1], bit2, states2, memory, _64(DECODER_WORDS))
        _keep_four(said2, _64(DECODER_WORDS + BATCH_AT) + i, memory)
    four[0], four[1], four[2], four[3] = states
    four2[0], four2[1], four2[2], four2[3] = states2
    one.place[AT], two.place[AT] = np.int64(bit), np.int64(bit2)


@inner_kernel
def _keep_four(values: Four, i: Word, batch: np.ndarray) -> None:
    batch[i], batch[i + _64(1)] = values[0], values[1]
    batch[i + _64(2)], batch[i + _64(3)] = values[2], values[3]


@inner_kernel
def _lower(entry: Word) -> Word:
    """Return what is to be added to the offset of a value whose bin was read."""
    return _64(np.int64(entry) >> np.int64(LOWER))


@inner_kernel
def _size(entry: Word) -> Word:
    """Return how many bits that offset has."""
    return entry >> _64(OFFSET) & _64(63)


@inner_kernel
def _four_values(data: np.ndarray, bit: Word, i: Word, batch: np.ndarray) -> tuple[Word, Four]:
    """Return where the next four offsets begin, and these four values."""
    word = load_word(data, bit >> _64(3)) >> (bit & _64(7))
    a, b, c, d = batch[i], batch[i + _64(1)], batch[i + _64(2)], batch[i + _64(3)]
    offsets, n = _fields(word, (_size(a), _size(b), _size(c), _size(d)))
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
        size = _size(batch[i])
        word = load_word(data, bit >> _64(3)) >> (bit & _64(7))
        batch[i] = _lower(batch[i]) + (word & ((one << size) - one))
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
