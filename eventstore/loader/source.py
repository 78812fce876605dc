"""Where the frames of samples come from: the seam between the order of samples and their content.

A loader asks a source for blocks of samples, in the order it plans, and then for the frames of a
batch whose samples lie in such blocks. Reading the store is one source; blocks of a cache, or
recordings as they come in, may be others.
"""

from collections.abc import Callable, Sequence
from dataclasses import InitVar, dataclass, field
from typing import NamedTuple, Protocol, TypeVar

import numpy as np
from jaxtyping import Float64, Int64, Shaped

from eventstore.blocks import Block, estimate_events, gather, read_blocks
from eventstore.buffers import Buffers
from eventstore.loader.counting import Windows, count_in_place, windows_of
from eventstore.loader.mixing import Mixer, mix
from eventstore.sampling import draw_id
from eventstore.selection import Selection
from eventstore.transforms.batch import EventBatch
from eventstore.transforms.pipeline import Pipeline
from eventstore.transforms.protocol import Spec
from eventstore.transforms.randomness import RandomKey
from eventstore.transforms.windows import MAX_FRAMES

B = TypeVar("B")

BATCHES_AT_ONCE = 4
"""Batches whose events are laid out at a time, one a thread of the few that pay."""

EVENTS_A_READ = 1 << 18
"""Events that are worth a task of their own: between two tasks a thread waits for Python's lock."""

Allocate = Callable[[tuple[int, ...]], Shaped[np.ndarray, "..."]]
"""Returns an array of that shape and of the type that frames are staged in."""


@dataclass(frozen=True, slots=True, eq=False)
class Picked:
    """The samples of a batch.

    Args:
        samples: their rows in the selection.
        again: how often each was drawn before, see `eventstore.sampling.draw_id`.
        ids: their ids.
        lead: how many at the head are there to be mixed with and not to be served.

    Examples:
        >>> Picked(np.array([4, 4]), np.array([0, 1]), ("r#0-9", "r#0-9")).draw_ids()
        ('r#0-9', 'r#0-9~1')
    """

    samples: Int64[np.ndarray, " b"]
    again: Int64[np.ndarray, " b"]
    ids: tuple[str, ...]
    lead: int = 0

    def draw_ids(self) -> tuple[str, ...]:
        """Return what random transforms know each by."""
        if not self.again.any():
            return self.ids
        drawn = zip(self.ids, self.again.tolist(), strict=True)
        return tuple(draw_id(name, again) for name, again in drawn)


class Made(NamedTuple):
    """A batch as it was made.

    Args:
        frames: the frames.
        length: how many frames each sample fills.
        share: share of each sample's label that is its partner's; None where none are mixed.
    """

    frames: Shaped[np.ndarray, "b t p h w"]
    length: Int64[np.ndarray, " b"]
    share: Float64[np.ndarray, " b"] | None = None


class Source(Protocol[B]):
    """Gives blocks of samples, and frames of samples that lie in them; called by threads."""

    @property
    def samples_a_read(self) -> int:
        """How many samples are worth a task of their own; fewer are read along with others."""
        ...

    def load(self, blocks: Sequence[Int64[np.ndarray, " n"]]) -> list[B]:
        """Read some blocks.

        Args:
            blocks: of each the rows of the selection, neighbours in the order of reading; some
                twice where samples are drawn with replacement.
        """
        ...

    def frames(
        self,
        picked: Picked,
        places: Sequence[tuple[B, int]],
        key: RandomKey,
        allocate: Allocate,
    ) -> Made:
        """Return the frames of a batch.

        Args:
            picked: the samples.
            places: the block of each sample, and its place in what was asked for there.
            key: randomness of random transforms.
            allocate: gives the array to write into; every element of it is to be written.
        """
        ...


@dataclass(frozen=True, slots=True, eq=False)
class EventSource:
    """Frames made of the events in the store, each time anew.

    Args:
        selection: the samples.
        pipeline: what is made of them.
        spec: what comes out of it.
        keep: tables of unused memory to keep for the next blocks, as many as are let go of at once.
        mixer: mixes samples before frames are made of them.
    """

    selection: Selection
    pipeline: Pipeline
    spec: Spec
    keep: InitVar[int] = 1
    mixer: Mixer | None = None
    _blocks: Buffers = field(init=False)
    _batches: Buffers = field(init=False)
    _samples_a_read: int = field(init=False)
    _windows: Windows | None = field(init=False)

    def __post_init__(self, keep: int) -> None:
        object.__setattr__(self, "_blocks", Buffers(keep=keep))
        object.__setattr__(self, "_batches", Buffers(keep=BATCHES_AT_ONCE))
        windows = windows_of(self.pipeline) if self.mixer is None else None
        object.__setattr__(self, "_windows", windows)
        n_events = max(estimate_events(self.selection).sum(), 1)
        n = max(1, int(EVENTS_A_READ * len(self.selection) / n_events))
        object.__setattr__(self, "_samples_a_read", 1 if self.selection.store.files.remote else n)

    @property
    def samples_a_read(self) -> int:
        """As many as hold `EVENTS_A_READ`; from afar one, so that many answers are waited for."""
        return self._samples_a_read

    def load(self, blocks: Sequence[Int64[np.ndarray, " n"]]) -> list[Block]:
        """Read the events of neighbouring samples."""
        return read_blocks(self.selection, blocks, blank=self._blocks.events)

    def frames(
        self,
        picked: Picked,
        places: Sequence[tuple[Block, int]],
        key: RandomKey,
        allocate: Allocate,
    ) -> Made:
        """Count the events of a batch where they are, or lay them end to end and transform them."""
        if self._windows is not None:
            made = self._count(self._windows, picked.samples, places, allocate)
            if made is not None:
                return made
        blank = self._batches.events
        events = gather(self.selection, picked.samples, places, picked.draw_ids(), blank=blank)
        return self.make(events, key, allocate, lead=picked.lead)

    def _count(
        self,
        windows: Windows,
        samples: Int64[np.ndarray, " b"],
        places: Sequence[tuple[Block, int]],
        allocate: Allocate,
    ) -> Made | None:
        """Count the events of a batch where they are; None where one of them cannot be."""
        times = self.selection.t_start[samples], self.selection.t_stop[samples]
        length = windows.lengths(times)
        longest = max(int(length.max()), 1)
        if longest > MAX_FRAMES:
            return None
        out = allocate(self.spec.array_shape(len(samples), longest))
        return Made(out, length) if count_in_place(windows, times, places, out) else None

    def make(
        self,
        events: EventBatch,
        key: RandomKey,
        allocate: Allocate,
        *,
        first: int = 0,
        lead: int = 0,
    ) -> Made:
        """Transform the events of a batch, of which the stages before ``first`` are done.

        The first ``lead`` of the samples are there to be mixed with.
        """
        sensor, share = self.selection.store.sensor, None
        events = self.pipeline.transform(events, sensor, key, first=first)
        if self.mixer is not None:
            blank = self._batches.events
            events, share = mix(events, self.mixer, self.spec.sensor, key, lead=lead, blank=blank)
        length = self.pipeline.frame_counts(events)
        out = allocate(self.spec.array_shape(len(events), max(int(length.max()), 1)))
        self.pipeline.write(events, self.spec.sensor, out)
        return Made(out, length, share)
