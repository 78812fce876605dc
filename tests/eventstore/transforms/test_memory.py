"""What transforms say of how far back they look is true."""

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.errors import InvalidInput
from eventstore.events import Events, Sensor
from eventstore.strategies import events
from eventstore.transforms import (
    TRANSFORMS,
    BackgroundActivity,
    CropSpace,
    CropTime,
    Denoise,
    Downsample,
    EventBatch,
    FramesByBins,
    KNoise,
    MaskPixels,
    MergePolarity,
    Pipeline,
    RandomKey,
    RefractoryPeriod,
    Resize,
    Rotate90,
    Shift,
    SpatiotemporalCorrelation,
    Transpose,
)
from eventstore.transforms.memory import memory_of
from eventstore.transforms.protocol import EventTransform

SENSOR = Sensor(8, 6)

STATED = [
    BackgroundActivity(filter_time_us=400),
    CropSpace(x=1, y=1, width=5, height=4),
    Denoise(filter_time_us=400),
    Downsample(factor=2),
    KNoise(filter_time_us=400),
    MaskPixels(pixels=((1, 1), (2, 3))),
    MergePolarity(),
    Resize(width=5, height=9),
    Rotate90(),
    SpatiotemporalCorrelation(filter_time_us=400, min_neighbours=1),
    Transpose(),
]


def test_all_that_state_one_are_tried() -> None:
    stating = {name for name in TRANSFORMS if hasattr(TRANSFORMS[name], "memory_us")}
    assert {type(stage).__name__ for stage in STATED} == stating


def run(pipeline: Pipeline, table: Events, start: int, stop: int) -> Events:
    batch = EventBatch.of([table], t_start=[start], t_stop=[stop])
    return pipeline.transform(batch, SENSOR, RandomKey()).events


@pytest.mark.parametrize("stage", STATED, ids=lambda stage: type(stage).__name__)
@given(table=events(SENSOR, max_events=80, max_gap_us=150), cut=st.floats(0, 1))
def test_what_lies_further_back_changes_nothing(
    stage: EventTransform, table: Events, cut: float
) -> None:
    pipeline = Pipeline(stage)
    stop = int(table.t[-1]) + 1 if len(table) else 1
    start = int(cut * stop)
    first = max(0, start - memory_of(pipeline.stages))
    whole = run(pipeline, table, 0, stop)
    part = run(pipeline, table[table.t >= first], first, stop)
    assert part[part.t >= start].equals(whole[whole.t >= start])


def test_memories_add_up() -> None:
    assert memory_of([]) == 0
    stages = (Denoise(filter_time_us=400), Downsample(factor=2), KNoise(filter_time_us=30))
    assert memory_of(stages) == 430


@pytest.mark.parametrize(
    "stage",
    [
        CropTime(t_stop_us=9),
        RefractoryPeriod(period_us=9),
        Shift(max_pixels=1),
        FramesByBins(n_bins=3),
    ],
)
def test_what_states_none_is_refused(stage: object) -> None:
    with pytest.raises(InvalidInput, match=rf"stage 1 \({type(stage).__name__}\) does not say"):
        memory_of([Downsample(factor=2), stage])


def test_what_is_random_is_refused_whatever_it_states() -> None:
    @dataclass(frozen=True)
    class Stage:
        random: bool = True
        memory_us: int = 0

    with pytest.raises(InvalidInput, match="does not say how far back"):
        memory_of([Stage()])
    assert memory_of([Stage(random=False, memory_us=int(np.int64(7)))]) == 7
