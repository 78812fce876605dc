"""Rules of the network: limits of the chip, what outputs may be, and what lags."""

import pytest
from torch import nn

import snn
from devices.graph import graph_from_model
from devices.xylo.chip import XYLO_AUDIO2, XYLO_AUDIO3, XYLO_IMU, XyloSpec
from devices.xylo.rules import check_graph
from eventstore.findings import Finding, Severity
from snn.branching import Branching
from snn.layers import CubaLIF, Recurrent
from snn.models.synnet import synnet
from tests.devices.xylo.models import DT, linear, neurons


def pair(inputs: int, n: int, *, most: int | None = None) -> tuple[nn.Module, nn.Module]:
    return linear(inputs, n), CubaLIF(4 * DT, 4 * DT, DT, bit_shift=True, max_spikes=most)


def found(*modules: nn.Module, inputs: int = 6, spec: XyloSpec = XYLO_AUDIO3) -> dict[str, Finding]:
    graph = graph_from_model(snn.SpikingSequential(*modules), (inputs,))
    return {finding.check: finding for finding in check_graph(graph, spec)}


def test_all_that_is_too_large_is_told_at_once() -> None:
    said = found(*pair(20, 600), *pair(600, 40), inputs=20, spec=XYLO_IMU)
    errors = {check: finding.message for check, finding in said.items() if finding.is_error}
    assert errors == {
        "inputs": "20 inputs, xylo_imu has 16",
        "hidden-count": "600 hidden neurons, xylo_imu has 496",
        "output-count": "40 output neurons, xylo_imu has 16",
        "input-reach": "inputs drive hidden neurons up to number 600 ('0' has 600), on the chip "
        "the first 128 alone",
        "output-reach": "outputs are driven by neurons as far as 600 from the last hidden one ('0' "
        "has 600), on the chip by the last 128 alone",
    }


@pytest.mark.parametrize("n", [128, 129])
def test_reach_is_an_error_from_the_first_neuron_too_many(n: int) -> None:
    first = {c for c, f in found(*pair(6, n), *pair(n, 8), *pair(8, 3)).items() if f.is_error}
    assert first == ({"input-reach"} if n > 128 else set())
    last = {c for c, f in found(*pair(6, 8), *pair(8, n), *pair(n, 3)).items() if f.is_error}
    assert last == ({"output-reach"} if n > 128 else set())
    wide = found(*pair(6, n), *pair(n, 3, most=1), spec=XYLO_AUDIO2)
    assert not wide


def test_outputs_are_one_layer_that_feeds_nothing() -> None:
    assert "no-layers" in found(nn.Flatten())
    assert "hidden-missing" in found(*pair(6, 3))
    assert "output-recurrent" in found(*pair(6, 4), linear(4, 3), Recurrent(neurons(3), 3))
    two = (linear(4, 6), nn.Unflatten(1, (2, 3)), neurons(3, n_syn=2))
    assert "output-synapses" in found(*pair(6, 4), *two)
    both = Branching({"fc": linear(4, 4), "neurons": neurons(4)}, outputs=("input", "neurons"))
    several = found(*pair(6, 4), both)["several-outputs"]
    assert "'1', '2.neurons' leave the network in one sum" in several.message
    past = Branching({"fc": linear(6, 4), "n": neurons(4), "out": linear(6, 4)},
                     sources={"out": ("input",)}, outputs=("n", "out"))  # fmt: skip
    assert "merge-mixed" in found(past, neurons(4))


def test_time_steps_must_agree() -> None:
    other = CubaLIF(0.04, 0.04, 0.005, bit_shift=True, max_spikes=1)
    said = found(*pair(6, 4), linear(4, 3), other)
    assert said["one-dt"].message == "layers have time steps of 5 ms, 10 ms"


def test_what_is_worth_knowing_is_no_error() -> None:
    said = found(*pair(16, 4), *pair(4, 16), inputs=16, spec=XYLO_IMU)
    assert {check: f.severity for check, f in said.items()} == {
        "front-end": Severity.INFO,
        "output-spikes": Severity.INFO,
    }
    many = found(*pair(6, 4), *pair(4, 20, most=1))
    assert many["outputs-untested"].severity is Severity.WARNING
    block = Branching({"fc": linear(4, 4), "neurons": neurons(4)}, outputs=("input", "neurons"))
    apart = found(*pair(6, 4), block, *pair(4, 3, most=1))["paths-apart"]
    assert "1 before '3'" in apart.message
    assert apart.severity is Severity.INFO


def test_what_is_said_of_several_layers_is_said_once() -> None:
    graph = graph_from_model(synnet(4, (16,), hidden=(8, 8, 8, 8), n_tau=(1, 1, 1, 1)), (16,))
    rounded = [f for f in check_graph(graph, XYLO_AUDIO3) if f.check == "time-rounded"]
    (finding,) = rounded
    assert finding.where == "linear1, linear2, linear3 and 2 more"
