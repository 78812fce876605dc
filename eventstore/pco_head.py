"""What pieces of pcodec files begin with, and the memory that decoding them takes.

All functions are for kernels; `eventstore.pco_decode` draws the format.
"""

from typing import Any, NamedTuple

import numpy as np

from eventstore.jit import inner_kernel, kernel
from eventstore.machine import Word, leading_zeros, load_word

WHOLE, UNKNOWN, DAMAGED = 0, 1, 2
"""What decoding found; the library is to be asked about all but ``WHOLE``."""

BATCH = 256

LARGEST_LOG = 14
"""Of the size of a table."""

MOST_OFFSET_BITS = 56
"""More cannot be read with one word that begins anywhere in a byte."""

MOST_LOWER_BITS = 38
"""What a lower bound is kept in, with its sign: differences of times up to 38 hours."""

PADDING = BATCH * (LARGEST_LOG + MOST_OFFSET_BITS) // 8 + 64
"""Bytes to have behind a file: a batch is read before its end is looked at."""

# Where a `Decoder` keeps what: the bit to go on from, how many bins are left in the piece, the
# order of its differences, how many values are decoded, how many of them are not wanted, how many
# are to be decoded, how many the file has, what was found, the most bits of an offset.
AT, LEFT, ORDER, DONE, SKIP, STOP, TOTAL, FOUND, MOST = range(9)

NEXT, OFFSET, LOWER = 6, 20, 26
"""Where what a table says begins, see `Decoder`."""

_64: Any = np.uint64


class Decoder(NamedTuple):
    """Where the decoding of one file stands; a part of a thread's memory, see `decoder_of`.

    Args:
        table: by state, from bit 0 on: how many bits to read, 6 bits; from `NEXT` on: the next
            state less these bits, 14 bits; from `OFFSET` on: how many bits the offset has, 6 bits;
            from `LOWER` on: what to add to it, 38 bits with a sign.
        bins: of each bin the table's last two; while the table is made.
        weights: of each bin, counted on while the table is made.
        batch: of each value of a batch what the table says, and then the value.
        states: the four states, and the value that the next difference is added to.
        place: numbers that say where it stands.
    """

    table: np.ndarray
    bins: np.ndarray
    weights: np.ndarray
    batch: np.ndarray
    states: np.ndarray
    place: np.ndarray


class Decoders(NamedTuple):
    """Two decoders, and all the memory of both, where each thing of each has a fixed place."""

    one: Decoder
    two: Decoder
    memory: np.ndarray


TABLE_WORDS = 1 << LARGEST_LOG

BATCH_AT = 3 * TABLE_WORDS
"""Where a decoder's ``batch`` begins in its memory; at 0 begins its ``table``."""

DECODER_WORDS = BATCH_AT + BATCH + 24
"""Words of memory that a decoder takes."""


@kernel
def decoders_in(memory: np.ndarray) -> Decoders:
    """Return the decoders of a thread's memory, which may hold anything: uint64, enough for two."""
    return Decoders(decoder_of(memory, 0), decoder_of(memory, 1), memory)


@kernel
def decoder_of(memory: np.ndarray, k: int) -> Decoder:
    """Return decoder ``k`` of a thread's memory."""
    size, own = TABLE_WORDS, memory[k * DECODER_WORDS : (k + 1) * DECODER_WORDS]
    behind = own[BATCH_AT + BATCH :]
    return Decoder(
        own[:size],
        own[size : 2 * size],
        own[2 * size : BATCH_AT],
        own[BATCH_AT : BATCH_AT + BATCH],
        behind[:8],
        behind[8:].view(np.int64),
    )


@inner_kernel
def bits(data: np.ndarray, at: Word, n: Word) -> Word:
    """Return ``n`` bits from bit ``at`` on, at most 56."""
    word = load_word(data, _64(at) >> _64(3)) >> (_64(at) & _64(7))
    return np.int64(word & ((_64(1) << _64(n)) - _64(1)))


@inner_kernel
def number(data: np.ndarray, at: Word, width: Word) -> Word:
    """Return a number of 16 or 64 bits."""
    if width == 16:
        return _64(bits(data, at, 16))
    return _64(bits(data, at, 32)) | _64(bits(data, at + 32, 32)) << _64(32)


@inner_kernel
def read_order(data: np.ndarray, at: Word) -> tuple[Word, Word]:
    """Return the order of differences, 0 or 1, or -1 for what is not known; and where that ends."""
    mode, kind, order = bits(data, at, 4), bits(data, at + 4, 4), bits(data, at + 8, 3)
    if mode == 0 and kind == 0:
        return 0, at + 8
    return (1 if mode == 0 and kind == 1 and order == 1 else -1), at + 12


@inner_kernel
def read_table(
    data: np.ndarray, where: tuple[Word, Word], what: tuple[Word, Word], decoder: Decoder
) -> tuple[Word, Word]:
    """Read the bins, of numbers of some width and order, and make the table of states.

    Returns the log of the table's size; and the byte behind them as bits, or minus what is wrong.
    """
    (at, size), (width, order) = where, what
    log, n_bins = bits(data, at, 4), bits(data, at + 4, 15)
    at += 19
    table, step, most = 1 << log, 0, 0
    stride = 3 * table // 5 | 1
    if log > LARGEST_LOG or n_bins > table:
        return log, -DAMAGED
    for b in range(n_bins):
        weight = bits(data, at, log) + 1
        lower = _lower(number(data, at + log, width), width, order)
        at += log + width
        offset_bits = bits(data, at, 7 if width == 64 else 5)
        at += 7 if width == 64 else 5
        if step + weight > table or at >> 3 > size:
            return log, -DAMAGED
        is_kept = lower + (_64(1) << _64(MOST_LOWER_BITS - 1)) >> _64(MOST_LOWER_BITS) == 0
        if offset_bits > MOST_OFFSET_BITS or not is_kept:
            return log, -UNKNOWN
        most = max(most, offset_bits)
        for _ in range(weight):
            decoder.table[stride * step & table - 1] = _64(b)
            step += 1
        decoder.bins[b] = lower << _64(LOWER) | _64(offset_bits) << _64(OFFSET)
        decoder.weights[b] = _64(weight)
    if n_bins == 0 and log == 0:  # where there is nothing to code
        decoder.table[0], decoder.bins[0], decoder.weights[0] = _64(0), _64(0), _64(1)
    elif step != table:
        return log, -DAMAGED
    decoder.place[MOST] = most
    _make_table(table, decoder)
    return log, (at + 7) // 8 * 8


@inner_kernel
def _lower(bound: Word, width: Word, order: Word) -> Word:
    """Return a bin's lower bound as it is added up.

    The format adds half the range to signed numbers and to differences. Modulo the range that is to
    turn the upmost bit, before adding an offset as well as after it.
    """
    half = _64(1) << _64(width - 1)
    return bound ^ half if width == 64 or order else bound


@inner_kernel
def _make_table(table: Word, decoder: Decoder) -> None:
    """Replace the bin of each state by all that decoding it takes."""
    size = _64(table)
    zeros = leading_zeros(size)
    for state in range(table):
        b = decoder.table[state]
        counted = decoder.weights[b]
        decoder.weights[b] = counted + _64(1)
        # As many bits as bring the count into the upper half of twice the table.
        shift = leading_zeros(counted) - zeros
        read = shift | ((counted << shift) - size) << _64(NEXT)
        decoder.table[state] = read | decoder.bins[b]


@inner_kernel
def read_states(
    data: np.ndarray, at: Word, what: tuple[Word, Word, Word], decoder: Decoder
) -> Word:
    """Read what a piece begins with; return the byte behind it as bits."""
    order, log, width = what
    if order:
        # The first sum; of signed numbers with half the range added, see `_lower`.
        decoder.states[4] = _lower(number(data, at, width), width, 0)
        at += width
    for k in range(4):
        decoder.states[k] = _64(bits(data, at, log))
        at += log
    return (at + 7) // 8 * 8
