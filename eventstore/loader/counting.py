"""Frames counted straight from blocks: the events of a batch are not laid end to end before.

Laying them out costs as much as counting them: 13 bytes an event written, to be read once. Only
frames of windows of time are made so, where no other stage comes before; what is made is the same.
"""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Int64, Shaped
from numba.np.numpy_support import carray

from eventstore.blocks import Block
from eventstore.events import Events
from eventstore.jit import kernel
from eventstore.machine import pointer_to
from eventstore.transforms.batch import EventBatch
from eventstore.transforms.binning import count_sample, largest_count
from eventstore.transforms.frames import FramesByBins, FramesByTime
from eventstore.transforms.pipeline import Pipeline
from eventstore.transforms.windows import window_edges


def counts_windows(pipeline: Pipeline) -> bool:
    """Say whether a pipeline does nothing but count events in windows of time.

    Examples:
        >>> from eventstore.transforms import Denoise
        >>> frames = FramesByTime(window_us=1_000)
        >>> counts_windows(Pipeline(frames))
        True
        >>> counts_windows(Pipeline(Denoise(filter_time_us=10_000), frames))
        False
    """
    # Exactly these: a subclass may count otherwise.
    return [type(stage) for stage in pipeline.stages] in ([FramesByTime], [FramesByBins])


def windows_of(
    t_start: Int64[np.ndarray, " b"], t_stop: Int64[np.ndarray, " b"], ids: tuple[str, ...]
) -> EventBatch:
    """Return samples with these windows and without events, to plan frames by."""
    return EventBatch(Events.empty(), np.zeros(len(ids) + 1, np.int64), t_start, t_stop, ids)


def count_in_place(
    pipeline: Pipeline,
    windows: EventBatch,
    places: Sequence[tuple[Block, int]],
    out: Shaped[np.ndarray, "b t p h w"],
) -> bool:
    """Count the events of samples into frames, and return whether that went well.

    Where it did not, what is in ``out`` is arbitrary; laid end to end, the events say what is wrong
    with which of them.

    Args:
        pipeline: one of those that `counts_windows` says yes to.
        windows: what `windows_of` returned.
        places: the block of each sample, and its place there.
        out: frames, of which every element is written.
    """
    [stage] = pipeline.stages
    window_us = stage.window_us if isinstance(stage, FramesByTime) else None
    edges = window_edges(windows, window_us, out.shape[1])
    # The blocks are held by ``places`` until the kernel returns.
    spans = np.empty((len(places), 7), np.int64)
    for k, (block, i) in enumerate(places):
        spans[k] = block.spans[i]
    return bool(_count(spans, edges, out, largest_count(out)))


@kernel
def _count(
    spans: Int64[np.ndarray, "b 7"],
    edges: Int64[np.ndarray, "b edges"],
    out: np.ndarray,
    top: int,
) -> bool:
    """Count samples, of each of which is told what `Block.spans` holds."""
    for b in range(len(spans)):
        n, start, stop = spans[b, 4], spans[b, 5], spans[b, 6]
        if not 0 <= start <= stop <= n:
            return False
        t = carray(pointer_to(spans[b, 0]), n, np.int64)
        x = carray(pointer_to(spans[b, 1]), n, np.uint16)
        y = carray(pointer_to(spans[b, 2]), n, np.uint16)
        p = carray(pointer_to(spans[b, 3]), n, np.uint8)
        code, _, _ = count_sample((t, x, y, p), (start, stop), edges[b : b + 1], out[b], top)
        if code:
            return False
    return True
