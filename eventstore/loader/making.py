"""The tasks of a loop over a loader: reads of blocks, and batches made of them, in order."""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Generic, TypeVar

import numpy as np
import torch

from eventstore.later import Later
from eventstore.loader.batch import Batch
from eventstore.loader.mixing import soft_labels
from eventstore.loader.source import Picked, Source
from eventstore.loader.staging import Staging
from eventstore.prefetch import PacedReads, Read, Stopwatch, Tasks
from eventstore.sample_order import EpochOrder
from eventstore.schedule import Step
from eventstore.selection import Selection
from eventstore.transforms.randomness import RandomKey

B = TypeVar("B")


class Making(Generic[B]):
    """Makes the batches of some steps of an epoch.

    Of each block only the samples that these steps serve are read: a rank, a worker or a resumed
    epoch reads no more than that. Where samples are mixed, that is one more a step: the one before.

    Args:
        source: where frames come from.
        staging: where batches are made.
        order: what the epoch serves.
        steps: the steps to serve, in order.
        key: randomness of random transforms.
        watch: notes what takes how long.
        n_classes: classes of labels that mixed samples share; None where none are mixed.
    """

    def __init__(
        self,
        source: Source[B],
        staging: Staging,
        order: EpochOrder,
        steps: Sequence[Step],
        *,
        key: RandomKey,
        watch: Stopwatch,
        n_classes: int | None = None,
    ) -> None:
        self._source = source
        self._staging = staging
        self._order = order
        self.steps = steps
        self._key = key
        self._watch = watch
        self._n_classes = n_classes
        # Samples that are read for a step and not served by it.
        self._leads = [int(n_classes is not None and s.start > 0) for s in steps]
        spans = zip(steps, self._leads, strict=True)
        parts = [order.places[step.start - lead : step.stop] for step, lead in spans]
        self._places = np.concatenate([order.places[:0], *parts])
        there = np.zeros(len(order.samples), np.bool_)
        there[self._places] = True
        self._needed = np.flatnonzero(there)
        # How many of those come before each place.
        before = np.concatenate([[0], there.cumsum()])
        n_blocks = -(-len(there) // order.block_size)
        edges = np.minimum(np.arange(n_blocks + 1) * order.block_size, len(there))
        self._bounds = before[edges]
        # The block of each place, and its place among what is needed of that.
        self._block = self._places // order.block_size
        self._inside = before[self._places] - self._bounds[self._block]

    def start(
        self, tasks: Tasks, selection: Selection, *, in_flight: int
    ) -> Iterator[tuple[Step, Later[Batch]]]:
        """Begin the batches one after the other, as they are drawn.

        Args:
            tasks: what runs them.
            selection: where the labels and ids of the samples are.
            in_flight: blocks to be under way before their samples' turn.
        """
        # What is read together comes early and goes late: that may be little of what is held.
        together = min(self._source.samples_a_read // self._order.block_size, in_flight // 8)
        reads = PacedReads(
            tasks,
            self._read,
            self._block,
            in_flight=in_flight,
            together=max(1, together),
        )
        end = 0
        for step, lead in zip(self.steps, self._leads, strict=True):
            begin, end = end, end + lead + step.stop - step.start
            taken = reads.take(begin, end)
            make = partial(self._make, slice(begin, end), taken, selection, lead=lead)
            begun = tasks.start(make)
            reads.go_ahead(end)
            yield step, begun

    def _read(self, blocks: list[int]) -> list[B]:
        with self._watch.measure("decode"):
            spans = [self._needed[self._bounds[k] : self._bounds[k + 1]] for k in blocks]
            return self._source.load([self._order.samples[span] for span in spans])

    def _make(
        self,
        part: slice,
        blocks: dict[int, Read[B]],
        selection: Selection,
        *,
        lead: int,
    ) -> Batch:
        """Make a batch of a part of the places when its blocks are there (in a thread)."""
        there = {k: read.result() for k, read in blocks.items()}
        pairs = zip(self._block[part].tolist(), self._inside[part].tolist(), strict=True)
        sources = [(there[k], i) for k, i in pairs]
        places = self._places[part]
        samples = self._order.samples[places]
        names = tuple(selection.ids_of(samples))
        picked = Picked(samples, self._order.again[places], names, lead)
        with self._watch.measure("transform"):
            try:
                made = self._source.frames(picked, sources, self._key, self._staging.allocate)
            except Exception as error:
                error.add_note(f"in the batch of samples {names[0]!r} … {names[-1]!r}")
                if self._staging.dtype == "bfloat16":
                    error.add_note("(counts are made as uint8 first: bfloat16 is exact to 256)")
                raise
            x = self._staging.finish(made.frames)
        label: np.ndarray = selection.label[samples]
        if made.share is not None and self._n_classes is not None:
            label = soft_labels(label, made.share, self._n_classes)
        length = torch.from_numpy(made.length)
        return Batch(x, torch.from_numpy(label), length, list(names[lead:]))
