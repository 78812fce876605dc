"""What is told of camera and readout, and on which chips."""

import pytest
from torch import nn

import snn
from devices.conformance import small_graph
from devices.graph import graph_from_model
from devices.speck.chip import DYNAPCNN_DEVKIT, SPECK2B, SPECK2F, SpeckSpec
from devices.speck.rules import check_graph
from eventstore.findings import Severity

KEYS = ("sensor-input", "sensor-missing", "readout-missing", "readout-classes", "readout-channels")


def told(spec: SpeckSpec, *layers: nn.Module, shape: tuple[int, ...]) -> dict[str, str]:
    graph = graph_from_model(snn.SpikingSequential(*layers), shape)
    return {f.check: f.message for f in check_graph(graph, spec) if f.check in KEYS}


@pytest.mark.parametrize(
    ("spec", "checks"),
    [
        (SPECK2F, ["readout-channels"]),
        (SPECK2B, []),
        (DYNAPCNN_DEVKIT, ["sensor-missing", "readout-missing"]),
    ],
)
def test_each_chip_is_told_of_its_own(spec: SpeckSpec, checks: list[str]) -> None:
    findings = check_graph(small_graph(), spec)
    assert [f.check for f in findings if f.check in KEYS] == checks
    assert all(f.severity is Severity.INFO and f.fix for f in findings)


def test_an_input_that_no_camera_gives_is_told() -> None:
    message = told(SPECK2F, nn.Conv2d(3, 1, 1), snn.IAF(), shape=(3, 8, 8))["sensor-input"]
    assert message.startswith("input of 3 × 8 × 8, the chip's camera gives 1 or 2 features of at")


@pytest.mark.parametrize(
    ("features", "said"), [(16, "needs 16,384 words of weights, which fits"), (256, "not fit")]
)
def test_spreading_says_what_it_costs(features: int, said: str) -> None:
    layers = (nn.Flatten(), nn.Linear(features * 16, 10, bias=False), snn.IAF())
    message = told(SPECK2F, *layers, shape=(features, 4, 4))["readout-channels"]
    assert "spread over 37 channels" in message
    assert said in message
