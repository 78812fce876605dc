from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
import pytest
from jaxtyping import UInt64

from eventstore.events import Events, Sensor
from eventstore.registry import Entry
from eventstore.transforms import EventBatch, Spec
from eventstore.transforms import pipeline as pipeline_module
from eventstore.transforms.conformance import TransformContract, sample_batch


@dataclass(frozen=True, slots=True, kw_only=True)
class Faulty:
    """Breaks the contract in the way asked for."""

    random: ClassVar[bool] = False

    fault: str = ""

    def out_spec(self, spec: Spec) -> Spec:
        return spec

    def apply(
        self, batch: EventBatch, sensor: Sensor, seeds: UInt64[np.ndarray, " b"]
    ) -> EventBatch:
        t, x, y, p = batch.events
        if self.fault == "input" and len(t):
            t[0] += 1
        if self.fault == "company":
            return batch.with_events(Events(t + len(batch), x, y, p))
        if self.fault == "sensor":
            return batch.with_events(Events(t, x + np.uint16(9), y, p))
        return replace(batch)


def contract(fault: str) -> TransformContract:
    class Case(TransformContract):
        transform = Faulty(fault=fault)

    return Case()


@pytest.fixture(autouse=True)
def _registered(monkeypatch: pytest.MonkeyPatch) -> None:
    table = pipeline_module.TRANSFORMS._entries()
    monkeypatch.setitem(table, "Faulty", Entry(f"{__name__}:Faulty"))
    monkeypatch.setitem(pipeline_module.TRANSFORMS._loaded, "Faulty", Faulty)


def test_a_good_transform_passes() -> None:
    case = contract("")
    for name in dir(case):
        if name.startswith("test_"):
            getattr(case, name)()


@pytest.mark.parametrize(
    ("fault", "check", "remedy"),
    [
        ("input", "test_output_matches_its_spec", "leave the input as it is"),
        ("sensor", "test_output_matches_its_spec", "events must lie on the new sensor"),
        ("company", "test_samples_do_not_depend_on_their_batch", "must not depend on the rest"),
    ],
)
def test_each_fault_is_found(fault: str, check: str, remedy: str) -> None:
    with pytest.raises(AssertionError, match=remedy):
        getattr(contract(fault), check)()


def test_an_unregistered_transform_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(pipeline_module.TRANSFORMS._loaded, "Faulty", object)
    with pytest.raises(AssertionError, match="register it as 'Faulty'"):
        contract("").test_json_round_trip()


def test_the_sample_batch_has_the_hard_cases() -> None:
    batch = sample_batch(Sensor(3, 3))
    sizes = np.diff(batch.offsets)
    assert sizes.min() == 0
    assert sizes.max() > 100
    assert 1 in (batch.t_stop - batch.t_start)
