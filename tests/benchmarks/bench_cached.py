"""Batches of frames out of a frame cache, made by two threads."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from bench_peers import BATCH
from eventstore.buffers import Buffers
from eventstore.cache import CachedBlock, CacheEntry, FrameBlock, frame_lengths, write_frames

THREADS = 2


@dataclass
class CachedBatches:
    """Shuffled batches of all samples of a cache's entry; each epoch reads all blocks anew.

    Args:
        entry: the blocks.
        shape: ``(P, H, W)`` of a frame.
        dtype: type of the counts.
        batch: samples a batch.
    """

    entry: CacheEntry
    shape: tuple[int, int, int]
    dtype: Literal["uint8", "float32"] = "uint8"
    batch: int = BATCH
    buffers: Buffers = field(default_factory=lambda: Buffers(keep=2 * THREADS), init=False)

    def fill(self) -> None:
        """Make what is not there yet."""
        for block in range(self.entry.key.n_blocks):
            self.entry.load(block)

    def __iter__(self) -> Iterator[np.ndarray]:
        """Iterate over the batches of an epoch, at most two of them ahead of the consumer."""
        with ThreadPoolExecutor(THREADS) as threads:
            blocks = list(threads.map(self._load, range(self.entry.key.n_blocks)))
            places = [(block, i) for block in blocks for i in range(len(block))]
            order = np.random.default_rng(0).permutation(len(places)).tolist()
            begun: list[Future[np.ndarray]] = []
            for start in range(0, len(order), self.batch):
                mine = [places[i] for i in order[start : start + self.batch]]
                begun.append(threads.submit(self._make, mine))
                if len(begun) > THREADS:
                    yield begun.pop(0).result()
            while begun:
                yield begun.pop(0).result()

    def _load(self, block: int) -> FrameBlock:
        found: CachedBlock = self.entry.load(block)
        assert isinstance(found, FrameBlock)
        return found

    def _make(self, places: list[tuple[FrameBlock, int]]) -> np.ndarray:
        lengths = frame_lengths(places)
        shape = (len(places), int(lengths.max()), *self.shape)
        frames: np.ndarray = self.buffers.empty(shape, self.dtype)
        write_frames(places, frames)
        return frames
