"""Content of blocks: made a few samples at a time, the same as all at once."""

import numpy as np
import pytest

from eventstore.cache import recipe as module
from eventstore.cache.frames import FrameBlock, write_frames
from eventstore.cache.key import Kind
from eventstore.cache.recipe import Recipe
from eventstore.cache.sealed import padded
from eventstore.events import Sensor
from eventstore.transforms import (
    CropTime,
    EventBatch,
    FramesByBins,
    FramesByCount,
    FramesByTime,
    Pipeline,
    RandomKey,
    TimeSurface,
)
from eventstore.transforms.conformance import sample_batch

SENSOR = Sensor(12, 9)

PIPELINES = [
    Pipeline(FramesByBins(n_bins=5)),
    Pipeline(FramesByTime(window_us=700)),
    Pipeline(FramesByTime(window_us=700, n_frames=4)),
    Pipeline(CropTime(t_stop_us=4_000), FramesByCount(events_per_frame=7)),
    Pipeline(TimeSurface(window_us=1_000, tau_us=500)),
]


def encoded(recipe: Recipe, batch: EventBatch) -> np.ndarray:
    parts = recipe.encode(batch)
    return np.frombuffer(b"".join(part.ljust(padded(len(part)), b"\0") for part in parts), np.uint8)


@pytest.mark.parametrize("dense_bytes", [1, 1 << 26])
@pytest.mark.parametrize("pipeline", PIPELINES)
def test_frames_are_those_of_the_pipeline(
    pipeline: Pipeline, dense_bytes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "DENSE_BYTES", dense_bytes)
    batch = sample_batch(SENSOR)
    spec = pipeline.out_spec(SENSOR)
    recipe = Recipe(pipeline, SENSOR, "real" if spec.real else "counts")
    block = recipe.decode(encoded(recipe, batch), batch.ids)
    assert isinstance(block, FrameBlock)
    transformed = pipeline.transform(batch, SENSOR, RandomKey())
    lengths = pipeline.frame_counts(transformed)
    expected = np.empty(spec.array_shape(len(batch), int(lengths.max())), np.float32)
    pipeline.write(transformed, spec.sensor, expected)
    out = np.full_like(expected, 77)
    write_frames([(block, i) for i in range(len(batch))], out)
    assert out.tobytes() == expected.tobytes()
    assert block.lengths.tolist() == lengths.tolist()


def test_events_are_those_of_the_pipeline() -> None:
    batch, crop = sample_batch(SENSOR), Pipeline(CropTime(t_start_us=500, t_stop_us=4_000))
    recipe = Recipe(crop, SENSOR, "events")
    found = recipe.decode(encoded(recipe, batch), batch.ids)
    assert isinstance(found, EventBatch)
    expected = crop.transform(batch, SENSOR, RandomKey())
    assert found.events.equals(expected.events)
    assert found.t_start.tolist() == expected.t_start.tolist()


@pytest.mark.parametrize("kind", ["counts", "events"])
def test_no_samples(kind: Kind) -> None:
    nothing = EventBatch.of([], t_start=[], t_stop=[])
    recipe = Recipe(Pipeline(FramesByBins(n_bins=5)), SENSOR, kind)
    found = recipe.decode(encoded(recipe, nothing), ())
    assert len(found) == 0
    recipe.compute(nothing)
    recipe.unpack(found)
