import pickle
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pytest

from eventstore.events import Events, Sensor
from eventstore.transforms import (
    TRANSFORMS,
    ArrayTransform,
    EventBatch,
    EventTransform,
    NoiseFilter,
    Spec,
)
from eventstore.transforms.bases import EventFilter, SameSensor
from eventstore.transforms.conformance import sample_batch
from eventstore.transforms.protocol import NO_SEEDS

SENSOR = Sensor(12, 9)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepOn(EventFilter, SameSensor):
    """Keep ON events: what it takes to write a filter."""

    def mask(self, batch: EventBatch, sensor: Sensor) -> np.ndarray:
        kept: np.ndarray = batch.events.p == 1
        return kept


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence(SameSensor):
    """Drop all events."""

    random: ClassVar[bool] = False

    def apply(self, batch: EventBatch, sensor: Sensor, seeds: np.ndarray) -> EventBatch:
        return batch.keep(np.zeros(len(batch.events), np.bool_))


def test_a_filter_is_written_with_its_mask_alone() -> None:
    stage, batch = KeepOn(), sample_batch(SENSOR)
    assert isinstance(stage, EventTransform)
    assert isinstance(stage, NoiseFilter)
    assert not stage.random
    out = stage.apply(batch, SENSOR, NO_SEEDS)
    assert 0 < len(out.events) < len(batch.events)
    assert out.events.equals(batch.events[batch.events.p == 1])
    assert out.ids == batch.ids


@pytest.mark.parametrize("sensor", [SENSOR, Sensor.audio(7)])
def test_the_same_sensor_comes_out(sensor: Sensor) -> None:
    spec = Spec("events", sensor)
    assert Silence().out_spec(spec) is spec
    assert KeepOn().out_spec(spec) is spec


def test_what_is_missing_is_said() -> None:
    class NoMask(EventFilter, SameSensor):
        pass

    class NoApply(SameSensor):
        pass

    with pytest.raises(TypeError, match=r"abstract method '?mask"):
        NoMask()  # type: ignore[abstract]
    with pytest.raises(TypeError, match=r"abstract method '?apply"):
        NoApply()  # type: ignore[abstract]


def test_bases_take_no_memory_and_no_attributes() -> None:
    stage = KeepOn()
    assert not hasattr(stage, "__dict__")
    assert pickle.loads(pickle.dumps(stage)) == stage


def bases_of(kind: type) -> list[type]:
    return [base for base in kind.__bases__ if base is not object]


@pytest.mark.parametrize("name", TRANSFORMS)
def test_transforms_inherit_one_level_and_override_nothing(name: str) -> None:
    kind = TRANSFORMS[name]
    for base in bases_of(kind):
        assert base.__module__.startswith("eventstore.transforms."), "bases are ours"
        above = [up for up in bases_of(base) if up.__name__ != "ABC"]
        assert above == [], f"{base.__name__} inherits more"
        assert getattr(base, "__abstractmethods__", None), f"{base.__name__} is no abstract class"
        concrete = {
            member
            for member, value in vars(base).items()
            if callable(value) and _is_written_by_hand(member) and not _is_abstract(value)
        }
        assert concrete.isdisjoint(vars(kind)), f"{name} overrides what {base.__name__} writes"


@pytest.mark.parametrize("name", TRANSFORMS)
def test_transforms_have_no_place_for_other_attributes(name: str) -> None:
    stage = object.__new__(TRANSFORMS[name])
    assert isinstance(stage, EventTransform | ArrayTransform)
    assert not hasattr(stage, "__dict__")


def _is_written_by_hand(member: str) -> bool:
    return member == "__post_init__" or not member.startswith("__")


def _is_abstract(value: object) -> bool:
    return bool(getattr(value, "__isabstractmethod__", False))


def test_an_empty_batch_passes() -> None:
    empty = EventBatch.of([Events.empty()], t_start=[0], t_stop=[0])
    assert len(KeepOn().apply(empty, SENSOR, NO_SEEDS).events) == 0
    assert len(EventBatch.of([], t_start=[], t_stop=[])) == 0
