"""What every transform must hold to; a test of a transform is a subclass of this class.

Re-exported by `eventstore.testing`. The class collects under pytest, and needs it only there.
"""

from dataclasses import FrozenInstanceError, fields, is_dataclass
from typing import ClassVar

import numpy as np

from eventstore.events import Events, Sensor
from eventstore.transforms.batch import EventBatch
from eventstore.transforms.pipeline import TRANSFORMS, Pipeline
from eventstore.transforms.protocol import NO_SEEDS, ArrayTransform, EventTransform, Spec, Transform
from eventstore.transforms.randomness import RandomKey


class TransformContract:
    """Tests that every transform passes: subclass it and name one.

    Args:
        transform: the transform under test, with fields that suit the sensor.
        sensor: what its events come from.

    Examples:
        >>> from eventstore.transforms import Downsample
        >>> class TestDownsample(TransformContract):
        ...     transform = Downsample(factor=2)
        >>> TestDownsample().test_json_round_trip()
    """

    transform: ClassVar[Transform]
    sensor: ClassVar[Sensor] = Sensor(12, 9)

    def test_is_a_frozen_keyword_only_dataclass(self) -> None:
        """A transform is a value: compared by its fields, never changed."""
        stage = self.transform
        _demand(is_dataclass(stage), "make it a dataclass")
        for field in fields(stage):  # type: ignore[arg-type]
            _demand(field.kw_only is True, f"make {field.name} keyword-only")
            try:
                setattr(stage, field.name, None)
            except FrozenInstanceError:
                continue
            remedy = "make it frozen"
            raise AssertionError(remedy)

    def test_json_round_trip(self) -> None:
        """Its JSON gives it back, through the table of transforms."""
        name = type(self.transform).__name__
        _demand(TRANSFORMS[name] is type(self.transform), f"register it as {name!r}")
        pipeline = Pipeline(self.transform)
        again = Pipeline.from_json(pipeline.to_json())
        _demand(again == pipeline, "its JSON must give it back")
        _demand(again.fingerprint == pipeline.fingerprint, "its JSON must be canonical")

    def test_output_matches_its_spec(self) -> None:
        """What comes out is what out_spec promised, and the input is left alone."""
        batch = sample_batch(self.sensor)
        before = [column.copy() for column in batch.events]
        spec = self.transform.out_spec(Spec("events", self.sensor))
        if isinstance(self.transform, EventTransform):
            out = _apply(self.transform, batch, self.sensor)
            _demand(spec.kind == "events", "out_spec must say events")
            _demand(out.ids == batch.ids, "every sample must stay, also when empty")
            _demand(_on_sensor(out.events, spec.sensor), "events must lie on the new sensor")
        else:
            frames = _write(self.transform, batch, self.sensor)
            _demand(spec.kind == "array", "out_spec must say array")
            fixed = spec.shape[0]
            _demand(fixed is None or fixed == frames.shape[1], "T must be as promised")
        same = all(np.array_equal(a, b) for a, b in zip(before, batch.events, strict=True))
        _demand(same, "leave the input as it is")

    def test_samples_do_not_depend_on_their_batch(self) -> None:
        """A sample comes out the same alone and in company."""
        batch = sample_batch(self.sensor)
        for i, sample_id in enumerate(batch.ids):
            alone = EventBatch.of(
                [batch.sample(i)],
                t_start=batch.t_start[i : i + 1],
                t_stop=batch.t_stop[i : i + 1],
                ids=[sample_id],
            )
            if isinstance(self.transform, EventTransform):
                in_company = _apply(self.transform, batch, self.sensor)
                by_itself = _apply(self.transform, alone, self.sensor)
                same = in_company.sample(i).equals(by_itself.events)
                same &= bool(in_company.t_start[i] == by_itself.t_start[0])
                same &= bool(in_company.t_stop[i] == by_itself.t_stop[0])
            else:
                frames = _write(self.transform, alone, self.sensor)[0]
                company = _write(self.transform, batch, self.sensor)[i]
                same = np.array_equal(company[: len(frames)], frames)
                same &= not company[len(frames) :].any()
            _demand(same, f"sample {sample_id!r} must not depend on the rest of its batch")

    def test_no_samples_and_no_events(self) -> None:
        """Nothing in, nothing out, and no error."""
        for samples in ([], [Events.empty()]):
            zeros = [0] * len(samples)
            batch = EventBatch.of(samples, t_start=zeros, t_stop=zeros)
            if isinstance(self.transform, EventTransform):
                _demand(len(_apply(self.transform, batch, self.sensor).events) == 0, "no events")
            else:
                _demand(not _write(self.transform, batch, self.sensor).any(), "only zeros")


def sample_batch(sensor: Sensor, *, seed: int = 0) -> EventBatch:
    """Return a batch of unlike samples: many events, none, one, all at the same time."""
    rng = np.random.default_rng(seed)
    sizes, starts = [300, 0, 1, 40], np.array([0, 5, 1_000, 70])
    stops = starts + np.array([10_000, 10, 1, 1])
    samples = [
        Events.of(
            t=np.sort(rng.integers(start, stop, n)),
            x=rng.integers(0, sensor.width, n),
            y=rng.integers(0, sensor.height, n),
            p=rng.integers(2 - sensor.polarities, 2, n),
        )
        for n, start, stop in zip(sizes, starts, stops, strict=True)
    ]
    ids = [f"recording-{i}#{a}-{b}" for i, (a, b) in enumerate(zip(starts, stops, strict=True))]
    return EventBatch.of(samples, t_start=starts, t_stop=stops, ids=ids)


def _apply(stage: EventTransform, batch: EventBatch, sensor: Sensor) -> EventBatch:
    seeds = RandomKey(seed=3, epoch=1).seeds(batch.ids, stage=0) if stage.random else NO_SEEDS
    return stage.apply(batch, sensor, seeds)


def _write(stage: ArrayTransform, batch: EventBatch, sensor: Sensor) -> np.ndarray:
    spec = stage.out_spec(Spec("events", sensor))
    longest = int(stage.frame_counts(batch).max(initial=0))
    # Filled with a count that no sample has, so that an element left unwritten shows.
    out = np.full(spec.array_shape(len(batch), longest), 77, np.float32)
    stage.write(batch, sensor, out)
    return out


def _on_sensor(events: Events, sensor: Sensor) -> bool:
    return bool(np.all(events.x < sensor.width) and np.all(events.y < sensor.height))


def _demand(holds: bool, remedy: str) -> None:
    if not holds:
        raise AssertionError(remedy)
