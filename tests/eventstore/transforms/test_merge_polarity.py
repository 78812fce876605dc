import numpy as np

from eventstore.events import Sensor
from eventstore.testing import TransformContract
from eventstore.transforms import FramesByBins, MergePolarity, Pipeline, RandomKey
from eventstore.transforms.conformance import sample_batch
from eventstore.transforms.protocol import NO_SEEDS

SENSOR = Sensor(12, 9)


class TestMergePolarity(TransformContract):
    transform = MergePolarity()


class TestMergePolarityOfAudio(TransformContract):
    transform = MergePolarity()
    sensor = Sensor.audio(9)


def test_every_event_becomes_on_and_nothing_else_changes() -> None:
    batch = sample_batch(SENSOR)
    out = MergePolarity().apply(batch, SENSOR, NO_SEEDS).events
    assert set(out.p.tolist()) == {1}
    for name in "txy":
        assert np.array_equal(out.column(name), batch.events.column(name))


def test_one_plane_of_the_frames_holds_all_counts() -> None:
    batch = sample_batch(SENSOR)
    pipeline = Pipeline(MergePolarity(), FramesByBins(n_bins=2))
    frames = np.empty((4, 2, 2, 9, 12), np.float32)
    pipeline.write(pipeline.transform(batch, SENSOR, RandomKey()), SENSOR, frames)
    assert not frames[:, :, 0].any()
    assert frames[:, :, 1].sum() == len(batch.events)


def test_audio_is_as_before() -> None:
    batch = sample_batch(Sensor.audio(9))
    assert MergePolarity().apply(batch, Sensor.audio(9), NO_SEEDS).events.equals(batch.events)
