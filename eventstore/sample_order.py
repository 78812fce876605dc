"""The order of samples: what each epoch serves, when, and in which blocks it is read. Plans only.

Samples are drawn or taken once each, laid in the order of the store, shuffled in blocks
(`eventstore.shuffle`) and, if asked, sorted by length within short runs (`eventstore.bucketing`).
"""

from dataclasses import dataclass, replace
from functools import cached_property
from math import fsum
from typing import Any

import numpy as np
from jaxtyping import Float64, Int64

from eventstore.blocks import estimate_events, store_order
from eventstore.bucketing import Bucket
from eventstore.sampling import Sampling, draw, n_draws
from eventstore.selection import Selection
from eventstore.shuffle import MEMORY_BYTES, BlockOrder, plan_blocks


@dataclass(frozen=True, slots=True, eq=False)
class EpochOrder:
    """What one epoch serves.

    Args:
        samples: rows of the selection, in the order of reading: block ``k`` is the places
            ``k · block_size …`` of it.
        again: how often the same sample comes before it in ``samples``.
        places: places in ``samples``, in the order served.
        block_size: samples a block.
    """

    samples: Int64[np.ndarray, " n"]
    again: Int64[np.ndarray, " n"]
    places: Int64[np.ndarray, " n"]
    block_size: int


@dataclass(frozen=True, kw_only=True, eq=False)
class SampleOrder:
    """The order of all epochs of a selection: a function of the arguments alone, on any machine.

    Args:
        selection: the samples.
        shuffle: a new order each epoch; otherwise that of the selection.
        seed: chosen by the user.
        block_size: samples a block; chosen by their mean size where None.
        memory_bytes: memory for the events of all blocks held at a time.
        sampling: how samples are drawn; each is taken once where None.
        bucket: how samples are sorted by length; not at all where None.
        group: samples of a step of all ranks; what buckets are cut into.

    Raises:
        InvalidInput: a size is out of range, or the sampling is of other samples.

    Examples:
        >>> from pathlib import Path
        >>> from tempfile import mkdtemp
        >>> from eventstore.testing import tiny_selection
        >>> order = SampleOrder(selection=tiny_selection(Path(mkdtemp()) / "events.zarr"))
        >>> epoch = order.epoch(0)
        >>> sorted(epoch.samples[epoch.places].tolist()) == list(range(20))
        True
    """

    selection: Selection
    shuffle: bool = True
    seed: int = 0
    block_size: int | None = None
    memory_bytes: int = MEMORY_BYTES
    sampling: Sampling | None = None
    bucket: Bucket | None = None
    group: int = 1

    def __post_init__(self) -> None:
        _ = self.blocks  # refuses what is out of range

    @cached_property
    def n(self) -> int:
        """Number of samples that an epoch serves."""
        return n_draws(self.sampling, self.selection)

    @cached_property
    def blocks(self) -> BlockOrder:
        """The order of blocks, of epoch 0."""
        size, in_flight = plan_blocks(
            self.n, self._expected_events(), self.block_size, memory_bytes=self.memory_bytes
        )
        return BlockOrder(
            n=self.n,
            block_size=size,
            blocks_in_flight=in_flight if self.shuffle else 1,
            seed=self.seed,
            shuffle=self.shuffle,
        )

    def epoch(self, epoch: int) -> EpochOrder:
        """Return what an epoch serves."""
        samples, again = self._drawn(epoch)
        places = replace(self.blocks, epoch=epoch).rows()
        if self.bucket is not None:
            places = self.bucket.arrange(
                places, self._lengths[samples], group=self.group, seed=self.seed, epoch=epoch
            )
        return EpochOrder(samples, again, places, self.blocks.block_size)

    def identity(self) -> dict[str, Any]:
        """Return plain values that differ where the order would, other things being equal."""
        found: dict[str, Any] = {
            "selection": self.selection.digest,
            "seed": self.seed,
            "shuffle": self.shuffle,
            "block_size": self.blocks.block_size,
            "blocks_in_flight": self.blocks.blocks_in_flight,
            "sampling": self.sampling.fingerprint if self.sampling is not None else None,
            "bucket": self.bucket.fingerprint if self.bucket is not None else None,
        }
        # Without buckets any batch and world size sees the same order.
        return found | ({"step_samples": self.group} if self.bucket is not None else {})

    @cached_property
    def reading_order(self) -> Int64[np.ndarray, " n"]:
        """Rows of the selection in the order of reading."""
        n = len(self.selection)
        return store_order(self.selection) if self.shuffle else np.arange(n, dtype=np.int64)

    @cached_property
    def reading_rank(self) -> Int64[np.ndarray, " n"]:
        """Place of each row of the selection in the order of reading."""
        rank = np.empty_like(self.reading_order)
        rank[self.reading_order] = np.arange(len(rank))
        return rank

    @cached_property
    def _lengths(self) -> Float64[np.ndarray, " n"]:
        """What buckets sort by."""
        if self.bucket is not None and self.bucket.by == "duration":
            duration: np.ndarray = self.selection.t_stop - self.selection.t_start
            return duration.astype(np.float64)
        return estimate_events(self.selection)

    def _drawn(self, epoch: int) -> tuple[Int64[np.ndarray, " n"], Int64[np.ndarray, " n"]]:
        """Return the samples of an epoch in the order of reading, repeated ones side by side."""
        if self.sampling is None:
            return self.reading_order, np.zeros(len(self.reading_order), np.int64)
        drawn = draw(self.sampling, self.selection, seed=self.seed, epoch=epoch)
        rank = np.sort(self.reading_rank[drawn])
        again = np.arange(len(rank)) - np.searchsorted(rank, rank)
        return self.reading_order[rank], again.astype(np.int64)

    def _expected_events(self) -> int:
        """Return about how many events an epoch serves."""
        events = estimate_events(self.selection)
        if self.sampling is None or not len(events):
            return int(np.rint(events.sum()))
        shares = self.sampling.shares(self.selection)
        # fsum is exact, so that all machines plan the same blocks.
        return round(self.n * fsum(shares * events) / fsum(shares))
