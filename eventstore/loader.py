"""Loader: stream batches of frames of a selection, ready to train on. The one door to torch here.

The order of an epoch is a function of (seed, epoch), the randomness of a sample of (seed, epoch,
sample id): threads, prefetching, ranks, and where an epoch was taken up again change nothing of it.
"""

from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import replace
from functools import partial
from math import prod
from typing import Any, Literal, NamedTuple

import numpy as np
import torch
from jaxtyping import Int64
from torch import Tensor

from eventstore.blocks import Block, estimate_events, gather, read_block, store_order
from eventstore.buffers import Buffers
from eventstore.errors import InvalidInput
from eventstore.prefetch import PacedReads, Stopwatch, Tasks, ahead, worker_threads
from eventstore.schedule import Share, Step
from eventstore.selection import Selection
from eventstore.shuffle import BlockOrder, plan_blocks
from eventstore.transforms.batch import EventBatch
from eventstore.transforms.pipeline import Pipeline
from eventstore.transforms.protocol import Spec
from eventstore.transforms.randomness import RandomKey

DTYPES = ("float32", "uint8")


class Batch(NamedTuple):
    """A batch of samples.

    Attributes:
        x: counts of events, ``(B, T, C, H, W)``, for audio ``(B, T, C)``.
        label: class of each sample, int64 ``(B,)``.
        length: number of frames each sample fills, int64 ``(B,)``; the frames after are zero.
        ids: id of each sample.
    """

    x: Tensor
    label: Tensor
    length: Tensor
    ids: list[str]


class Loader:
    """Stream the samples of a selection through a pipeline, batch by batch.

    Each ``for`` loop is one epoch, and the next one the next epoch; `set_epoch` chooses it.
    An epoch left half-way begins anew; to go on where it stood, use `state_dict` and
    `load_state_dict`. One loop at a time.

    Args:
        selection: the samples; without shuffling they come in its order.
        pipeline: what to make of them; it ends with frames.
        batch_size: samples a batch (and rank).
        shuffle: a new order each epoch.
        seed: of the order and of random transforms.
        block_size: neighbouring samples read together and kept together for about a pool when
            shuffling; None chooses by the mean size of the samples.
        drop_last: leave out the last batch if it is not full.
        dtype: type of the counts; a count that does not fit is an error, never a wrapped number.
        prefetch: batches made ahead of the consumer by threads; 0 makes them in the calling thread.
        threads: how many threads read and transform.
        rank: which of several processes this one is; each serves its share of one global order.
        world_size: how many processes there are.

    Raises:
        InvalidInput: the pipeline makes no frames of this sensor, or an argument is out of range.

    Examples:
        >>> from pathlib import Path
        >>> from tempfile import mkdtemp
        >>> from eventstore.testing import tiny_selection
        >>> from eventstore.transforms import FramesByBins
        >>> selection = tiny_selection(Path(mkdtemp()) / "events.zarr")
        >>> loader = Loader(selection, Pipeline(FramesByBins(n_bins=5)), batch_size=8)
        >>> [tuple(batch.x.shape) for batch in loader]
        [(8, 5, 2, 6, 8), (8, 5, 2, 6, 8), (4, 5, 2, 6, 8)]
    """

    def __init__(
        self,
        selection: Selection,
        pipeline: Pipeline,
        *,
        batch_size: int = 32,
        shuffle: bool = True,
        seed: int = 0,
        block_size: int | None = None,
        drop_last: bool = False,
        dtype: Literal["float32", "uint8"] = "float32",
        prefetch: int = 2,
        threads: int = 2,
        rank: int = 0,
        world_size: int = 1,
    ) -> None:
        self.selection = selection
        self.pipeline = pipeline
        self.share = Share(
            batch_size=batch_size, rank=rank, world_size=world_size, drop_last=drop_last
        )
        self._spec = _frame_spec(selection, pipeline)
        self._dtype = _checked(dtype)
        self._spec.check_dtype(dtype)
        self._prefetch, self._threads = max(prefetch, 0), max(threads, 1)
        self._buffers = Buffers(keep=self._prefetch + 2)
        self._order = _plan_order(selection, block_size, seed=seed, shuffle=shuffle)
        n = len(selection)
        self._samples = store_order(selection) if shuffle else np.arange(n, dtype=np.int64)
        self._ids = selection.sample_ids()
        self._labels = torch.from_numpy(selection.label.copy())
        self._epoch = 0
        self._position = 0
        self._resume_at = 0
        self._watch = Stopwatch("read", "transform", "wait")

    @property
    def sample_shape(self) -> tuple[int | None, ...]:
        """Shape of a sample: ``(T, C, H, W)`` or ``(T, C)``; T is None where samples differ."""
        frames, *planes = self._spec.shape
        audio = self._spec.sensor.modality == "audio"
        return (frames, prod(size or 0 for size in planes)) if audio else self._spec.shape

    @property
    def epoch(self) -> int:
        """The epoch under way, or the one that the next loop serves."""
        return self._epoch

    def set_epoch(self, epoch: int) -> None:
        """Choose the epoch that the next loop serves, from its start."""
        self._epoch, self._position, self._resume_at = epoch, 0, 0

    def __len__(self) -> int:
        """Return the number of batches this rank serves in a whole epoch."""
        return sum(1 for _ in self.share.steps(len(self.selection)))

    def state_dict(self) -> dict[str, Any]:
        """Return where the loader stands after the last batch it gave out: plain values, for JSON.

        Loading it costs no reading of what was served before, and the batches that follow are the
        same to the bit. It may be loaded with another batch or world size: the global order stays.
        """
        over = self._position >= self.share.end(len(self.selection), self._position) > 0
        return {
            **self._identity(),
            "epoch": self._epoch + over,
            "position": 0 if over else self._position,
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on where `state_dict` was taken: the next loop serves the rest of that epoch.

        Raises:
            InvalidInput: the state is of other samples, another pipeline or another order, or it
                names no place in them.
        """
        for name, mine in self._identity().items():
            if state.get(name) != mine:
                message = (
                    f"the state was saved with {name} {state.get(name)!r}, this loader has {mine!r}"
                )
                raise InvalidInput(message, hint="make the loader with the arguments of that run")
        n = len(self.selection)
        epoch: Any = state.get("epoch")
        position: Any = state.get("position")
        whole = isinstance(epoch, int) and isinstance(position, int)
        if not (whole and epoch >= 0 and 0 <= position <= n):
            message = f"a state at epoch {epoch!r}, position {position!r} of {n} samples"
            raise InvalidInput(message, hint="load what state_dict() returned, unchanged")
        self.set_epoch(epoch)
        self._position = self._resume_at = position

    def profile(self) -> dict[str, float]:
        """Return the seconds that threads read and transformed and the consumer waited so far."""
        return dict(self._watch.seconds)

    def __iter__(self) -> Iterator[Batch]:
        """Iterate over the batches of the epoch, or over what is left of a resumed one."""
        start, self._resume_at = self._resume_at, 0
        self._position = start
        return self._batches(self._epoch, start)

    def _batches(self, epoch: int, start: int) -> Iterator[Batch]:
        # The block ends, and with it the threads, also when the consumer drops the loop half-way.
        with worker_threads(self._threads if self._prefetch else 0) as tasks:
            for step, future in ahead(self._started(tasks, epoch, start), self._prefetch):
                with self._watch.measure("wait"):
                    batch = future.result()
                self._position = step.after
                yield batch
        self.set_epoch(epoch + 1)

    def _started(
        self, tasks: Tasks, epoch: int, start: int
    ) -> Iterator[tuple[Step, "Future[Batch]"]]:
        """Begin the batches of an epoch one after the other, as they are drawn."""
        steps = list(self.share.steps(len(self.selection), start))
        order = replace(self._order, epoch=epoch).rows()
        rows = np.concatenate([order[:0], *(order[step.start : step.stop] for step in steps)])
        reads = PacedReads(
            tasks,
            self._read,
            rows // self._order.block_size,
            in_flight=self._order.blocks_in_flight,
        )
        end = 0
        for step in steps:
            begin, end = end, end + step.stop - step.start
            blocks = reads.take(begin, end)
            yield step, tasks.start(partial(self._make, rows[begin:end], blocks, epoch))

    def _identity(self) -> dict[str, Any]:
        """What two loaders must share for a position in the one to mean the same in the other."""
        return {
            "selection": self.selection.digest,
            "pipeline": self.pipeline.fingerprint,
            "seed": self._order.seed,
            "shuffle": self._order.shuffle,
            "block_size": self._order.block_size,
            "blocks_in_flight": self._order.blocks_in_flight,
        }

    def _read(self, block: int) -> Block:
        """Read a block of samples (in a thread)."""
        with self._watch.measure("read"):
            size = self._order.block_size
            return read_block(self.selection, self._samples[block * size : (block + 1) * size])

    def _make(
        self, rows: Int64[np.ndarray, " b"], blocks: "dict[int, Future[Block]]", epoch: int
    ) -> Batch:
        """Make a batch of rows of the order when their blocks are there (in a thread)."""
        size = self._order.block_size
        sources = [(blocks[row // size].result(), row % size) for row in rows.tolist()]
        samples = self._samples[rows]
        with self._watch.measure("transform"):
            events = gather(self.selection, samples, sources, self._ids)
            try:
                x, length = self._frames(events, epoch)
            except Exception as error:
                error.add_note(f"in the batch of samples {events.ids[0]!r} … {events.ids[-1]!r}")
                raise
        return Batch(x, self._labels[torch.from_numpy(samples)], length, list(events.ids))

    def _frames(self, events: EventBatch, epoch: int) -> tuple[Tensor, Tensor]:
        key = RandomKey(seed=self._order.seed, epoch=epoch)
        events = self.pipeline.transform(events, self.selection.store.sensor, key)
        length = self.pipeline.frame_counts(events)
        shape = self._spec.array_shape(len(events), max(int(length.max()), 1))
        sensor = self._spec.sensor
        frames = self._buffers.empty(shape, self._dtype)
        self.pipeline.write(events, sensor, frames)
        x = torch.from_numpy(frames)
        if sensor.modality == "audio":
            x = x.flatten(2)
        return x, torch.from_numpy(length)


def _frame_spec(selection: Selection, pipeline: Pipeline) -> Spec:
    spec = pipeline.out_spec(selection.store.sensor)
    if spec.kind != "array":
        message = "a loader's pipeline must end with frames"
        raise InvalidInput(message, hint="add one last stage, such as FramesByBins(n_bins=20)")
    return spec


def _checked(name: str) -> str:
    if name not in DTYPES:
        message = f"dtype {name!r} is none of {', '.join(DTYPES)}"
        raise InvalidInput(message, hint='counts that fit 0 … 255 may be "uint8"')
    return name


def _plan_order(
    selection: Selection, block_size: int | None, *, seed: int, shuffle: bool
) -> BlockOrder:
    n = len(selection)
    size, in_flight = plan_blocks(n, estimate_events(selection), block_size)
    return BlockOrder(
        n=n,
        block_size=size,
        blocks_in_flight=in_flight if shuffle else 1,
        seed=seed,
        shuffle=shuffle,
    )
