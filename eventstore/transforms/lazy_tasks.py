"""What the tasks of lazy graphs do, on whatever worker: read samples and make things of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from jaxtyping import Int64, Shaped

from eventstore.events import Events
from eventstore.store_handle import StoreHandle
from eventstore.transforms.batch import EventBatch
from eventstore.transforms.pipeline import Pipeline
from eventstore.transforms.protocol import FrameDtype
from eventstore.transforms.randomness import RandomKey

if TYPE_CHECKING:
    from eventstore.store import EventStore

Frames: TypeAlias = Shaped[np.ndarray, "t p h w"]


@dataclass(frozen=True, slots=True, eq=False)
class LazySample:
    """What a pipeline made of one sample.

    Args:
        sample_id: its id.
        label: index of its class.
        t_start: first µs of its window after the pipeline's transforms.
        t_stop: first µs after it.
        value: its events, or the frames that it fills.
    """

    sample_id: str
    label: int
    t_start: int
    t_stop: int
    value: Events | Frames


@dataclass(frozen=True, slots=True, eq=False)
class Chunk:
    """Samples that one task reads.

    Args:
        recording: row of each sample's recording in the store.
        t_start: first µs of each.
        t_stop: first µs after each.
        label: index of each one's class.
        ids: id of each.
    """

    recording: Int64[np.ndarray, " n"]
    t_start: Int64[np.ndarray, " n"]
    t_stop: Int64[np.ndarray, " n"]
    label: Int64[np.ndarray, " n"]
    ids: tuple[str, ...]

    def read(self, handle: StoreHandle) -> EventBatch:
        """Read the samples from the store."""
        rows = handle.store.row_ranges(self.recording, self.t_start, self.t_stop)
        runs = list(zip(*(bounds.tolist() for bounds in rows), strict=True))
        samples = _read_together(handle.store, runs)
        return EventBatch.of(samples, t_start=self.t_start, t_stop=self.t_stop, ids=self.ids)


def make_frames(
    handle: StoreHandle, chunk: Chunk, *, pipeline: Pipeline, key: RandomKey, dtype: FrameDtype
) -> Shaped[np.ndarray, "b t p h w"]:
    """Make the frames of a chunk's samples (on a worker)."""
    sensor = handle.store.sensor
    batch = pipeline.transform(chunk.read(handle), sensor, key)
    spec = pipeline.out_spec(sensor)
    longest = int(pipeline.frame_counts(batch).max(initial=1))
    out: np.ndarray = np.empty(spec.array_shape(len(batch), longest), dtype)
    pipeline.write(batch, spec.sensor, out)
    return out


def make_samples(
    handle: StoreHandle, chunk: Chunk, *, pipeline: Pipeline, key: RandomKey, dtype: FrameDtype
) -> list[LazySample]:
    """Make what a pipeline makes of a chunk's samples (on a worker)."""
    sensor = handle.store.sensor
    batch = pipeline.transform(chunk.read(handle), sensor, key)
    values: list[Any] = [batch.sample(i) for i in range(len(batch))]
    if pipeline.makes_frames:
        spec = pipeline.out_spec(sensor)
        lengths = pipeline.frame_counts(batch)
        for i, length in enumerate(lengths.tolist()):
            alone = EventBatch.of(
                [values[i]],
                t_start=batch.t_start[i : i + 1],
                t_stop=batch.t_stop[i : i + 1],
                ids=batch.ids[i : i + 1],
            )
            out: np.ndarray = np.empty(spec.array_shape(1, length), dtype)
            pipeline.write(alone, spec.sensor, out)
            values[i] = out[0, :length]
    columns = chunk.label.tolist(), batch.t_start.tolist(), batch.t_stop.tolist()
    return list(map(LazySample, batch.ids, *columns, values))


def make_window(
    handle: StoreHandle, row: int, window: tuple[int, int], overlap: int, pipeline: Pipeline
) -> Events:
    """Make the events of a window (on a worker)."""
    first, stop = max(0, window[0] - overlap), window[1]
    events = handle.store.read_time(row, first, stop)
    batch = EventBatch.of([events], t_start=[first], t_stop=[stop])
    out = pipeline.transform(batch, handle.store.sensor, RandomKey()).events
    return out[out.t >= window[0]]


def _read_together(store: "EventStore", runs: Sequence[tuple[int, int]]) -> list[Events]:
    """Read the rows of samples: with what lies between them where that is little."""
    filled = [run for run in runs if run[1] > run[0]]
    if not filled:
        return [Events.empty() for _ in runs]
    first, last = min(a for a, _ in filled), max(b for _, b in filled)
    if last - first > 2 * sum(b - a for a, b in filled):
        return store.read_runs(runs)
    whole = store.read_rows(first, last)
    return [whole[a - first : b - first] if b > a else Events.empty() for a, b in runs]
