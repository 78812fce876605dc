"""FrameCache: what expensive pipelines made, kept on the disk and shared by all who ask for it."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from jaxtyping import Int64

from eventstore.blocks import store_order
from eventstore.cache.entry import CacheEntry
from eventstore.cache.key import CacheKey
from eventstore.cache.notes import Notes
from eventstore.cache.room import MAX_BYTES, Room, default_folder
from eventstore.errors import InvalidInput
from eventstore.findings import Finding
from eventstore.selection import Selection
from eventstore.transforms.pipeline import Pipeline


class FrameCache:
    """A folder of frames that pipelines made; bounded, shared by threads, processes and ranks.

    Nothing in it can be stale: blocks lie under a digest of all that they depend on, the events,
    the samples, the transforms with their fields and their code. It never fails a run: what cannot
    be kept is made each time, what is damaged is made anew, and `findings` says so.

    Args:
        folder: the folder; ``spikelake/frames`` below the user's cache folder where absent
            (``$XDG_CACHE_HOME``, or ``~/.cache``). A relative one stays where it is now, wherever
            the process goes.
        max_bytes: how much may be in it; what was not used for longest goes first, what is in use
            stays.

    Raises:
        InvalidInput: the bound is negative.

    Examples:
        >>> from tempfile import mkdtemp
        >>> from eventstore.testing import tiny_selection
        >>> from eventstore.transforms import Denoise, FramesByBins
        >>> selection = tiny_selection(Path(mkdtemp()) / "events.zarr")
        >>> cache = FrameCache(Path(mkdtemp()))
        >>> pipeline = Pipeline(Denoise(filter_time_us=500), FramesByBins(n_bins=5))
        >>> entry = cache.entry(selection, pipeline, block_size=8)
        >>> [len(entry.load(block)) for block in range(entry.key.n_blocks)]
        [8, 8, 4]
        >>> entry.n_kept()
        3
    """

    def __init__(self, folder: Path | str | None = None, *, max_bytes: int = MAX_BYTES) -> None:
        if max_bytes < 0:
            message = f"a cache of {max_bytes} bytes"
            raise InvalidInput(message, hint="give a bound of 0 or more bytes, or no cache")
        # Threads of a loader use it between loops, when the process may have gone elsewhere.
        self.folder = (Path(folder) if folder is not None else default_folder()).absolute()
        self.max_bytes = max_bytes
        self.room = Room(self.folder, max_bytes)
        self._notes = Notes()

    @property
    def findings(self) -> list[Finding]:
        """What went wrong so far; each trouble once."""
        return self._notes.findings

    def entry(
        self,
        selection: Selection,
        pipeline: Pipeline,
        *,
        block_size: int,
        samples: Int64[np.ndarray, " n"] | None = None,
    ) -> CacheEntry:
        """Return the blocks of a pipeline over a selection.

        Frames are kept where no stage is random, otherwise the events that go into the first stage
        that is.

        Args:
            selection: the samples.
            pipeline: what is made of them.
            block_size: samples a block.
            samples: rows of the selection in the order in which they are cut into blocks; in the
                order of the store where absent.

        Raises:
            InvalidInput: the pipeline cannot take the events of this sensor, or the blocks are
                smaller than one sample.
        """
        if block_size < 1:
            message = f"block_size={block_size} is below 1"
            raise InvalidInput(message, hint="give the number of samples a block")
        order = store_order(selection) if samples is None else samples
        key = CacheKey.of(selection, pipeline, order, block_size=block_size)
        kept = pipeline.deterministic_prefix
        return CacheEntry(selection, kept, key, order, room=self.room, notes=self._notes)

    def __reduce__(self) -> tuple[Callable[..., "FrameCache"], tuple[object, ...]]:
        """Send the place and the bound to another process."""
        return _again, (self.folder, self.max_bytes)


def _again(folder: Path, max_bytes: int) -> FrameCache:
    return FrameCache(folder, max_bytes=max_bytes)
