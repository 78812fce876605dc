"""Frames counted straight from blocks: the events of a batch are not laid end to end before.

Laying them out costs as much as counting them: 13 bytes an event written, to be read once. Only
frames of windows of time are made so, where no other stage comes before; what is made is the same.
"""

from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

import numpy as np
from jaxtyping import Int64, Shaped

from eventstore.blocks import Block
from eventstore.jit import kernel
from eventstore.sample_memory import Where, sample_at, where_of
from eventstore.transforms.binning import count_sample, largest_count
from eventstore.transforms.frames import FramesByBins, FramesByTime
from eventstore.transforms.pipeline import Pipeline
from eventstore.transforms.windows import MAX_FRAMES, fill_edges, windows_reached

Times: TypeAlias = tuple[Int64[np.ndarray, " b"], Int64[np.ndarray, " b"]]
"""First µs of each sample's window, and first µs after it."""


class Windows(NamedTuple):
    """How samples are cut into windows, in each of which events are counted.

    Args:
        window_us: length of a window; 0: they divide the sample.
        n_frames: windows of a sample; 0: as many as it takes.
    """

    window_us: int
    n_frames: int

    def lengths(self, times: Times) -> Int64[np.ndarray, " b"]:
        """Return how many frames each sample fills, as the transform does.

        More than `MAX_FRAMES`, which that refuses, are one more.

        Examples:
            >>> times = np.array([0, 0]), np.array([1000, 1001])
            >>> Windows(1000, 0).lengths(times).tolist(), Windows(0, 5).lengths(times).tolist()
            ([1, 2], [5, 5])
        """
        t_start, t_stop = times
        if not self.window_us:
            return np.full(len(t_start), self.n_frames, np.int64)
        reached = np.maximum(windows_reached(t_start, t_stop, self.window_us), 0)
        bounded: np.ndarray = np.minimum(reached, self.n_frames or MAX_FRAMES + 1)
        return bounded


def windows_of(pipeline: Pipeline) -> Windows | None:
    """Return how a pipeline cuts samples that does nothing but count; None where it does more.

    Examples:
        >>> from eventstore.transforms import Denoise
        >>> frames = FramesByTime(window_us=1_000)
        >>> windows_of(Pipeline(frames))
        Windows(window_us=1000, n_frames=0)
        >>> windows_of(Pipeline(Denoise(filter_time_us=10_000), frames)) is None
        True
    """
    first, *others = pipeline.stages
    # Exactly these: a subclass may count otherwise.
    if not others and type(first) is FramesByTime:
        return Windows(first.window_us, first.n_frames or 0)
    if not others and type(first) is FramesByBins:
        return Windows(0, first.n_bins)
    return None


def count_in_place(
    windows: Windows,
    times: Times,
    places: Sequence[tuple[Block, int]],
    out: Shaped[np.ndarray, "b t p h w"],
) -> bool:
    """Count the events of samples into frames, and return whether that went well.

    Where it did not, what is in ``out`` is arbitrary; laid end to end, the events say what is wrong
    with which of them.

    Args:
        windows: how samples are cut.
        times: their windows.
        places: the block of each sample, and its place there.
        out: frames, of which every element is written.
    """
    # The blocks are held by ``places`` until the kernel returns.
    return bool(_count(where_of(places), times, windows.window_us, out, largest_count(out)))


@kernel
def _count(
    where: Where,
    times: tuple[np.ndarray, np.ndarray],
    window_us: int,
    out: np.ndarray,
    top: int,
) -> bool:
    """Count samples where they are."""
    edges = np.empty((len(where), out.shape[1] + 2), np.int64)
    fill_edges(times[0], times[1], window_us, edges)
    for b in range(len(where)):
        columns, start, stop = sample_at(where, b)
        if start < 0:
            return False
        code, _, _ = count_sample(columns, (start, stop), edges[b : b + 1], out[b], top)
        if code:
            return False
    return True
