"""Batches of pcodec files: the bins of 256 values, then their offsets.

All functions are for kernels; `eventstore.pco_decode` draws the format.
"""

from typing import Any, TypeAlias

import numpy as np

from eventstore.jit import inner_kernel
from eventstore.machine import Word, load_word
from eventstore.pco_head import AT, BATCH, MOST, Decoder, bits

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
    data: np.ndarray, bit: Word, states: Four, nodes: np.ndarray
) -> tuple[Word, Four, Four]:
    """Return where the next four bins begin, the states then, and the nodes of these four."""
    six, up = _64(63), _64(32)
    word = load_word(data, bit >> _64(3)) >> (bit & _64(7))
    a, b, c, d = nodes[states[0]], nodes[states[1]], nodes[states[2]], nodes[states[3]]
    read, n = _fields(word, (a & six, b & six, c & six, d & six))
    after = (a >> up) + read[0], (b >> up) + read[1], (c >> up) + read[2], (d >> up) + read[3]
    return bit + n, after, (a, b, c, d)


@inner_kernel
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
        four[k] = (node >> _64(32)) + _64(bits(data, np.int64(bit), np.int64(size)))
        bit += size
        batch[whole + _64(k)] = node
    decoder.place[AT] = np.int64(bit)


@inner_kernel
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


@inner_kernel
def _keep_four(nodes: Four, i: Word, batch: np.ndarray) -> None:
    batch[i], batch[i + _64(1)] = nodes[0], nodes[1]
    batch[i + _64(2)], batch[i + _64(3)] = nodes[2], nodes[3]


@inner_kernel
def add_offsets(data: np.ndarray, n: Word, decoder: Decoder) -> None:
    """Replace the nodes of a batch whose bins were read by its values."""
    bit, batch, lowers, six = _64(decoder.place[AT]), decoder.batch, decoder.lowers, _64(63)
    by, one, low, whole = _64(8), _64(1), _64(0xFFFF), _64(0)
    if decoder.place[MOST] == 0:
        for i in range(_64(n)):
            batch[i] = lowers[batch[i] >> _64(16) & low]
        return
    if decoder.place[MOST] <= MOST_OF_FOUR:
        whole = _64(n // 4 * 4)
    for i in range(_64(0), whole, _64(4)):
        word = load_word(data, bit >> _64(3)) >> (bit & _64(7))
        a, b, c, d = batch[i], batch[i + one], batch[i + _64(2)], batch[i + _64(3)]
        sizes = a >> by & six, b >> by & six, c >> by & six, d >> by & six
        offsets, size = _fields(word, sizes)
        bit += size
        batch[i] = lowers[a >> _64(16) & low] + offsets[0]
        batch[i + one] = lowers[b >> _64(16) & low] + offsets[1]
        batch[i + _64(2)] = lowers[c >> _64(16) & low] + offsets[2]
        batch[i + _64(3)] = lowers[d >> _64(16) & low] + offsets[3]
    for i in range(whole, _64(n)):
        node = batch[i]
        size = node >> by & six
        word = load_word(data, bit >> _64(3)) >> (bit & _64(7))
        batch[i] = lowers[node >> _64(16) & low] + (word & ((one << size) - one))
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
