"""Kernels that count events into frames.

Each returns ``(code, row, frame)``, code 0 where all went well: a kernel that raises can neither be
cached nor say which sample it was.
"""

import numpy as np

from eventstore.errors import InvalidInput
from eventstore.events import Sensor
from eventstore.jit import inner_kernel, kernel
from eventstore.machine import Word
from eventstore.transforms.batch import EventBatch
from eventstore.transforms.windows import OFF_SENSOR, OFF_WINDOW, seek, stopped_at

OVERFLOW = 3

AT_ONCE = 512
"""Events whose places are computed before they are counted: these stay in the first cache."""


AT_A_LOOK = 16
"""Events of which one look tells whether all lie in a window."""


@kernel
def count_by_time(
    columns: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray],
    offsets: np.ndarray,
    edges: np.ndarray,
    out: np.ndarray,
    top: int,
) -> tuple[int, int, int]:
    """Count events into frame k of sample b where ``edges[b, k] <= t < edges[b, k + 1]``.

    Events need not be in order; where they are, the frame is looked up once a frame. Events after
    the last frame but inside the sample's window belong to no frame.

    Args:
        columns: t, x, y, p of the batch.
        offsets: rows of the samples.
        edges: edges of the frames and the end of the sample, int64[b, frames + 2].
        out: frames, of which every element is written.
        top: the largest count the type of ``out`` holds.
    """
    for b in range(len(offsets) - 1):
        problem = count_sample(columns, (offsets[b], offsets[b + 1]), edges[b : b + 1], out[b], top)
        if problem[0]:
            return problem
    return 0, 0, 0


@kernel
def count_sample(
    columns: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray],
    rows: tuple[int, int],
    edges: np.ndarray,
    out: np.ndarray,
    top: int,
) -> tuple[int, int, int]:
    """Count the events of some rows into the frames of one sample; see `count_by_time`.

    Of ``edges`` the first row is meant. Places in a frame are computed for many events at a time,
    by vector instructions, and then counted one by one.
    """
    t, x, y, p = columns
    n_frames, planes, height, width = out.shape
    out[:] = 0
    flat = out.reshape(out.size)
    one, most = flat.dtype.type(1), flat.dtype.type(top)  # else float32 is counted in float64
    places = np.empty(AT_ONCE, np.uint32)
    size = planes * height * width
    at_once = AT_ONCE if size <= 1 << 32 else 1  # whose places take more than 32 bits
    above = np.uint64(0)
    k, i = 0, rows[0]
    while i < rows[1]:
        n = min(at_once, rows[1] - i)
        part = slice(i, i + n)
        placed = place_events((x[part], y[part], p[part]), out.shape, places)
        if at_once == 1:
            above = _place(columns, i, out.shape) >> np.uint64(32) << np.uint64(32)
        j = 0
        while j < placed:
            k = _seek_on(edges, t[i + j], k)
            if k < 0:
                return OFF_WINDOW, i + j, 0
            end = stay(t, (i + j, i + placed), (edges[0, k], edges[0, k + 1])) - i
            if k < n_frames:
                first = np.uint64(k * size) + above
                for m in range(np.uint64(j), np.uint64(end)):
                    at = first + np.uint64(places[m])
                    count = flat[at]
                    if count == most:
                        return OVERFLOW, i + int(np.int64(m)), k
                    flat[at] = count + one
            j = end
        i += placed
        if placed < n:
            return OFF_SENSOR if _seek_on(edges, t[i], k) >= 0 else OFF_WINDOW, i, 0
    return 0, 0, 0


@inner_kernel
def stay(t: np.ndarray, rows: tuple[int, int], window: tuple[int, int]) -> int:
    """Return the first of some rows whose time lies outside a window, or the row behind them.

    The first row is taken to lie within.
    """
    i, stop, look = np.uint64(rows[0]), np.uint64(rows[1]), np.uint64(AT_A_LOOK)
    low, last = window[0], window[1] - 1
    while i + look <= stop:
        outside = np.int64(0)
        for j in range(look):  # without a branch in it, for vectors
            outside |= (t[i + j] - low) | (last - t[i + j])
        if outside < 0:
            break
        i += look
    while i < stop and low <= t[i] <= last:
        i += np.uint64(1)
    return int(np.int64(i))  # unsigned numbers and signed ones meet as floats


@inner_kernel
def _seek_on(edges: np.ndarray, t: int, k: int) -> int:
    """Return what `seek` does for the first row; looks at the window after ``k`` before others."""
    if k + 2 < edges.shape[1] and edges[0, k + 1] <= t < edges[0, k + 2]:
        return k + 1
    return seek(edges, 0, t, k)


@inner_kernel
def _place(
    columns: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray],
    i: int,
    shape: tuple[int, int, int, int],
) -> Word:
    """Return where an event lies in a frame of any size."""
    _, x, y, p = columns
    plane = np.uint64(p[i]) if shape[1] > 1 else np.uint64(0)
    height, width = np.uint64(shape[2]), np.uint64(shape[3])
    return (plane * height + np.uint64(y[i])) * width + np.uint64(x[i])


@inner_kernel
def place_events(
    columns: tuple[np.ndarray, np.ndarray, np.ndarray],
    shape: tuple[int, int, int, int],
    places: np.ndarray,
) -> int:
    """Compute where events lie in a frame; return how many are before the first off the sensor.

    Args:
        columns: x, y and p of `AT_ONCE` events or fewer.
        shape: of the frames; with one plane p does not matter.
        places: uint32, becomes the places of these events.
    """
    x, y, p = columns
    planes, height, width = np.uint32(shape[1]), np.uint32(shape[2]), np.uint32(shape[3])
    off = False
    # Two loops without a branch in them, for vectors.
    if planes > 1:
        for j in range(len(x)):
            off |= (x[j] >= width) | (y[j] >= height) | (p[j] >= planes)
            places[j] = (p[j] * height + y[j]) * width + x[j]
    else:
        for j in range(len(x)):
            off |= (x[j] >= width) | (y[j] >= height)
            places[j] = y[j] * width + x[j]
    if not off:
        return len(x)
    j = 0
    while x[j] < width and y[j] < height and (planes == 1 or p[j] < planes):
        j += 1
    return j


@kernel
def count_by_row(
    columns: tuple[np.ndarray, np.ndarray, np.ndarray],
    edges: np.ndarray,
    out: np.ndarray,
    top: int,
) -> tuple[int, int, int]:
    """Count the events of rows ``edges[b, k]`` … ``edges[b, k + 1] - 1`` into frame k of sample b.

    Args:
        columns: x, y, p of the batch.
        edges: first row of each frame and the end of the last, int64[b, frames + 1].
        out: frames, of which every element is written.
        top: the largest count the type of ``out`` holds.
    """
    x, y, p = columns
    n_frames, planes, height, width = out.shape[1:]
    for b in range(len(edges)):
        out[b] = 0
        for k in range(n_frames):
            for i in range(edges[b, k], edges[b, k + 1]):
                plane = p[i] if planes > 1 else 0
                if x[i] >= width or y[i] >= height or plane >= planes:
                    return OFF_SENSOR, i, 0
                count = out[b, k, plane, y[i], x[i]]
                if count == top:
                    return OVERFLOW, i, k
                out[b, k, plane, y[i], x[i]] = count + 1
    return 0, 0, 0


def largest_count(out: np.ndarray) -> int:
    """Return the largest count that a type of frames holds exactly.

    Examples:
        >>> largest_count(np.empty(0, np.uint8))
        255
    """
    return 1 << 24 if out.dtype == np.float32 else int(np.iinfo(out.dtype).max)


def uncounted(
    problem: tuple[int, int, int], batch: EventBatch, sensor: Sensor, out: np.ndarray
) -> InvalidInput:
    """Return the error for what a kernel of this module returned."""
    code, row, frame = problem
    if code != OVERFLOW:
        return stopped_at(code, row, batch, sensor)
    sample = batch.sample_of(row)
    x, y, p = (int(column[row]) for column in batch.events.arrays()[1:])
    its_pixel = batch.sample(sample)
    in_all = np.count_nonzero((its_pixel.x == x) & (its_pixel.y == y) & (its_pixel.p == p))
    message = (
        f"frame {frame} of sample {batch.ids[sample]!r} counts more than {largest_count(out)} "
        f"events on pixel x={x}, y={y}, p={p} (of {in_all} in the sample), which {out.dtype} "
        "cannot hold"
    )
    wider = 'dtype="float32" or "uint16"' if out.dtype == np.uint8 else 'dtype="float32"'
    return InvalidInput(message, hint=f"use {wider}, or more and shorter frames")
