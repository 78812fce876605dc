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

from typing import Any

import numpy as np

from eventstore.jit import inner_kernel
from eventstore.machine import Word, load_word
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
    DAMAGED,
    DONE,
    FOUND,
    LEFT,
    MOST,
    ORDER,
    SKIP,
    STOP,
    TOTAL,
    UNKNOWN,
    WHOLE,
    Decoder,
    Decoders,
    bits,
    read_order,
    read_states,
    read_table,
)

_MAGIC = 0x216F6370

_64: Any = np.uint64


@inner_kernel
def decode_two(
    files: tuple[np.ndarray, np.ndarray],
    sizes: tuple[Word, Word],
    outs: tuple[np.ndarray, np.ndarray],
    skips: tuple[Word, Word],
    decoders: Decoders,
) -> tuple[Word, Word]:
    """Decode the first values of two files; all of them where there are no more.

    Args:
        files: uint8, the bytes of each with `PADDING` more behind them.
        sizes: how many bytes are its own; 0 to leave it alone.
        outs: uint16 or int64; where the values go, as many as there is room for.
        skips: values before them that are not wanted.
        decoders: a decoder for each.

    Returns what was found of each; a file that is left alone is ``WHOLE``.
    """
    one, two = decoders.one, decoders.two
    _open(files[0], sizes[0], outs[0], skips[0], one)
    _open(files[1], sizes[1], outs[1], skips[1], two)
    while one.place[LEFT] >= BATCH and two.place[LEFT] >= BATCH:
        read_bins_of_two(files, decoders)
        _end_batch(files[0], sizes[0], outs[0], one, BATCH)
        _end_batch(files[1], sizes[1], outs[1], two, BATCH)
        while 0 < one.place[LEFT] < BATCH:
            _read_batch(files[0], sizes[0], outs[0], one)
        while 0 < two.place[LEFT] < BATCH:
            _read_batch(files[1], sizes[1], outs[1], two)
    while one.place[LEFT] > 0:
        _read_batch(files[0], sizes[0], outs[0], one)
    while two.place[LEFT] > 0:
        _read_batch(files[1], sizes[1], outs[1], two)
    return one.place[FOUND], two.place[FOUND]


@inner_kernel
def _open(data: np.ndarray, size: Word, out: np.ndarray, skip: Word, decoder: Decoder) -> None:
    """Read the head of a file and begin its first piece."""
    place = decoder.place
    place[LEFT], place[DONE], place[FOUND] = 0, 0, WHOLE
    place[SKIP], place[STOP] = skip, skip + len(out)
    if size == 0:
        return
    log = bits(data, 48, 6) + 1
    if size < 8 or load_word(data, _64(0)) & _64(0xFFFFFFFF) != _64(_MAGIC) or log > 56:
        place[FOUND] = UNKNOWN
        return
    place[TOTAL] = bits(data, 54, log)
    place[AT] = (54 + log + 7) // 8 * 8 + 16
    if place[TOTAL] < place[STOP]:
        place[FOUND] = DAMAGED
    else:
        _begin_piece(data, size, out, decoder)


@inner_kernel
def _begin_piece(data: np.ndarray, size: Word, out: np.ndarray, decoder: Decoder) -> None:
    """Begin the next piece that has bins, or find that the file is done."""
    place, width = decoder.place, out.itemsize * 8
    while place[LEFT] == 0 and place[FOUND] == WHOLE:
        at = place[AT]
        if place[DONE] == place[STOP]:
            # The end is looked at where it was asked for.
            ended = place[DONE] < place[TOTAL] or (at >> 3 == size - 1 and data[at >> 3] == 0)
            place[FOUND] = WHOLE if ended else DAMAGED
            return
        if at >> 3 >= size or bits(data, at, 8) != (4 if width == 64 else 7):
            place[FOUND] = UNKNOWN
            return
        count = bits(data, at + 8, 24) + 1
        order, at = read_order(data, at + 32)
        log, at = read_table(data, (at, size), (width, order), decoder)
        if at < 0 or order < 0:
            place[FOUND] = UNKNOWN if order < 0 else -at
            return
        place[ORDER], place[LEFT] = order, count - order
        place[AT] = read_states(data, at, (order, log, width), decoder)
        if place[LEFT] == 0:
            _end_piece(out, decoder)


@inner_kernel
def _end_piece(out: np.ndarray, decoder: Decoder) -> None:
    """Store the value that no difference comes after."""
    place, value = decoder.place, decoder.states[4]
    if place[ORDER] and place[DONE] < place[STOP]:
        if place[DONE] >= place[SKIP]:
            out[place[DONE] - place[SKIP]] = value
        place[DONE] += 1
    place[AT] = (place[AT] + 7) // 8 * 8


@inner_kernel
def _read_batch(data: np.ndarray, size: Word, out: np.ndarray, decoder: Decoder) -> None:
    """Decode the next batch of one file."""
    n = min(BATCH, decoder.place[LEFT])
    read_bins(data, n, decoder)
    _end_batch(data, size, out, decoder, n)


@inner_kernel
def _end_batch(data: np.ndarray, size: Word, out: np.ndarray, decoder: Decoder, n: Word) -> None:
    """Store the values of a batch whose bins were read; go on to the next piece at its end."""
    place, done = decoder.place, decoder.place[DONE]
    is_whole = n == BATCH and place[SKIP] <= done and done + BATCH <= place[STOP]
    if is_whole and place[MOST] <= MOST_OF_FOUR:
        into = out[done - place[SKIP] : done - place[SKIP] + BATCH]
        if place[ORDER]:
            sum_up_whole(data, into, decoder)
        else:
            store_whole(data, into, decoder)
        place[DONE] = done + BATCH
    else:
        add_offsets(data, n, decoder)
        _store_part(out, decoder, n)
    place[LEFT] -= n
    if place[AT] >> 3 > size:
        place[LEFT], place[FOUND] = 0, DAMAGED
    elif place[LEFT] == 0:
        _end_piece(out, decoder)
        _begin_piece(data, size, out, decoder)
    elif place[DONE] == place[STOP]:
        place[LEFT] = 0  # no more is wanted


@inner_kernel
def _store_part(out: np.ndarray, decoder: Decoder, n: Word) -> None:
    """Store what is wanted of the values of a batch."""
    place, done = decoder.place, decoder.place[DONE]
    stop = min(done + n, place[STOP])
    first = min(max(done, place[SKIP]), stop)
    into = out[max(first - place[SKIP], 0) : max(stop - place[SKIP], 0)]
    if place[ORDER]:
        sum_up(first - done, into, decoder)
    else:
        store(first - done, into, decoder)
    place[DONE] = stop
