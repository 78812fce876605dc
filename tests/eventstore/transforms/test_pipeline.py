import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from eventstore.errors import InvalidInput, NotFound
from eventstore.events import Events, Sensor
from eventstore.transforms import (
    TRANSFORMS,
    CropSpace,
    CropTime,
    Denoise,
    Downsample,
    DropEvents,
    EventBatch,
    FramesByBins,
    FramesByTime,
    Pipeline,
    RandomKey,
    Shift,
)
from eventstore.transforms.conformance import sample_batch

SENSOR = Sensor(12, 9)
FULL = Pipeline(
    CropTime(t_stop_us=8_000),
    Denoise(filter_time_us=500),
    Shift(max_pixels=1),
    DropEvents(fraction=0.2),
    Downsample(factor=2),
    FramesByBins(n_bins=5),
)


def test_the_chain_is_followed_through() -> None:
    specs = FULL.specs(SENSOR)
    assert [s.kind for s in specs] == ["events"] * 6 + ["array"]
    assert FULL.out_spec(SENSOR).shape == (5, 2, 5, 6)
    assert FULL.makes_frames
    assert FULL.is_random


def test_json_is_canonical_and_round_trips() -> None:
    assert Pipeline.from_json(FULL.to_json()) == FULL
    pipeline = Pipeline(CropSpace(x=1, y=2, width=3, height=4), FramesByTime(window_us=10))
    assert pipeline.to_json() == (
        '{"format":1,"stages":[{"height":4,"transform":"CropSpace","width":3,"x":1,"y":2},'
        '{"n_frames":null,"transform":"FramesByTime","window_us":10}]}'
    )
    assert (
        Pipeline(DropEvents(fraction=0)).to_json() == Pipeline(DropEvents(fraction=0.0)).to_json()
    )


def test_fingerprints_tell_every_field_apart() -> None:
    one = Pipeline(FramesByBins(n_bins=5))
    assert one.fingerprint == Pipeline(FramesByBins(n_bins=5)).fingerprint
    assert one.fingerprint != Pipeline(FramesByBins(n_bins=6)).fingerprint
    assert one.fingerprint == GOLDEN


def test_deterministic_prefix_ends_before_the_first_random_stage() -> None:
    assert FULL.deterministic_prefix == Pipeline(*FULL.stages[:2])
    plain = Pipeline(Downsample(factor=2), FramesByBins(n_bins=5))
    assert plain.deterministic_prefix == plain
    assert not plain.is_random


def test_a_sample_is_the_same_alone_and_in_company() -> None:
    batch, key = sample_batch(SENSOR), RandomKey(seed=4, epoch=1)
    out = FULL.transform(batch, SENSOR, key)
    frames = np.empty((4, 5, 2, 5, 6), np.uint8)
    FULL.write(out, FULL.out_spec(SENSOR).sensor, frames)
    reverse = FULL.transform(_reversed(batch), SENSOR, key)
    for i in range(len(batch)):
        assert out.sample(i).equals(reverse.sample(len(batch) - 1 - i))
    assert FULL.frame_counts(out).tolist() == [5] * 4
    assert frames.sum() == len(out.events)


def test_the_stages_may_be_run_in_two_parts() -> None:
    batch, key = sample_batch(SENSOR), RandomKey(seed=5, epoch=1)
    whole = FULL.transform(batch, SENSOR, key)
    begun = Pipeline(*FULL.stages[:2]).transform(batch, SENSOR, key)
    assert FULL.transform(begun, SENSOR, key, first=2).events.equals(whole.events)
    assert not FULL.transform(begun, SENSOR, key, first=3).events.equals(whole.events)


def test_frames_of_one_sample() -> None:
    events = Events.of(t=[0, 10, 19], x=[0, 1, 2], y=[0, 0, 0], p=[1, 0, 1])
    frames = Pipeline(FramesByBins(n_bins=2)).frames(events, Sensor(3, 1), dtype="uint8")
    assert frames.tolist() == [[[[0, 0, 0]], [[1, 0, 0]]], [[[0, 1, 0]], [[0, 0, 1]]]]
    assert Pipeline(FramesByTime(window_us=5)).frames(events, Sensor(3, 1)).shape == (4, 2, 1, 3)


def test_a_stage_that_cannot_follow_is_named() -> None:
    with pytest.raises(InvalidInput) as caught:
        Pipeline(FramesByBins(n_bins=2), Denoise(filter_time_us=5))
    assert str(caught.value) == (
        "stage 0 of the pipeline (FramesByBins) makes frames, but stage 1 (Denoise) follows it\n"
        "hint: put FramesByBins last"
    )
    pipeline = Pipeline(Downsample(factor=2), CropSpace(x=0, width=12, height=9))
    with pytest.raises(InvalidInput, match=r"stage 1 of the pipeline \(CropSpace\): the rectangle"):
        pipeline.out_spec(SENSOR)


@pytest.mark.parametrize("wrong", [FramesByBins, "FramesByBins", None])
def test_what_is_no_transform_is_refused(wrong: object) -> None:
    with pytest.raises(InvalidInput, match="not a transform"):
        Pipeline(wrong)  # type: ignore[arg-type]


def test_frames_are_demanded_where_there_are_none() -> None:
    with pytest.raises(InvalidInput, match="makes no frames"):
        Pipeline(Downsample(factor=2)).frame_counts(sample_batch(SENSOR))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("no json", "not the JSON of a pipeline"),
        ("[]", "not the JSON of a pipeline"),
        ('{"format":9,"stages":[]}', "pipeline format 9 is not 1"),
        ('{"format":1,"stages":[{"x":1}]}', "names no transform"),
        ('{"format":1,"stages":[{"transform":"Downsample","facto":2}]}', "unexpected keyword"),
        ('{"format":1,"stages":[{"transform":"Downsample","factor":0}]}', "out of range"),
    ],
)
def test_bad_json_is_refused(text: str, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        Pipeline.from_json(text)


def test_an_unknown_transform_gets_its_nearest_name() -> None:
    with pytest.raises(NotFound, match="did you mean 'Denoise'"):
        Pipeline.from_json('{"format":1,"stages":[{"transform":"Denoize"}]}')


def test_every_registered_transform_loads_under_its_own_name() -> None:
    assert {name: TRANSFORMS[name].__name__ for name in TRANSFORMS} == {n: n for n in TRANSFORMS}


def test_every_registered_transform_is_documented() -> None:
    page = Path(__file__).parents[3] / "docs" / "explanation" / "batches.md"
    text = page.read_text(encoding="utf-8")
    assert [name for name in TRANSFORMS if f"| `{name}(" not in text] == []


def test_importing_the_package_loads_no_kernel() -> None:
    code = "import sys, eventstore.transforms; print('numba' in sys.modules)"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "False"


def _reversed(batch: EventBatch) -> EventBatch:
    return EventBatch.of(
        [batch.sample(i) for i in reversed(range(len(batch)))],
        t_start=batch.t_start[::-1],
        t_stop=batch.t_stop[::-1],
        ids=batch.ids[::-1],
    )


GOLDEN = "260342c4af740b199f7e7da06c9eaca43025bec07bee70526f157ae5b3861a81"
