"""How the content of a block is made from events, and read back."""

from collections.abc import Iterator, Sequence

import numpy as np
from jaxtyping import Float32, Int64, UInt8

from eventstore.cache.events import decode_events, encode_events
from eventstore.cache.frames import FrameBlock, decode_frames, encode_frames, write_frames
from eventstore.cache.key import Kind
from eventstore.events import Sensor
from eventstore.sample_batch import part_of
from eventstore.transforms.batch import EventBatch
from eventstore.transforms.pipeline import Pipeline
from eventstore.transforms.randomness import RandomKey

DENSE_BYTES = 64 << 20
"""Frames made at a time on their way into the cache, but for a sample that is larger."""


class Recipe:
    """Makes and reads the content of blocks of one pipeline; safe to share between threads.

    Args:
        pipeline: the stages whose result is kept; none is random.
        sensor: what the events come from.
        kind: what is kept.

    Examples:
        >>> from eventstore.transforms import FramesByBins
        >>> from eventstore.transforms.conformance import sample_batch
        >>> recipe = Recipe(Pipeline(FramesByBins(n_bins=5)), Sensor(12, 9), "counts")
        >>> [frames.shape for frames in recipe.dense(sample_batch(Sensor(12, 9)))][:2]
        [(5, 2, 9, 12), (5, 2, 9, 12)]
    """

    def __init__(self, pipeline: Pipeline, sensor: Sensor, kind: Kind) -> None:
        self.kind = kind
        self._pipeline = pipeline
        self._sensor = sensor
        self._spec = pipeline.out_spec(sensor)
        self._shape = tuple(size or 0 for size in self._spec.shape[1:])

    def encode(self, events: EventBatch) -> list[bytes]:
        """Return the parts of a block's content, from its samples as they are in the store."""
        if self.kind == "events":
            return encode_events(self._transformed(events))
        return encode_frames(self.dense(events), real=self._spec.real)

    def decode(self, data: UInt8[np.ndarray, " n"], ids: Sequence[str]) -> FrameBlock | EventBatch:
        """Return what a block's content holds.

        Raises:
            IntegrityError: it is no such content.
        """
        if self.kind == "events":
            return decode_events(data, tuple(ids))
        return decode_frames(data, real=self._spec.real, shape=self._shape, ids=ids)

    def frames(
        self, data: UInt8[np.ndarray, " n"], table: Int64[np.ndarray, "m k"], ids: Sequence[str]
    ) -> FrameBlock:
        """Return the frames of samples that a table tells of."""
        return FrameBlock(data, table, self._spec.real, self._shape, ids)

    def dense(self, events: EventBatch) -> Iterator[Float32[np.ndarray, "t p h w"]]:
        """Yield the frames of each sample, made a few samples at a time."""
        events = self._transformed(events)
        lengths = self._pipeline.frame_counts(events)
        longest = self._spec.array_shape(1, int(lengths.max(initial=1)))
        at_a_time = max(1, DENSE_BYTES // (4 * int(np.prod(longest))))
        for first in range(0, len(events), at_a_time):
            some = part_of(events, first, first + at_a_time)
            counts = lengths[first : first + at_a_time]
            out = np.empty(self._spec.array_shape(len(some), int(counts.max())), np.float32)
            self._pipeline.write(some, self._spec.sensor, out)
            for frames, length in zip(out, counts.tolist(), strict=True):
                yield frames[:length]

    def compute(self, events: EventBatch) -> None:
        """Do all that batches take which are made without the cache, for the sake of its time."""
        if self.kind == "events":
            self._transformed(events)
            return
        for _ in self.dense(events):
            pass

    def unpack(self, found: FrameBlock | EventBatch) -> None:
        """Do all that batches take which are made of a block, for the sake of its time."""
        if isinstance(found, FrameBlock) and len(found):
            shape = self._spec.array_shape(len(found), int(found.lengths.max()))
            write_frames([(found, i) for i in range(len(found))], np.empty(shape, np.float32))

    def _transformed(self, events: EventBatch) -> EventBatch:
        return self._pipeline.transform(events, self._sensor, RandomKey())
