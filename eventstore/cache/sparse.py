"""Kernels between dense frames and what is kept of them: places and values other than zero.

A sample's elements are counted through its frames, planes, rows and columns; the places of those
other than zero ascend, and are bit-packed as their differences (`eventstore.bitpack`). Counts are
bit-packed in 16 bits, their high parts, where any count has one, beside them. Real numbers are
kept as they are: zero is what has no bit set, so that -0.0 and NaN come back as they were.
"""

import numpy as np
from numba.np.numpy_support import carray

from eventstore.bitpack_unpack import BLOCK, WHOLE, Int, decode_int64, decode_uint16
from eventstore.cache.scatter import scatter_blocks
from eventstore.jit import brief_kernel, kernel
from eventstore.machine import load_word, pointer_to
from eventstore.sample_memory import numbers_of

N_COLUMNS = 8
"""Of the table of samples: frames, elements other than zero, and three times at and size in bytes:
of the places, of the values (the low 16 bits of counts), of the counts' high 16 bits. In a file
"at" counts from the content's start; in memory it is an address."""

DONE, DAMAGED, TOO_LONG, OVERFLOW = range(4)
"""What scattering found."""


MAX_FRAMES = 1 << 31
"""Bound on the frames of a sample."""


@kernel
def take_table(data: np.ndarray, start: int, stop: int, table: np.ndarray) -> bool:
    """Copy the table at the start of a content, its places becoming addresses.

    Return whether all that it tells of lies in the content; if not, the copy is arbitrary.

    Args:
        data: bytes in memory.
        start: where the content begins there.
        stop: where it ends.
        table: int64[samples, N_COLUMNS], to be filled.
    """
    size, address = stop - start, np.int64(data.ctypes.data) + start
    if size < table.size * 8:
        return False
    for b in range(len(table)):
        for k in range(N_COLUMNS):
            word = load_word(data, np.uint64(start + 8 * (N_COLUMNS * b + k)))
            table[b, k] = np.int64(word)
        n_frames, n = table[b, 0], table[b, 1]
        if n_frames < 0 or n_frames > MAX_FRAMES or n < 0:
            return False
        for k in range(2, N_COLUMNS, 2):
            at, n_bytes = table[b, k], table[b, k + 1]
            if at < 0 or n_bytes < 0 or at > size or n_bytes > size - at:
                return False
            table[b, k] = address + at
        if n > 64 * table[b, 3]:  # a block of 512 places takes 8 bytes at least
            return False
    return True


@brief_kernel
def count_frames(where: np.ndarray, out: np.ndarray) -> None:
    """Write how many frames each of some samples fills."""
    for b in range(len(where)):
        out[b] = numbers_of(where, b, N_COLUMNS)[0]


@kernel
def gather_nonzero(bits: np.ndarray, places: np.ndarray, values: np.ndarray) -> Int:
    """Write the places and bits of all elements with a bit set; return how many there are.

    Args:
        bits: the elements as uint32.
        places: int64, as long as the elements; what is after the last is arbitrary.
        values: uint32, the same.
    """
    n = np.uint64(0)
    for i in range(np.uint64(len(bits))):
        # Written always, counted if set: no branch to mispredict.
        places[n] = np.int64(i)
        values[n] = bits[i]
        n += np.uint64(bits[i] != 0)
    return np.int64(n)


@kernel
def scatter_counts(
    where: np.ndarray, cells: int, out: np.ndarray, top: int
) -> tuple[int, int, Int]:
    """Write the frames of samples, zeros included; return what was found, the sample and place.

    Args:
        where: of each sample the address of a table, whose places are addresses, and its row there.
        cells: elements a frame.
        out: any type of frames, a row a sample; elements past a sample's frames become zero.
        top: the largest count the type of ``out`` holds.
    """
    low, values = np.empty(BLOCK, np.uint16), np.empty(BLOCK, np.uint16)
    memory = low, values, np.empty(BLOCK, np.int64)
    for b in range(len(where)):
        sample, row = numbers_of(where, b, N_COLUMNS), out[b]
        n, elements = sample[1], sample[0] * cells
        if elements > len(row):
            return TOO_LONG, b, 0
        streams = _stream(sample, 2), _stream(sample, 4)
        if not (sample[7] == 0 and scatter_blocks(streams, n, row[:elements], top, memory)):
            found, place = _scatter_checked(sample, row[:elements], top)
            if found != DONE:
                return found, b, place
        row[elements:] = 0
    return DONE, 0, 0


@kernel
def _scatter_checked(sample: np.ndarray, row: np.ndarray, top: int) -> tuple[int, Int]:
    """Write counts of any size among zeros; return what was found, and where."""
    n, has_high = sample[1], sample[7] > 0
    places, low = np.empty(n, np.int64), np.empty(n, np.uint16)
    high = np.empty(n if has_high else 0, np.uint16)
    found = decode_int64(_stream(sample, 2), places) | decode_uint16(_stream(sample, 4), low)
    if has_high:
        found |= decode_uint16(_stream(sample, 6), high)
    if found != WHOLE:
        return DAMAGED, 0
    row[:] = 0
    for i in range(np.uint64(n)):
        place, count = np.uint64(places[i]), np.uint32(low[i])
        if has_high:
            count |= np.uint32(high[i]) << np.uint32(16)
        if place >= np.uint64(len(row)):
            return DAMAGED, 0
        if count > top:
            return OVERFLOW, np.int64(place)
        row[place] = count
    return DONE, 0


@kernel
def scatter_real(where: np.ndarray, cells: int, out: np.ndarray) -> tuple[int, int, Int]:
    """Write the arrays of samples, zeros included, as `scatter_counts` does; ``out`` is float32."""
    for b in range(len(where)):
        sample, row = numbers_of(where, b, N_COLUMNS), out[b]
        n, elements = sample[1], sample[0] * cells
        if elements > len(row):
            return TOO_LONG, b, 0
        row[:] = 0
        places = np.empty(n, np.int64)
        values = _stream(sample, 4).view(np.float32)
        if decode_int64(_stream(sample, 2), places) != WHOLE or len(values) != n:
            return DAMAGED, b, 0
        limit = np.uint64(elements)
        for i in range(np.uint64(n)):
            place = np.uint64(places[i])
            if place >= limit:
                return DAMAGED, b, 0
            row[place] = values[i]
    return DONE, 0, 0


@kernel
def _stream(sample: np.ndarray, column: int) -> np.ndarray:
    """Return the bytes that two columns of a sample's row tell of."""
    return carray(pointer_to(sample[column]), sample[column + 1], np.uint8)
