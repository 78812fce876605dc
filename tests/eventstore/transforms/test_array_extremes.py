"""Array transforms on sensors of extreme sizes and at extreme times."""

import numpy as np
import pytest

from eventstore.events import Events, Sensor
from eventstore.transforms import (
    AveragedTimeSurface,
    BinaRep,
    BinaryFrames,
    DecaySurface,
    Ergo12,
    EventBatch,
    EventSpikeTensor,
    FramesByEventBins,
    Image,
    MixedDensityStack,
    SlidingFramesByCount,
    SlidingFramesByTime,
    Spec,
    SpeedInvariantSurface,
    TimeSurface,
    Tore,
    VoxelGrid,
)
from eventstore.transforms.conformance import sample_batch
from eventstore.transforms.protocol import ArrayTransform

STAGES: list[ArrayTransform] = [
    AveragedTimeSurface(cell_size=4096, radius=2, time_window_us=3_000, tau_us=1_000),
    BinaRep(n_frames=2),
    BinaryFrames(window_us=3_000),
    DecaySurface(tau_us=5_000, window_us=3_000),
    Ergo12(),
    EventSpikeTensor(n_bins=4),
    FramesByEventBins(n_bins=4),
    Image(),
    MixedDensityStack(n_stacks=5),
    SlidingFramesByCount(events_per_frame=150, stride=70),
    SlidingFramesByTime(window_us=4_000, stride_us=3_000),
    SpeedInvariantSurface(radius=3, window_us=3_000),
    TimeSurface(tau_us=5_000, n_frames=3),
    Tore(n_frames=2),
    VoxelGrid(n_bins=4),
]


def written(stage: ArrayTransform, batch: EventBatch, sensor: Sensor) -> np.ndarray:
    spec = stage.out_spec(Spec("events", sensor))
    shape = spec.array_shape(len(batch), int(stage.frame_counts(batch).max(initial=0)))
    out = np.full(shape, np.nan, np.float32)
    stage.write(batch, sensor, out)
    assert np.all(np.isfinite(out))
    return out


@pytest.mark.parametrize("stage", STAGES, ids=lambda stage: type(stage).__name__)
@pytest.mark.parametrize(
    "sensor", [Sensor(1, 1), Sensor(1, 4096), Sensor(65_536, 1)], ids=["dot", "column", "row"]
)
def test_every_element_is_written_on_any_sensor(stage: ArrayTransform, sensor: Sensor) -> None:
    out = written(stage, sample_batch(sensor), sensor)
    assert out[0].any()
    assert not out[1].any()


@pytest.mark.parametrize("stage", STAGES, ids=lambda stage: type(stage).__name__)
@pytest.mark.parametrize("t_start", [1 << 61, -(1 << 61)])
def test_only_time_since_the_start_matters(stage: ArrayTransform, t_start: int) -> None:
    sensor = Sensor(5, 4)
    near = sample_batch(sensor)
    far = EventBatch(
        Events(near.events.t + t_start, *near.events.arrays()[1:]),
        near.offsets,
        near.t_start + t_start,
        near.t_stop + t_start,
        near.ids,
    )
    assert np.array_equal(written(stage, far, sensor), written(stage, near, sensor))
