"""Derived stores: what a pipeline makes of events, written down with where it comes from."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from eventstore.append import StoreWriter
from eventstore.codecs import Tier
from eventstore.copying import Progress
from eventstore.errors import InvalidInput
from eventstore.events import Events
from eventstore.making import making
from eventstore.recordings import RecordingRow
from eventstore.schema import Layout
from eventstore.transforms.lazy import compute_in_turn, lazy_samples
from eventstore.transforms.lazy_tasks import LazySample
from eventstore.transforms.pipeline import Pipeline
from eventstore.transforms.randomness import RandomKey

if TYPE_CHECKING:
    from eventstore.selection import Selection

AT_A_TIME = 8
"""Chunks computed together, where it is not given: what is held in memory."""


def write_derived(
    selection: "Selection",
    pipeline: Pipeline,
    path: Path | str,
    *,
    key: RandomKey | None = None,
    layout: Layout | None = None,
    tier: Tier = "archive",
    chunk_samples: int | None = None,
    at_a_time: int = AT_A_TIME,
    progress: Progress | None = None,
) -> Path:
    """Write what a pipeline makes of samples as a store of events of its own.

    Each sample becomes a recording of the sample's id, with times from the start of its window, and
    its provenance says what it was made of: the pipeline and its fingerprint, the digests of the
    store and the recording, the sample's id, and the seed where anything is random. The store is
    there when it is whole, or not at all. Chunks are computed by dask's scheduler: by threads, or
    on a cluster where there is a ``distributed.Client``; what is written depends on neither.

    Args:
        selection: the samples.
        pipeline: makes events.
        path: the store's folder, where nothing is yet.
        key: randomness of random stages; seed 0, epoch 0 where not given.
        layout: how the store is cut.
        tier: ``"archive"``, or ``"fast"`` for a store that is larger and read faster.
        chunk_samples: samples a chunk; by their events where absent.
        at_a_time: chunks computed together and held in memory.
        progress: told (done, all, events) after each chunk.

    Returns:
        The path.

    Raises:
        AlreadyExists: something is at the path, or the selection has a sample twice.
        Conflict: another writer is at work there.
        InvalidInput: the pipeline makes no events, or events that no store holds.

    Examples:
        >>> from tempfile import mkdtemp
        >>> from eventstore.store import EventStore
        >>> from eventstore.testing import tiny_selection
        >>> from eventstore.transforms import Denoise
        >>> folder = Path(mkdtemp())
        >>> selection = tiny_selection(folder / "events.zarr")
        >>> denoised = Pipeline(Denoise(filter_time_us=500))
        >>> path = write_derived(selection, denoised, folder / "derived.zarr")
        >>> derived = EventStore.open(path)
        >>> derived.recordings.ids[0], derived.recordings.provenance(0)["sample"]
        ('r000#0-19945', 'r000#0-19945')
    """
    spec = pipeline.out_spec(selection.store.sensor)
    if spec.kind != "events" or at_a_time < 1:
        message = "the pipeline makes frames" if spec.kind != "events" else f"{at_a_time} at a time"
        raise InvalidInput(message, hint="leave its last stage out; give at_a_time ≥ 1")
    chunks = lazy_samples(selection, pipeline, chunk_samples=chunk_samples, key=key)
    origin = _origin(selection, pipeline, key)
    path, events, rows = Path(path), 0, iter(selection.recording.tolist())
    with making(path, spec.sensor, layout=layout or Layout(), tier=tier) as writer:
        for done, samples in enumerate(compute_in_turn(chunks, at_a_time), start=1):
            for sample in samples:
                events += _append(writer, sample, selection.store.recordings[next(rows)], origin)
            if progress is not None:
                progress(done, len(chunks), events)
    return path


def _origin(selection: "Selection", pipeline: Pipeline, key: RandomKey | None) -> dict[str, object]:
    """Return the provenance that all samples share."""
    return {
        "source": selection.reference or f"store {selection.store.digest}",
        "store_digest": selection.store.digest,
        "pipeline": json.loads(pipeline.to_json()),
        "pipeline_fingerprint": pipeline.fingerprint,
        **(asdict(key or RandomKey()) if pipeline.is_random else {}),
    }


def _append(
    writer: StoreWriter, sample: LazySample, source: RecordingRow, origin: Mapping[str, object]
) -> int:
    """Append a sample of a recording; return the number of its events."""
    assert isinstance(sample.value, Events)  # noqa: S101  # as the pipeline's spec says
    writer.append(
        sample.sample_id,
        [sample.value.shifted(-sample.t_start)],
        t_origin_us=source.t_origin_us + sample.t_start,
        source_sha256=source.source_sha256,
        provenance={
            **origin,
            "sample": sample.sample_id,
            "recording_digest": source.digest.hex(),
        },
    )
    return len(sample.value)
