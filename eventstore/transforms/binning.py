"""Kernels that count events into frames.

Each returns ``(code, row, frame)``, code 0 where all went well: a kernel that raises can neither be
cached nor say which sample it was.
"""

import numpy as np

from eventstore.jit import kernel

OFF_SENSOR = 1
OFF_WINDOW = 2
OVERFLOW = 3


@kernel
def count_by_time(
    columns: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray],
    offsets: np.ndarray,
    bounds: tuple[np.ndarray, np.ndarray],
    out: np.ndarray,
    top: int,
) -> tuple[int, int, int]:
    """Count events into frame k of sample b where ``edges[b, k] <= t < edges[b, k + 1]``.

    Events need not be in order; where they are, the frame is looked up once a frame. Events after
    the last edge but inside the window belong to no frame.

    Args:
        columns: t, x, y, p of the batch.
        offsets: rows of the samples.
        bounds: the edges, int64[b, frames + 1], and the samples' windows, int64[b, 2].
        out: frames, of which every element is written.
        top: the largest count the type of ``out`` holds.
    """
    t, x, y, p = columns
    edges, window = bounds
    n_frames, planes, height, width = out.shape[1:]
    for b in range(len(offsets) - 1):
        out[b] = 0
        start = stop = window[b, 0]
        k = 0
        for i in range(offsets[b], offsets[b + 1]):
            if t[i] < start or t[i] >= stop:
                if t[i] < window[b, 0] or t[i] >= window[b, 1]:
                    return OFF_WINDOW, i, 0
                k = np.searchsorted(edges[b], t[i], side="right") - 1
                start = edges[b, k]
                stop = window[b, 1] if k == n_frames else min(edges[b, k + 1], window[b, 1])
            plane = p[i] if planes > 1 else 0
            if x[i] >= width or y[i] >= height or plane >= planes:
                return OFF_SENSOR, i, 0
            if k == n_frames:
                continue
            count = out[b, k, plane, y[i], x[i]]
            if count == top:
                return OVERFLOW, i, k
            out[b, k, plane, y[i], x[i]] = count + 1
    return 0, 0, 0


@kernel
def count_by_row(
    columns: tuple[np.ndarray, np.ndarray, np.ndarray],
    offsets: np.ndarray,
    per_frame: int,
    out: np.ndarray,
    top: int,
) -> tuple[int, int, int]:
    """Count each run of ``per_frame`` events of sample b into a frame of its own."""
    x, y, p = columns
    n_frames, planes, height, width = out.shape[1:]
    for b in range(len(offsets) - 1):
        out[b] = 0
        i, end = offsets[b], offsets[b + 1]
        for k in range(n_frames):
            for _ in range(min(per_frame, end - i)):
                plane = p[i] if planes > 1 else 0
                if x[i] >= width or y[i] >= height or plane >= planes:
                    return OFF_SENSOR, i, 0
                count = out[b, k, plane, y[i], x[i]]
                if count == top:
                    return OVERFLOW, i, k
                out[b, k, plane, y[i], x[i]] = count + 1
                i += 1
    return 0, 0, 0
