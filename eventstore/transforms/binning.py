"""Kernels that count events into frames.

Each returns ``(code, row, frame)``, code 0 where all went well: a kernel that raises can neither be
cached nor say which sample it was.
"""

import numpy as np

from eventstore.errors import InvalidInput
from eventstore.events import Sensor
from eventstore.jit import kernel
from eventstore.transforms.batch import EventBatch
from eventstore.transforms.windows import OFF_SENSOR, OFF_WINDOW, seek, stopped_at

OVERFLOW = 3


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

    Of ``edges`` the first row is meant.
    """
    t, x, y, p = columns
    n_frames, planes, height, width = out.shape
    out[:] = 0
    k = 0
    for i in range(rows[0], rows[1]):
        k = seek(edges, 0, t[i], k)
        if k < 0:
            return OFF_WINDOW, i, 0
        plane = p[i] if planes > 1 else 0
        if x[i] >= width or y[i] >= height or plane >= planes:
            return OFF_SENSOR, i, 0
        if k == n_frames:
            continue
        count = out[k, plane, y[i], x[i]]
        if count == top:
            return OVERFLOW, i, k
        out[k, plane, y[i], x[i]] = count + 1
    return 0, 0, 0


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
