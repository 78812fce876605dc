"""Kernels between dense frames and what is kept of them: places and values other than zero.

A sample's elements are counted through its frames, planes, rows and columns; the places of those
other than zero ascend, and are bit-packed as their differences (`eventstore.bitpack`). Counts are
bit-packed in 16 bits, their high parts, where any count has one, beside them. Real numbers are
kept as they are: zero is what has no bit set, so that -0.0 and NaN come back as they were.
"""

import numpy as np

from eventstore.bitpack_unpack import WHOLE, Int, decode_int64, decode_uint16
from eventstore.jit import kernel

N_COLUMNS = 8
"""Of the table of samples: frames, elements other than zero, and three times at and size in bytes:
of the places, of the values (the low 16 bits of counts), of the counts' high 16 bits."""

DONE, DAMAGED, TOO_LONG, OVERFLOW = range(4)
"""What scattering found."""


MAX_FRAMES = 1 << 31
"""Bound on the frames of a sample."""


@kernel
def table_is_sound(table: np.ndarray, n_bytes: int) -> bool:
    """Say whether a table of samples points inside a file of so many bytes.

    Args:
        table: int64[samples, N_COLUMNS].
        n_bytes: size of what it points into.

    Examples:
        >>> table_is_sound(np.array([[1, 64, 8, 8, 16, 0, 16, 0]]), 16)
        True
        >>> table_is_sound(np.array([[1, 64, 8, 9, 17, 0, 17, 0]]), 16)
        False
    """
    for b in range(len(table)):
        n_frames, n = table[b, 0], table[b, 1]
        if n_frames < 0 or n_frames > MAX_FRAMES or n < 0:
            return False
        for k in range(2, N_COLUMNS, 2):
            at, size = table[b, k], table[b, k + 1]
            if at < 0 or size < 0 or at > n_bytes or size > n_bytes - at:
                return False
        if n > 64 * table[b, 3]:  # a block of 512 places takes 8 bytes at least
            return False
    return True


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
    data: np.ndarray, table: np.ndarray, cells: int, out: np.ndarray, top: int
) -> tuple[int, int, Int]:
    """Write the frames of samples, zeros included; return what was found, the sample and place.

    Args:
        data: bytes that the table points into.
        table: int64[samples, N_COLUMNS].
        cells: elements a frame.
        out: any type of frames, a row a sample; elements past a sample's frames become zero.
        top: the largest count the type of ``out`` holds.
    """
    most = table[:, 1].max() if len(table) else 0
    places, low = np.empty(most, np.int64), np.empty(most, np.uint16)
    high = np.empty(most if table[:, 7].any() else 0, np.uint16)
    for b in range(len(table)):
        n, elements, row = table[b, 1], table[b, 0] * cells, out[b]
        if elements > len(row):
            return TOO_LONG, b, 0
        row[:] = 0
        found = decode_int64(data[table[b, 2] : table[b, 2] + table[b, 3]], places[:n])
        found |= decode_uint16(data[table[b, 4] : table[b, 4] + table[b, 5]], low[:n])
        high_size = table[b, 7]
        if high_size:
            found |= decode_uint16(data[table[b, 6] : table[b, 6] + high_size], high[:n])
        if found != WHOLE:
            return DAMAGED, b, 0
        if not high_size and _all_fit(places[:n], low[:n], elements, top):
            for i in range(np.uint64(n)):
                row[np.uint64(places[i])] = low[i]
            continue
        found, place = _scatter_checked(
            places[:n], (low, high[: n if high_size else 0]), row[:elements], top
        )
        if found != DONE:
            return found, b, place
    return DONE, 0, 0


@kernel
def _scatter_checked(
    places: np.ndarray, counts: tuple[np.ndarray, np.ndarray], row: np.ndarray, top: int
) -> tuple[int, Int]:
    """Write counts, of whose high parts there may be none; return what was found, and where."""
    low, high = counts
    for i in range(np.uint64(len(places))):
        place, count = np.uint64(places[i]), np.uint32(low[i])
        if len(high):
            count |= np.uint32(high[i]) << np.uint32(16)
        if place >= np.uint64(len(row)):
            return DAMAGED, 0
        if count > top:
            return OVERFLOW, np.int64(place)
        row[place] = count
    return DONE, 0


@kernel
def _all_fit(places: np.ndarray, counts: np.ndarray, limit: int, top: int) -> bool:
    """Say whether all places lie below a limit, and no count is above the top."""
    last, signs, most = np.int64(0), np.int64(0), np.int64(0)
    for i in range(len(places)):  # loops that count become vector instructions
        last = max(last, places[i])
        signs |= places[i]
    for i in range(len(counts)):
        most = max(most, np.int64(counts[i]))
    return bool(signs >= 0 and last < limit and most <= top)


@kernel
def scatter_real(
    data: np.ndarray, table: np.ndarray, cells: int, out: np.ndarray
) -> tuple[int, int, Int]:
    """Write the arrays of samples, zeros included, as `scatter_counts` does; ``out`` is float32."""
    places = np.empty(table[:, 1].max() if len(table) else 0, np.int64)
    for b in range(len(table)):
        n, elements, row = table[b, 1], table[b, 0] * cells, out[b]
        if elements > len(row):
            return TOO_LONG, b, 0
        row[:] = 0
        found = decode_int64(data[table[b, 2] : table[b, 2] + table[b, 3]], places[:n])
        values = data[table[b, 4] : table[b, 4] + table[b, 5]].view(np.float32)
        if found != WHOLE or len(values) != n:
            return DAMAGED, b, 0
        limit = np.uint64(elements)
        for i in range(np.uint64(n)):
            place = np.uint64(places[i])
            if place >= limit:
                return DAMAGED, b, 0
            row[place] = values[i]
    return DONE, 0, 0
