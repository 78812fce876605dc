"""Pipelines over whole selections as dask graphs: nothing is read before it is asked for.

The one door to dask among the transforms. Tasks run on any scheduler of dask, in threads of this
process or on the workers of a ``distributed.Client``, which open the store by its place. Samples
do not depend on one another, so results do not depend on how they are cut into chunks.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from eventstore.digest import sha256_text
from eventstore.errors import InvalidInput, NotFound
from eventstore.store_handle import StoreHandle
from eventstore.transforms.lazy_tasks import (
    Chunk,
    LazySample,
    make_frames,
    make_samples,
    make_window,
)
from eventstore.transforms.memory import memory_of
from eventstore.transforms.pipeline import Pipeline
from eventstore.transforms.protocol import FrameDtype, Spec
from eventstore.transforms.randomness import RandomKey

if TYPE_CHECKING:
    import xarray
    from dask.delayed import Delayed

    from eventstore.selection import Selection
    from eventstore.store import EventStore

CHUNK_BYTES = 64 << 20
"""About the size of a chunk of frames, where it is not given."""

CHUNK_EVENTS = 1 << 20
"""About the events of a chunk of samples, where it is not given."""


def lazy_frames(
    selection: "Selection",
    pipeline: Pipeline,
    *,
    chunk_samples: int | None = None,
    dtype: FrameDtype = "float32",
    key: RandomKey | None = None,
) -> "xarray.DataArray":
    """Return the frames of all samples as one lazy array.

    Args:
        selection: the samples; their store must stay open while the array is computed.
        pipeline: ends with the same number of frames for every sample.
        chunk_samples: samples a chunk; by the size of the frames where absent.
        dtype: type of the counts; float32 for real numbers.
        key: randomness of random stages; seed 0, epoch 0 where not given.

    Returns:
        Dimensions ``sample frame polarity y x`` (``plane`` in place of ``polarity`` where frames
        have other planes); coordinates ``sample_id`` and ``label`` along ``sample``.

    Raises:
        InvalidInput: the pipeline makes no frames, or samples differ in how many they fill.

    Examples:
        >>> from pathlib import Path
        >>> from tempfile import mkdtemp
        >>> from eventstore.testing import tiny_selection
        >>> from eventstore.transforms import FramesByBins
        >>> selection = tiny_selection(Path(mkdtemp()) / "events.zarr")
        >>> frames = lazy_frames(selection, Pipeline(FramesByBins(n_bins=5)), chunk_samples=8)
        >>> frames.shape, frames.chunks[0]
        ((20, 5, 2, 6, 8), (8, 8, 4))
        >>> int(frames.sum()) == selection.store.n_events
        True
    """
    import dask.array
    import xarray

    spec = _checked(pipeline.out_spec(selection.store.sensor), dtype)
    shape = spec.array_shape(1, 1)[1:]
    size = chunk_samples or max(1, CHUNK_BYTES // (int(np.prod(shape)) * np.dtype(dtype).itemsize))
    make = partial(make_frames, pipeline=pipeline, key=key or RandomKey(), dtype=dtype)
    name = _name("frames", selection, pipeline, (size, dtype, key))
    made: Any = dask.array
    parts = [
        made.from_delayed(part, (n, *shape), dtype, name=f"{name}-{i}")
        for i, (part, n) in enumerate(_delayed(selection, make, size, name))
    ]
    data = made.concatenate(parts) if parts else made.zeros((0, *shape), dtype)
    planes = "polarity" if spec.shape[1] == spec.sensor.polarities else "plane"
    ids = np.array(selection.sample_ids(), object)
    coords = {"sample_id": ("sample", ids), "label": ("sample", selection.label)}
    attrs = {"pipeline": pipeline.to_json(), "label_names": list(selection.label_names)}
    dims = ("sample", "frame", planes, "y", "x")
    return xarray.DataArray(data, dims=dims, coords=coords, attrs=attrs, name="frames")


def lazy_samples(
    selection: "Selection",
    pipeline: Pipeline,
    *,
    chunk_samples: int | None = None,
    dtype: FrameDtype = "float32",
    key: RandomKey | None = None,
) -> "list[Delayed]":
    """Return what a pipeline makes of all samples, of whatever lengths, as lazy chunks.

    Args:
        selection: the samples; their store must stay open while chunks are computed.
        pipeline: makes events, or any number of frames a sample.
        chunk_samples: samples a chunk; by their events where absent.
        dtype: type of the counts; float32 for real numbers.
        key: randomness of random stages; seed 0, epoch 0 where not given.

    Returns:
        A value a chunk, each computed to a list of `LazySample`. All of them, in order:
        ``dask.compute(*chunks)``; as a bag: ``dask.bag.from_delayed(chunks)``.

    Examples:
        >>> from pathlib import Path
        >>> from tempfile import mkdtemp
        >>> from eventstore.testing import tiny_selection
        >>> from eventstore.transforms import Denoise
        >>> selection = tiny_selection(Path(mkdtemp()) / "events.zarr")
        >>> chunks = lazy_samples(selection, Pipeline(Denoise(filter_time_us=500)), chunk_samples=8)
        >>> len(chunks), len(chunks[0].compute())
        (3, 8)
    """
    spec = pipeline.out_spec(selection.store.sensor)
    if spec.kind == "array":
        spec.check_dtype(dtype)
    mean = selection.store.n_events // max(1, selection.store.n_recordings)
    size = chunk_samples or max(1, CHUNK_EVENTS // max(1, mean))
    make = partial(make_samples, pipeline=pipeline, key=key or RandomKey(), dtype=dtype)
    name = _name("samples", selection, pipeline, (size, dtype, key))
    return [part for part, _ in _delayed(selection, make, size, name)]


def lazy_recording(
    store: "EventStore",
    recording: int | str,
    pipeline: Pipeline,
    *,
    window_us: int,
    overlap_us: int | None = None,
) -> "list[Delayed]":
    """Return what a pipeline makes of the events of a long recording, as lazy windows.

    Each window is read with what lies before it, for filters to warm up on, so that the windows end
    to end are what the pipeline makes of the whole recording.

    Args:
        store: the open store; it must stay open while windows are computed.
        recording: its row or id.
        pipeline: makes events; each stage states its memory (`eventstore.transforms.memory`).
        window_us: length of a window.
        overlap_us: how much to read before each; what the stages state where absent.

    Returns:
        A value a window, each computed to `Events`, times from the recording's start.

    Raises:
        InvalidInput: a stage looks back without bound or is random, or the overlap is too short.
        NotFound: no such recording.

    Examples:
        >>> from pathlib import Path
        >>> from tempfile import mkdtemp
        >>> from eventstore.testing import tiny_store
        >>> from eventstore.transforms import Denoise
        >>> store = tiny_store(Path(mkdtemp()) / "events.zarr")
        >>> pipeline = Pipeline(Denoise(filter_time_us=900))
        >>> windows = lazy_recording(store, 0, pipeline, window_us=5_000)
        >>> len(windows), type(windows[0].compute()).__name__
        (4, 'Events')
    """
    from dask.delayed import delayed

    memory = memory_of(pipeline.stages)
    overlap = memory if overlap_us is None else overlap_us
    if window_us < 1 or overlap < memory:
        message = f"windows of {window_us} µs with {overlap} µs before them"
        raise InvalidInput(message, hint=f"give window_us ≥ 1 and overlap_us ≥ {memory}")
    row = store.recordings.row(recording) if isinstance(recording, str) else recording
    if not 0 <= row < store.n_recordings:
        message = f"no recording row {row}: the store has {store.n_recordings}"
        raise NotFound(message, hint="rows run from 0")
    pipeline.out_spec(store.sensor)
    digest = store.recordings.digests[row].hex()
    text = f"{digest} {pipeline.fingerprint} {window_us} {overlap} {store.sensor}"
    name = f"spikelake-recording-{sha256_text(text)[:32]}"
    handle = delayed(StoreHandle(store), name=f"{name}-store", traverse=False)
    window = delayed(make_window, pure=True, traverse=False)
    return [
        window(
            handle, row, (start, start + window_us), overlap, pipeline, dask_key_name=f"{name}-{i}"
        )
        for i, start in enumerate(range(0, int(store.recordings.t_stop[row]), window_us))
    ]


def compute_in_turn(chunks: "Sequence[Delayed]", at_a_time: int) -> Iterator[list[LazySample]]:
    """Compute chunks of `lazy_samples` and yield them in order, a few held in memory at a time.

    Args:
        chunks: the chunks.
        at_a_time: how many are computed together.

    Examples:
        >>> from pathlib import Path
        >>> from tempfile import mkdtemp
        >>> from eventstore.testing import tiny_selection
        >>> selection = tiny_selection(Path(mkdtemp()) / "events.zarr")
        >>> chunks = lazy_samples(selection, Pipeline(), chunk_samples=8)
        >>> [len(samples) for samples in compute_in_turn(chunks, at_a_time=2)]
        [8, 8, 4]
    """
    import dask.base

    compute: Callable[..., tuple[list[LazySample], ...]] = dask.base.compute
    for first in range(0, len(chunks), at_a_time):
        yield from compute(*chunks[first : first + at_a_time])


def _delayed(
    selection: "Selection", make: Callable[..., Any], size: int, name: str
) -> "list[tuple[Delayed, int]]":
    """Return a task a chunk, and the number of its samples."""
    from dask.delayed import delayed

    if size < 1:
        message = f"chunk_samples={size} is below 1"
        raise InvalidInput(message, hint="give the number of samples a chunk")
    # A value of its own in the graph: sent once to each worker, not with each task.
    handle = delayed(StoreHandle(selection.store), name=f"{name}-store", traverse=False)
    task = delayed(make, pure=True, traverse=False)
    parts = []
    for i, first in enumerate(range(0, len(selection), size)):
        some = selection.take(range(first, min(first + size, len(selection))))
        ids = tuple(some.sample_ids())
        chunk = Chunk(some.recording, some.t_start, some.t_stop, some.label, ids)
        parts.append((task(handle, chunk, dask_key_name=f"{name}-task-{i}"), len(some)))
    return parts


def _name(
    what: str, selection: "Selection", pipeline: Pipeline, options: tuple[object, ...]
) -> str:
    """Return the name of a graph: that of its content, whoever plans it."""
    sensor = selection.store.sensor
    text = f"{selection.digest} {sensor} {pipeline.fingerprint} {options}"
    return f"spikelake-{what}-{sha256_text(text)[:32]}"


def _checked(spec: Spec, dtype: FrameDtype) -> Spec:
    if spec.kind != "array":
        message = "the pipeline makes events, not frames"
        raise InvalidInput(message, hint="end it with frames, or use lazy_samples")
    if spec.shape[0] is None:
        message = "the pipeline makes different numbers of frames of different samples"
        raise InvalidInput(message, hint="fix it (n_frames=…, FramesByBins), or use lazy_samples")
    spec.check_dtype(dtype)
    return spec
