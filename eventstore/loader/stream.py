"""Loader: stream batches of frames of a selection, ready to train on.

The order of an epoch is a function of (seed, epoch), the randomness of a sample of (seed, epoch,
sample id): threads, prefetching, ranks, and where an epoch was taken up again change nothing of it.
"""

import os
import weakref
from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import replace
from functools import partial
from math import prod
from typing import TYPE_CHECKING, Any

from eventstore.bucketing import Bucket
from eventstore.cache import CacheEntry, FrameCache
from eventstore.errors import InvalidInput
from eventstore.later import Later
from eventstore.loader.batch import Batch
from eventstore.loader.begun import Begun, Coming
from eventstore.loader.cached import CachedSource
from eventstore.loader.making import Making
from eventstore.loader.mixing import Mixer, check_mixer, mixer_to_json
from eventstore.loader.profile import Profile
from eventstore.loader.source import EventSource, Source
from eventstore.loader.staging import BatchDtype, Staging
from eventstore.prefetch import Stopwatch, Tasks, ahead
from eventstore.sample_order import SampleOrder
from eventstore.sampling import Sampling
from eventstore.schedule import Share, Step
from eventstore.selection import Selection
from eventstore.shuffle import MEMORY_BYTES
from eventstore.transforms.pipeline import Pipeline
from eventstore.transforms.protocol import Spec
from eventstore.transforms.randomness import RandomKey

if TYPE_CHECKING:
    from eventstore.loader.dataset import BatchDataset


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
        dtype: type of the counts; a count that does not fit, or that ``"bfloat16"`` would round
            (from 256 on), is an error, never a wrong number. ``"sparse"`` serves `SparseFrames`.
        prefetch: batches made ahead of the consumer by threads; 0 makes them in the calling thread.
        threads: how many threads read and transform; None is 2, for a remote store 8, most of
            which wait for answers.
        rank: which of several processes this one is; each serves its share of one global order.
        world_size: how many processes there are.
        sampling: how samples are drawn, such as ``Balanced()``; None serves each once an epoch.
        bucket: how batches are made of samples of about equal length, such as ``Bucket(n=1024)``.
        memory_bytes: memory for the events read ahead, which is also what is shuffled over.
        pin_memory: serve from memory that an accelerator fetches from by itself.
        cache: where to keep what the pipeline makes before its first random stage. A trial on a few
            blocks, when the first batch is asked for, tells whether that pays; batches are the same
            with and without.
        mix: mixes each sample with the one before it in the order of the epoch, for training, such
            as ``EventMix(probability=0.5)``; labels are then soft. It mixes events: a cache then
            keeps what goes into the stage that makes frames, not the frames.

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
        dtype: BatchDtype = "float32",
        prefetch: int = 2,
        threads: int | None = None,
        rank: int = 0,
        world_size: int = 1,
        sampling: Sampling | None = None,
        bucket: Bucket | None = None,
        memory_bytes: int = MEMORY_BYTES,
        pin_memory: bool = False,
        cache: FrameCache | None = None,
        mix: Mixer | None = None,
    ) -> None:
        self.selection = selection
        self.pipeline = pipeline
        self.share = Share(
            batch_size=batch_size, rank=rank, world_size=world_size, drop_last=drop_last
        )
        self.order = SampleOrder(
            selection=selection,
            shuffle=shuffle,
            seed=seed,
            block_size=block_size,
            memory_bytes=memory_bytes,
            sampling=sampling,
            bucket=bucket,
            group=batch_size * world_size,
        )
        threads = _threads(selection) if threads is None else threads
        self.prefetch, self.threads = max(prefetch, 0), max(threads, 1)
        self.dtype, self.pin_memory, self.cache = dtype, pin_memory, cache
        if mix is not None:
            check_mixer(mix)
        self.mix = mix
        self._spec = _frame_spec(selection, pipeline)
        self._source: Source[Any] | None = None
        self._entry: CacheEntry | None = None
        # Batches begun, the one drawn with them, what the consumer holds and is about to, and the
        # last one of an epoch, which may be smaller.
        keep = self.prefetch + 4
        self._staging = Staging.of(dtype, self._spec, pin_memory=pin_memory, keep=keep)
        self._epoch = 0
        self._position = 0
        self._resume_at = 0
        self._watch = Stopwatch("decode", "transform", "wait", "away")
        self._ahead: Begun | None = None
        self._ending: weakref.finalize[..., Loader] | None = None

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

    @property
    def position(self) -> int:
        """How many samples of the epoch all ranks have served."""
        return self._position

    def set_epoch(self, epoch: int) -> None:
        """Choose the epoch that the next loop serves, from its start."""
        self._epoch, self._position, self._resume_at = epoch, 0, 0

    def __len__(self) -> int:
        """Return the number of batches this rank serves in a whole epoch."""
        return sum(1 for _ in self.share.steps(self.order.n))

    def state_dict(self) -> dict[str, Any]:
        """Return where the loader stands after the last batch it gave out: plain values, for JSON.

        Loading it costs no reading of what was served before, and the batches that follow are the
        same to the bit. It may be loaded with another batch or world size, unless samples are
        sorted into buckets of such batches: the global order stays.
        """
        over = self._position >= self.share.end(self.order.n, self._position) > 0
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
        epoch: Any = state.get("epoch")
        position: Any = state.get("position")
        whole = isinstance(epoch, int) and isinstance(position, int)
        if not (whole and epoch >= 0 and 0 <= position <= self.order.n):
            message = f"a state at epoch {epoch!r}, position {position!r} of {self.order.n} samples"
            raise InvalidInput(message, hint="load what state_dict() returned, unchanged")
        self.set_epoch(epoch)
        self._position = self._resume_at = position

    def profile(self) -> Profile:
        """Return where the time of the loop under way went, or of the last one."""
        seconds = self._watch.seconds
        return Profile(
            decode_s=seconds["decode"],
            transform_s=seconds["transform"],
            wait_s=seconds["wait"],
            epoch_s=seconds["wait"] + seconds["away"],
        )

    def explain_cache(self) -> str:
        """Return in words what the cache keeps for this loader, and whether it is used and why."""
        if self.cache is None:
            return "no cache was given"
        return "not asked for yet" if self._entry is None else self._entry.show()

    def _choose_source(self) -> Source[Any]:
        """Return where frames come from: from the first loop on the cache, if that pays."""
        if self._source is None:
            # Blocks are let go of a pool at a time, at the end of an epoch two.
            keep = 2 * self.order.blocks.blocks_in_flight
            events = EventSource(self.selection, self.pipeline, self._spec, keep, self.mix)
            self._source = events
            if self.cache is not None:
                order = self.order.reading_order
                size = self.order.blocks.block_size
                # What is mixed is events: frames are made after that.
                stages = self.pipeline.stages if self.mix is None else self.pipeline.stages[:-1]
                self._entry = self.cache.entry(
                    self.selection, Pipeline(*stages), block_size=size, samples=order
                )
                if self._entry.trial().use:
                    self._source = CachedSource(self._entry, self.order.reading_rank, events)
        return self._source

    def as_dataset(self) -> "BatchDataset":
        """Return the same batches for ``torch.utils.data.DataLoader(…, batch_size=None)``."""
        from eventstore.loader.dataset import BatchDataset

        return BatchDataset(self)

    def __iter__(self) -> Generator[Batch, None, None]:
        """Iterate over the batches of the epoch, or over what is left of a resumed one."""
        start, self._resume_at = self._resume_at, 0
        self._position = start
        return self._batches(self._epoch, start)

    def serve(
        self, epoch: int, position: int = 0, *, worker: int = 0, n_workers: int = 1
    ) -> Generator[tuple[Step, Batch], None, None]:
        """Iterate over batches of any epoch; where the loader stands is left as it is.

        Args:
            epoch: which one.
            position: samples of its order to pass over, as in a state.
            worker: which of several processes that share the batches of this rank.
            n_workers: how many; each serves every n-th batch.
        """
        watch, part = self._watch, (worker, n_workers)
        watch.restart()
        begun, goes_on = self._take_up(epoch, position, part), False
        begun.tasks.begin()
        try:
            while True:
                with watch.measure("wait"):
                    item = next(begun.coming, None)
                    if item is None:  # nothing to serve
                        return
                    step, batch, last = item.step, item.batch.result(), item.last
                    del item
                with watch.measure("away"):
                    yield step, batch
                    del batch  # its memory is for the next one, once the consumer lets go of it
                if last:
                    break
            goes_on = self._goes_on
        finally:
            # The threads end also when the consumer drops the loop half-way; between two epochs
            # they stay: new ones would have to find a core first, which costs a tenth of 50 ms.
            if not goes_on:
                begun.tasks.end()
        if goes_on:
            self._ahead = replace(begun, what=(epoch + 1, 0, part))

    def _take_up(self, epoch: int, position: int, part: tuple[int, int]) -> Begun:
        """Return the batches that were begun behind the last epoch, or begin others."""
        begun, self._ahead = self._ahead, None
        if begun is not None:
            if begun.what == (epoch, position, part) and begun.process == os.getpid():
                return begun
            begun.tasks.end()
        if self._ending is not None:
            self._ending.detach()
        tasks = Tasks(self.threads if self.prefetch else 0)
        # Threads that wait for the next epoch know nothing of the loader, and go with it.
        self._ending = weakref.finalize(self, tasks.end, wait=False)
        self._ending.atexit = False  # tasks end by themselves then
        # Held weakly, or it would be held by what it holds until rubbish is looked for.
        coming = Loader._begin(weakref.proxy(self), tasks, epoch, position, part)
        return Begun((epoch, position, part), tasks, ahead(coming, self.prefetch), os.getpid())

    @property
    def _goes_on(self) -> bool:
        """Whether the next epoch is begun while the last batches of one are used.

        From afar that is too late to help, and the loop would end by waiting for answers.
        """
        return self.prefetch > 0 and not self.selection.store.files.remote

    def _begin(
        self, tasks: Tasks, epoch: int, position: int, part: tuple[int, int]
    ) -> Iterator[Coming]:
        """Begin the batches of an epoch as they are drawn, and then those of the next."""
        in_flight = self.order.blocks.blocks_in_flight
        making = self._plan(epoch, position, part)
        while steps := making.steps:
            coming: Later[Making[Any]] | None = None
            started = making.start(tasks, self.selection, in_flight=in_flight)
            for step, batch in started:
                if self._goes_on and coming is None:
                    # In good time and by a thread: the consumer does not wait for the plan.
                    epoch += 1
                    coming = tasks.start(partial(self._plan, epoch, 0, part))
                yield Coming(step, batch, last=step is steps[-1])
            if coming is None:
                return
            making = coming.result()

    def _plan(self, epoch: int, position: int, part: tuple[int, int]) -> Making[Any]:
        """Plan the batches of an epoch from a position on."""
        worker, n_workers = part
        return Making(
            self._choose_source(),
            self._staging,
            self.order.epoch(epoch),
            list(self.share.steps(self.order.n, position))[worker::n_workers],
            key=RandomKey(seed=self.order.seed, epoch=epoch),
            watch=self._watch,
            n_classes=None if self.mix is None else len(self.selection.label_names),
        )

    def _batches(self, epoch: int, start: int) -> Generator[Batch, None, None]:
        with closing(self.serve(epoch, start)) as served:
            for step, batch in served:
                self._position = step.after
                yield batch
        self.set_epoch(epoch + 1)

    def _identity(self) -> dict[str, Any]:
        """What two loaders must share for a position in the one to mean the same in the other."""
        mix = None if self.mix is None else mixer_to_json(self.mix)
        return {"pipeline": self.pipeline.fingerprint, "mix": mix, **self.order.identity()}


def _threads(selection: Selection) -> int:
    return 8 if selection.store.files.remote else 2


def _frame_spec(selection: Selection, pipeline: Pipeline) -> Spec:
    spec = pipeline.out_spec(selection.store.sensor)
    if spec.kind != "array":
        message = "a loader's pipeline must end with frames"
        raise InvalidInput(message, hint="add one last stage, such as FramesByBins(n_bins=20)")
    return spec
