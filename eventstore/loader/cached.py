"""Frames out of a cache: its blocks stand in for those of the store."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate, pairwise
from typing import Any, TypeAlias

import numpy as np
from jaxtyping import Int64

from eventstore.cache import CachedBlock, CacheEntry, frame_lengths, gather_events, write_frames
from eventstore.loader.source import Allocate, EventSource, Made, Picked
from eventstore.transforms.randomness import RandomKey

Places: TypeAlias = list[tuple[CachedBlock, int]]
"""For each sample its block in the cache, and its place there."""


class CachedSource:
    """What a cache keeps of the samples: frames, or the events before random transforms.

    Args:
        entry: the blocks.
        position: place of each row of the selection in the order that is cut into blocks.
        events: makes frames of events.
    """

    def __init__(
        self, entry: CacheEntry, position: Int64[np.ndarray, " n"], events: EventSource
    ) -> None:
        self._entry = entry
        self._events = events
        self._position = position

    @property
    def samples_a_read(self) -> int:
        """Several: handing a task to a thread costs as much as taking a sample from the cache."""
        return 8

    def load(self, blocks: Sequence[Int64[np.ndarray, " n"]]) -> list[Places]:
        """Take the blocks that hold some samples from the cache, or make them and put them there.

        Blocks of the cache are cut from all samples. So what a rank reads, or what was drawn with
        replacement, may lie in several.
        """
        edges = accumulate(map(len, blocks), initial=0)
        samples = np.concatenate(blocks)
        block, place = np.divmod(self._position[samples], self._entry.key.block_size)
        numbers = list(dict.fromkeys(block.tolist()))
        loaded = dict(zip(numbers, self._entry.load_several(numbers), strict=True))
        told = zip(map(loaded.__getitem__, block.tolist()), place.tolist(), strict=True)
        places = [(several, first + i) for (several, first), i in told]
        return [places[a:b] for a, b in pairwise(edges)]

    def frames(
        self,
        picked: Picked,
        places: Sequence[tuple[Places, int]],
        key: RandomKey,
        allocate: Allocate,
    ) -> Made:
        """Unpack the frames of a batch, or make them of the events that are kept."""
        sources: list[Any] = [block[i] for block, i in places]
        if not self._entry.keeps_frames:
            events = replace(gather_events(sources), ids=picked.draw_ids())
            done = self._entry.n_stages
            return self._events.make(events, key, allocate, first=done, lead=picked.lead)
        length = frame_lengths(sources)
        shape = self._events.spec.array_shape(len(sources), max(int(length.max()), 1))
        out = allocate(shape)
        write_frames(sources, out)
        return Made(out, length)
