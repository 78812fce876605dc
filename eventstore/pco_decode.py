"""Decode pcodec files within kernels: as much of the format as our writer uses, two at a time.

Each call of the library gives up Python's lock and waits to get it back, 27 times for a block of
2^16 events: with two threads that wait costs as much as decoding. Kernels decode all chunks of a
run without the lock, and two files at once: each bin tells where the next four begin, so that one
file alone leaves the processor waiting. What they do not know (other modes, other differences)
they leave to the library, which also says what is wrong with damaged bytes.

The format is pcodec's own (https://github.com/pcodec/pcodec, docs/format.md), bits from the least
significant on::

    "pco!" | version u8 | type u8 | log - 1: 6 bits, count: log bits, to the byte | version u16
    piece  type u8 | count - 1: 24 bits
           mode 4 bits | differences 4 bits, with order 3 bits and 1 bit
           table: log 4 bits, number of bins 15 bits
             bin: weight - 1: log bits | lower bound: 16 or 64 bits | offset's bits: 5 or 7 bits
           to the byte | first value where there are differences | four states: log bits each
           to the byte | batches of 256: the bins' bits, then the offsets'
    0 u8

Bins are coded by tANS (J. Duda, "Asymmetric numeral systems", 2013) with four states in turn.
"""

from typing import Any, NamedTuple, TypeAlias

import numpy as np

from eventstore.jit import kernel
from eventstore.machine import Word, leading_zeros, load_word

WHOLE, UNKNOWN, DAMAGED = 0, 1, 2
"""What decoding found; the library is to be asked about all but ``WHOLE``."""

BATCH = 256

LARGEST_LOG = 14
"""Of the size of a table."""

MOST_OFFSET_BITS = 56
"""More cannot be read with one word that begins anywhere in a byte."""

PADDING = BATCH * (LARGEST_LOG + MOST_OFFSET_BITS) // 8 + 64
"""Bytes to have behind a file: a batch is read before its end is looked at."""

_MAGIC = 0x216F6370

# Where a `Decoder` keeps what: the bit to go on from, how many bins are left in the piece, the
# order of its differences, how many values are decoded, how many of them are not wanted, how many
# are to be decoded, how many the file has, what was found.
_AT, _LEFT, _ORDER, _DONE, _SKIP, _STOP, _TOTAL, _FOUND = range(8)

_64: Any = np.uint64

Four: TypeAlias = tuple[Word, Word, Word, Word]


class Decoder(NamedTuple):
    """Where the decoding of one file stands; a part of a thread's memory, see `decoder_of`.

    Args:
        nodes: by state: the bits to read, 8 bits; the offset's bits, 8 bits; the next state less
            these bits, 16 bits; the bin's lower bound, or its number where bounds are 64 bits.
        lowers: lower bound of each bin.
        weights: of each bin, counted on while the table is made; the offset's bits from bit 32 on.
        batch: the node of each value of a batch.
        states: the four states, and the value that the next difference is added to.
        place: numbers that say where it stands.
    """

    nodes: np.ndarray
    lowers: np.ndarray
    weights: np.ndarray
    batch: np.ndarray
    states: np.ndarray
    place: np.ndarray


DECODER_WORDS = 3 * (1 << LARGEST_LOG) + BATCH + 16
"""Words of memory that a decoder takes."""


@kernel
def decoder_of(memory: np.ndarray, k: int) -> Decoder:
    """Return decoder ``k`` of a thread's memory, which may hold anything: uint64, enough for it."""
    size, rest = 1 << LARGEST_LOG, k * DECODER_WORDS + 3 * (1 << LARGEST_LOG)
    tables = memory[k * DECODER_WORDS : rest]
    behind = memory[rest + BATCH : rest + BATCH + 16]
    return Decoder(
        tables[:size],
        tables[size : 2 * size],
        tables[2 * size :],
        memory[rest : rest + BATCH],
        behind[:8],
        behind[8:].view(np.int64),
    )


@kernel
def decode_two(
    files: tuple[np.ndarray, np.ndarray],
    sizes: tuple[Word, Word],
    outs: tuple[np.ndarray, np.ndarray],
    skips: tuple[Word, Word],
    decoders: tuple[Decoder, Decoder],
) -> tuple[Word, Word]:
    """Decode the first values of two files; all of them where there are no more.

    Args:
        files: uint8, the bytes of each with `PADDING` more behind them.
        sizes: how many bytes are its own; 0 to leave it alone.
        outs: uint16 or int64; where the values go, as many as there is room for.
        skips: values before them that are not wanted.
        decoders: memory for each.

    Returns what was found of each; a file that is left alone is ``WHOLE``.
    """
    one, two = decoders
    _open(files[0], sizes[0], outs[0], skips[0], one)
    _open(files[1], sizes[1], outs[1], skips[1], two)
    while one.place[_LEFT] >= BATCH and two.place[_LEFT] >= BATCH:
        _read_bins_of_two(files, decoders)
        _end_batch(files[0], sizes[0], outs[0], one, BATCH)
        _end_batch(files[1], sizes[1], outs[1], two, BATCH)
        while 0 < one.place[_LEFT] < BATCH:
            _read_batch(files[0], sizes[0], outs[0], one)
        while 0 < two.place[_LEFT] < BATCH:
            _read_batch(files[1], sizes[1], outs[1], two)
    while one.place[_LEFT] > 0:
        _read_batch(files[0], sizes[0], outs[0], one)
    while two.place[_LEFT] > 0:
        _read_batch(files[1], sizes[1], outs[1], two)
    return one.place[_FOUND], two.place[_FOUND]


@kernel
def _open(data: np.ndarray, size: Word, out: np.ndarray, skip: Word, decoder: Decoder) -> None:
    """Read the head of a file and begin its first piece."""
    place = decoder.place
    place[_LEFT], place[_DONE], place[_FOUND] = 0, 0, WHOLE
    place[_SKIP], place[_STOP] = skip, skip + len(out)
    if size == 0:
        return
    log = _bits(data, 48, 6) + 1
    if size < 8 or load_word(data, _64(0)) & _64(0xFFFFFFFF) != _64(_MAGIC) or log > 56:
        place[_FOUND] = UNKNOWN
        return
    place[_TOTAL] = _bits(data, 54, log)
    place[_AT] = (54 + log + 7) // 8 * 8 + 16
    if place[_TOTAL] < place[_STOP]:
        place[_FOUND] = DAMAGED
    else:
        _begin_piece(data, size, out, decoder)


@kernel
def _begin_piece(data: np.ndarray, size: Word, out: np.ndarray, decoder: Decoder) -> None:
    """Begin the next piece that has bins, or find that the file is done."""
    place, width = decoder.place, out.itemsize * 8
    while place[_LEFT] == 0 and place[_FOUND] == WHOLE:
        at = place[_AT]
        if place[_DONE] == place[_STOP]:
            # The end is looked at where it was asked for.
            ended = place[_DONE] < place[_TOTAL] or (at >> 3 == size - 1 and data[at >> 3] == 0)
            place[_FOUND] = WHOLE if ended else DAMAGED
            return
        if at >> 3 >= size or _bits(data, at, 8) != (4 if width == 64 else 7):
            place[_FOUND] = UNKNOWN
            return
        count = _bits(data, at + 8, 24) + 1
        order, at = _read_order(data, at + 32)
        log, at = _read_table(data, (at, size), width, decoder)
        if at < 0 or order < 0:
            place[_FOUND] = UNKNOWN if order < 0 else -at
            return
        place[_ORDER], place[_LEFT] = order, count - order
        place[_AT] = _read_states(data, at, (order, log, width), decoder)
        if place[_LEFT] == 0:
            _end_piece(out, decoder)


@kernel
def _end_piece(out: np.ndarray, decoder: Decoder) -> None:
    """Store the value that no difference comes after."""
    place, value = decoder.place, decoder.states[4]
    if place[_ORDER] and place[_DONE] < place[_STOP]:
        if place[_DONE] >= place[_SKIP]:
            value = value ^ _64(1 << 63) if out.itemsize == 8 else value
            out[place[_DONE] - place[_SKIP]] = value
        place[_DONE] += 1
    place[_AT] = (place[_AT] + 7) // 8 * 8


@kernel
def _read_batch(data: np.ndarray, size: Word, out: np.ndarray, decoder: Decoder) -> None:
    """Decode the next batch of one file."""
    n = min(BATCH, decoder.place[_LEFT])
    _read_bins(data, n, decoder)
    _end_batch(data, size, out, decoder, n)


@kernel
def _end_batch(data: np.ndarray, size: Word, out: np.ndarray, decoder: Decoder, n: Word) -> None:
    """Store the values of a batch whose bins were read; go on to the next piece at its end."""
    place = decoder.place
    done, end = place[_DONE], place[_AT]
    stop = min(done + n, place[_STOP])
    for i in range(n):
        end += np.int64(decoder.batch[i] >> _64(8) & _64(63))
    if end >> 3 > size:
        place[_LEFT], place[_FOUND] = 0, DAMAGED
        return
    first = min(max(done, place[_SKIP]), stop)
    into = out[max(first - place[_SKIP], 0) : max(stop - place[_SKIP], 0)]
    if place[_ORDER]:
        _sum_up(data, place[_AT], first - done, into, decoder)
    elif first < stop:
        _store(data, place[_AT], first - done, into, decoder)
    place[_AT], place[_DONE] = end, stop
    place[_LEFT] -= n
    if place[_LEFT] == 0:
        _end_piece(out, decoder)
        _begin_piece(data, size, out, decoder)
    elif stop == place[_STOP]:
        place[_LEFT] = 0  # no more is wanted


@kernel
def _bits(data: np.ndarray, at: Word, n: Word) -> Word:
    """Return ``n`` bits from bit ``at`` on, at most 56."""
    word = load_word(data, _64(at) >> _64(3)) >> (_64(at) & _64(7))
    return np.int64(word & ((_64(1) << _64(n)) - _64(1)))


@kernel
def _number(data: np.ndarray, at: Word, width: Word) -> Word:
    """Return a number of 16 or 64 bits."""
    if width == 16:
        return _64(_bits(data, at, 16))
    return _64(_bits(data, at, 32)) | _64(_bits(data, at + 32, 32)) << _64(32)


@kernel
def _read_order(data: np.ndarray, at: Word) -> tuple[Word, Word]:
    """Return the order of differences, 0 or 1, or -1 for what is not known; and where that ends."""
    mode, kind, order = _bits(data, at, 4), _bits(data, at + 4, 4), _bits(data, at + 8, 3)
    if mode == 0 and kind == 0:
        return 0, at + 8
    return (1 if mode == 0 and kind == 1 and order == 1 else -1), at + 12


@kernel
def _read_table(
    data: np.ndarray, where: tuple[Word, Word], width: Word, decoder: Decoder
) -> tuple[Word, Word]:
    """Read the bins and make the table of states.

    Returns the log of the table's size; and the byte behind them as bits, or minus what is wrong.
    """
    at, size = where
    log, n_bins = _bits(data, at, 4), _bits(data, at + 4, 15)
    at += 19
    table, step = 1 << log, 0
    stride = 3 * table // 5 | 1
    if log > LARGEST_LOG or n_bins > table:
        return log, -DAMAGED
    for b in range(n_bins):
        weight = _bits(data, at, log) + 1
        decoder.lowers[b] = _number(data, at + log, width)
        at += log + width
        offset_bits = _bits(data, at, 7 if width == 64 else 5)
        at += 7 if width == 64 else 5
        if step + weight > table or at >> 3 > size:
            return log, -DAMAGED
        if offset_bits > MOST_OFFSET_BITS:
            return log, -UNKNOWN
        for _ in range(weight):
            decoder.nodes[stride * step & table - 1] = _64(b)
            step += 1
        decoder.weights[b] = _64(weight) | _64(offset_bits) << _64(32)
    if n_bins == 0 and log == 0:  # where there is nothing to code
        decoder.nodes[0], decoder.lowers[0], decoder.weights[0] = _64(0), _64(0), _64(1)
    elif step != table:
        return log, -DAMAGED
    _make_nodes(table, width == 64, decoder)
    return log, (at + 7) // 8 * 8


@kernel
def _make_nodes(table: Word, is_wide: bool, decoder: Decoder) -> None:
    """Replace the bin of each state by all that decoding it takes."""
    size = _64(table)
    zeros = leading_zeros(size)
    for state in range(table):
        b = decoder.nodes[state]
        weight = decoder.weights[b]
        decoder.weights[b] = weight + _64(1)
        counted, offset_bits = weight & _64(0xFFFFFFFF), weight >> _64(32)
        # As many bits as bring the count into the upper half of twice the table.
        bits = leading_zeros(counted) - zeros
        base = counted << bits
        said = b if is_wide else decoder.lowers[b]
        decoder.nodes[state] = (
            bits | offset_bits << _64(8) | (base - size) << _64(16) | said << _64(32)
        )


@kernel
def _read_states(
    data: np.ndarray, at: Word, what: tuple[Word, Word, Word], decoder: Decoder
) -> Word:
    """Read what a piece begins with; return the byte behind it as bits."""
    order, log, width = what
    if order:
        decoder.states[4] = _number(data, at, width)
        at += width
    for k in range(4):
        decoder.states[k] = _64(_bits(data, at, log))
        at += log
    return (at + 7) // 8 * 8


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
def _read_bins(data: np.ndarray, n: Word, decoder: Decoder) -> None:
    """Read the nodes of a batch of one file."""
    four, bit, batch, table = decoder.states, _64(decoder.place[_AT]), decoder.batch, decoder.nodes
    states = (four[0], four[1], four[2], four[3])
    whole = _64(n // 4 * 4)
    for i in range(_64(0), whole, _64(4)):
        bit, states, nodes = _read_four(data, bit, states, table)
        _keep_four(nodes, i, batch)
    four[0], four[1], four[2], four[3] = states
    for k in range(n % 4):  # the last batch of a piece
        node = table[four[k]]
        bits = node & _64(63)
        four[k] = (node >> _64(16) & _64(0xFFFF)) + _64(_bits(data, np.int64(bit), np.int64(bits)))
        bit += bits
        batch[whole + _64(k)] = node
    decoder.place[_AT] = np.int64(bit)


@kernel
def _read_bins_of_two(
    files: tuple[np.ndarray, np.ndarray], decoders: tuple[Decoder, Decoder]
) -> None:
    """Read the nodes of a whole batch of both files, four of the one and four of the other."""
    one, two = decoders
    data, data2, table, table2 = files[0], files[1], one.nodes, two.nodes
    four, four2, batch, batch2 = one.states, two.states, one.batch, two.batch
    states, bit = (four[0], four[1], four[2], four[3]), _64(one.place[_AT])
    states2, bit2 = (four2[0], four2[1], four2[2], four2[3]), _64(two.place[_AT])
    for i in range(_64(0), _64(BATCH), _64(4)):
        bit, states, nodes = _read_four(data, bit, states, table)
        bit2, states2, nodes2 = _read_four(data2, bit2, states2, table2)
        _keep_four(nodes, i, batch)
        _keep_four(nodes2, i, batch2)
    four[0], four[1], four[2], four[3] = states
    four2[0], four2[1], four2[2], four2[3] = states2
    one.place[_AT], two.place[_AT] = np.int64(bit), np.int64(bit2)


@kernel
def _keep_four(nodes: Four, i: Word, batch: np.ndarray) -> None:
    batch[i], batch[i + _64(1)] = nodes[0], nodes[1]
    batch[i + _64(2)], batch[i + _64(3)] = nodes[2], nodes[3]


@kernel
def _store(data: np.ndarray, at: Word, skip: Word, out: np.ndarray, decoder: Decoder) -> None:
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
def _sum_up(data: np.ndarray, at: Word, skip: Word, out: np.ndarray, decoder: Decoder) -> None:
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
            out[i - first] = np.int64(value ^ flip) if is_wide else value
        bound = lowers[node >> _64(32)] if is_wide else node >> _64(32)
        value += (bound + offset) ^ middle
    decoder.states[4] = value
