import numpy as np
import pytest

from eventstore.events import Sensor
from eventstore.transforms import (
    BackgroundActivity,
    Decimate,
    Denoise,
    DoubleWindow,
    Downsample,
    DropEvents,
    EventTransform,
    FastDecay,
    KNoise,
    LimitRate,
    MaskHotPixels,
    MaskPixels,
    NoiseFilter,
    RefractoryPeriod,
    SpatiotemporalCorrelation,
)
from eventstore.transforms.conformance import sample_batch
from eventstore.transforms.protocol import NO_SEEDS

FILTERS = [
    BackgroundActivity(filter_time_us=300),
    Decimate(n=2),
    Denoise(filter_time_us=300),
    DoubleWindow(window_events=8, distance_pixels=2),
    FastDecay(half_life_us=1_000, threshold=2.0),
    KNoise(filter_time_us=2_000),
    LimitRate(max_rate_hz=20_000, window_us=1_000),
    MaskHotPixels(max_rate_hz=400),
    MaskPixels(pixels=[(0, 0), (3, 4)]),  # type: ignore[arg-type]
    RefractoryPeriod(period_us=2_000),
    SpatiotemporalCorrelation(filter_time_us=2_000),
]


@pytest.mark.parametrize("stage", FILTERS, ids=lambda stage: type(stage).__name__)
def test_a_filter_keeps_what_its_mask_says(stage: NoiseFilter) -> None:
    sensor = Sensor(12, 9)
    batch = sample_batch(sensor)
    assert isinstance(stage, NoiseFilter)
    assert isinstance(stage, EventTransform)
    mask = stage.mask(batch, sensor)
    assert 0 < np.count_nonzero(mask) < len(mask)  # else the rest says little
    out = stage.apply(batch, sensor, NO_SEEDS)
    assert out.events.equals(batch.events[mask])


def test_other_transforms_are_no_filters() -> None:
    assert not isinstance(Downsample(factor=2), NoiseFilter)
    # What it drops is random: no score of it means anything.
    assert not isinstance(DropEvents(fraction=0.5), NoiseFilter)
