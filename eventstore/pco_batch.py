"""Batches of pcodec files: the bins of 256 values, then their offsets.

All functions are for kernels; `eventstore.pco_decode` draws the format.
"""

from typing import Any, TypeAlias

import numpy as np

from eventstore.jit import kernel
from eventstore.machine import Word, load_word
from eventstore.pco_head import AT, BATCH, Decoder, bits

_64: Any = np.uint64

Four: TypeAlias = tuple[Word, Word, Word, Word]


@kernel
def _read_four(
    data: np.ndarray, bit: Word, states: Four, nodes: np.ndarray
) -> tuple[Word, Four, Four]:
    """Return where the next four bins begin, the states then, and the nodes of these four."""
    one, six, low = _64(1), _64(63), _64(0xFFFF)
    word = load_word(data, bit >> _64(3)) >> (bit & _64(7))
    a, b, c, d = nodes[states[0]], nodes[states[1]], nodes[states[2]], nodes[states[3]]
    # Each shift by itself: one after the other they would keep the next four waiting.
    two = (a & six) + (b & six)
    three = two + (c & six)
    after = (
        (a >> _64(16) & low) + (word & ((one << (a & six)) - one)),
        (b >> _64(16) & low) + (word >> (a & six) & ((one << (b & six)) - one)),
        (c >> _64(16) & low) + (word >> two & ((one << (c & six)) - one)),
        (d >> _64(16) & low) + (word >> three & ((one << (d & six)) - one)),
    )
    return bit + three + (d & six), after, (a, b, c, d)


@kernel
def read_bins(data: np.ndarray, n: Word, decoder: Decoder) -> None:
    """Read the nodes of a batch of one file."""
    four, bit, batch, table = decoder.states, _64(decoder.place[AT]), decoder.batch, decoder.nodes
    states = (four[0], four[1], four[2], four[3])
    whole = _64(n // 4 * 4)
    for i in range(_64(0), whole, _64(4)):
        bit, states, nodes = _read_four(data, bit, states, table)
        _keep_four(nodes, i, batch)
    four[0], four[1], four[2], four[3] = states
    for k in range(n % 4):  # the last batch of a piece
        node = table[four[k]]
        size = node & _64(63)
        four[k] = (node >> _64(16) & _64(0xFFFF)) + _64(bits(data, np.int64(bit), np.int64(size)))
        bit += size
        batch[whole + _64(k)] = node
    decoder.place[AT] = np.int64(bit)


@kernel
def read_bins_of_two(
    files: tuple[np.ndarray, np.ndarray], decoders: tuple[Decoder, Decoder]
) -> None:
    """Read the nodes of a whole batch of both files, four of the one and four of the other."""
    one, two = decoders
    data, data2, table, table2 = files[0], files[1], one.nodes, two.nodes
    four, four2, batch, batch2 = one.states, two.states, one.batch, two.batch
    states, bit = (four[0], four[1], four[2], four[3]), _64(one.place[AT])
    states2, bit2 = (four2[0], four2[1], four2[2], four2[3]), _64(two.place[AT])
    for i in range(_64(0), _64(BATCH), _64(4)):
        bit, states, nodes = _read_four(data, bit, states, table)
        bit2, states2, nodes2 = _read_four(data2, bit2, states2, table2)
        _keep_four(nodes, i, batch)
        _keep_four(nodes2, i, batch2)
    four[0], four[1], four[2], four[3] = states
    four2[0], four2[1], four2[2], four2[3] = states2
    one.place[AT], two.place[AT] = np.int64(bit), np.int64(bit2)


@kernel
def _keep_four(nodes: Four, i: Word, batch: np.ndarray) -> None:
    batch[i], batch[i + _64(1)] = nodes[0], nodes[1]
    batch[i + _64(2)], batch[i + _64(3)] = nodes[2], nodes[3]


@kernel
def store(data: np.ndarray, at: Word, skip: Word, out: np.ndarray, decoder: Decoder) -> None:
    """Store the values of a batch but for the first; its offsets begin at bit ``at``."""
    bit, is_wide, flip, one = _64(at), out.itemsize == 8, _64(1 << 63), _64(1)
    batch, lowers = decoder.batch, decoder.lowers
    for i in range(skip):
        bit += batch[i] >> _64(8) & _64(63)
    for i in range(_64(len(out))):
        node = batch[_64(skip) + i]
        size = node >> _64(8) & _64(63)
        word = load_word(data, bit >> _64(3)) >> (bit & _64(7))
        offset = word & ((one << size) - one)
        bit += size
        if is_wide:
            out[i] = np.int64((lowers[node >> _64(32)] + offset) ^ flip)
        else:
            out[i] = (node >> _64(32)) + offset


@kernel
def sum_up(data: np.ndarray, at: Word, skip: Word, out: np.ndarray, decoder: Decoder) -> None:
    """Sum up the differences of a batch, and store all sums but for the first."""
    bit, is_wide, flip, one = _64(at), out.itemsize == 8, _64(1 << 63), _64(1)
    batch, lowers, value = decoder.batch, decoder.lowers, decoder.states[4]
    middle, first = flip if is_wide else _64(1 << 15), _64(skip)
    for i in range(first + _64(len(out))):
        node = batch[i]
        size = node >> _64(8) & _64(63)
        word = load_word(data, bit >> _64(3)) >> (bit & _64(7))
        offset = word & ((one << size) - one)
        bit += size
        if i >= first:
            # As one expression, signed and unsigned would meet as float64 and lose bits.
            if is_wide:
                out[i - first] = np.int64(value ^ flip)
            else:
                out[i - first] = value
        bound = lowers[node >> _64(32)] if is_wide else node >> _64(32)
        value += (bound + offset) ^ middle
    decoder.states[4] = value
