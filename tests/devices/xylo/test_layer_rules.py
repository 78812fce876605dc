"""Rules of a layer: each says the number, the limit and the remedy."""

import re
from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import nn

import snn
from devices.nodes import Graph, Spiking
from devices.xylo.chip import XYLO_AUDIO3, XYLO_IMU, XyloSpec
from devices.xylo.rules import check_graph
from eventstore.findings import Finding, Severity
from snn.layers import CubaLIF, SpikingLayer
from tests.devices.xylo.models import DT, graph_of, linear, neurons


def findings_of(layer: SpikingLayer, spec: XyloSpec = XYLO_AUDIO3) -> dict[str, Finding]:
    """Return what is said of a network with such neurons in the middle, by rule."""
    n_syn = max(layer.neuron.n_synapses, 1)
    lay_out = [nn.Unflatten(1, (n_syn, 4))] if n_syn > 1 else []
    model = snn.SpikingSequential(
        *(linear(6, 4 * n_syn), *lay_out, layer, linear(4, 3), neurons(3, most=1))
    )
    return {finding.check: finding for finding in check_graph(graph_of(model), spec)}


def cuba(**changes: Any) -> CubaLIF:
    return CubaLIF(**{"tau_mem": 4 * DT, "tau_syn": 4 * DT, "dt": DT, "bit_shift": True, **changes})


def test_a_layer_within_all_limits_is_not_mentioned() -> None:
    assert not findings_of(cuba())


@pytest.mark.parametrize(
    ("layer", "check", "said", "fix"),
    [
        (snn.IAF(), "neuron-kind", "are IAF, the chip has leaky neurons", "snn.CubaLIF"),
        (snn.LIF(dt=DT), "neuron-kind", "are LIF", "snn.CubaLIF"),
        (snn.ExpLeak(0.04, DT), "neurons-silent", "never spike", 'readout="spikes"'),
        (cuba(tau_syn=[0.02, 0.04, 0.08]), "synapses", "3 synapses a neuron, .* have 2", "fewer"),
        (cuba(reset="set"), "reset", "are set to 0.0 after a spike", "reset='subtract'"),
        (cuba(reset="none"), "reset", "do not reset after a spike", "reset='subtract'"),
        (cuba(min_v_mem=-1.0), "lower-bound", "do not fall below -1.0", "min_v_mem=None"),
        (cuba(tau_mem=DT, bit_shift=False), "time-too-short", "tau_mem of 10 ms in steps of 10 ms",
         "bit_shift=True"),
        (cuba(tau_syn=2e3), "time-too-long", "a bit shift of 18, the chip's end at 15", "328 s"),
        (cuba(bias=torch.tensor([0.0, 1.0, float("nan"), 0.0])), "finite", "not a number",
         "learning rate"),
    ],
)  # fmt: skip
def test_errors(layer: SpikingLayer, check: str, said: str, fix: str) -> None:
    finding = findings_of(layer)[check]
    assert finding.is_error
    assert finding.where
    assert re.search(said, finding.message)
    assert fix in finding.fix


def test_a_second_synapse_is_too_many_for_the_imu_alone() -> None:
    layer = cuba(tau_syn=[0.02, 0.04])
    assert not findings_of(layer)
    finding = findings_of(layer, XYLO_IMU)["synapses"]
    assert finding.message == "2 synapses a neuron, hidden neurons of xylo_imu have one"
    assert "Xylo Audio 2 and 3 have two" in finding.fix


def test_rounded_times_are_told_with_the_worst_error() -> None:
    far = findings_of(cuba(tau_mem=2 * DT, bit_shift=False))["time-rounded"]
    assert far.severity is Severity.WARNING
    assert far.message == "tau_mem of 20 ms becomes 14.43 ms (-27.9%) as a bit shift"
    near = findings_of(cuba(tau_mem=64 * DT, tau_syn=64 * DT, bit_shift=False))["time-rounded"]
    assert near.severity is Severity.INFO
    assert "becomes 635 ms (-0.8%)" in near.message
    assert "time-rounded" not in findings_of(cuba(tau_mem=2 * DT))


def test_fewer_spikes_than_the_chip_s_are_a_warning_in_hidden_layers() -> None:
    finding = findings_of(cuba(max_spikes=1))["single-spike"]
    assert finding.severity is Severity.WARNING
    assert "at most 1 × a time step, hidden neurons of the chip up to 31" in finding.message
    assert "single-spike" not in findings_of(cuba(max_spikes=31))


def test_a_bias_of_weights_is_a_warning_unless_it_is_zero() -> None:
    weights = nn.Linear(6, 4)
    model = snn.SpikingSequential(weights, neurons(4), linear(4, 3), neurons(3, most=1))
    (finding,) = check_graph(graph_of(model), XYLO_AUDIO3)
    assert (finding.check, finding.severity) == ("linear-bias", Severity.WARNING)
    assert "the bias of '0' goes through a synapse" in finding.message
    nn.init.zeros_(weights.bias)
    assert not check_graph(graph_of(model), XYLO_AUDIO3)


def test_a_threshold_that_is_not_positive_is_an_error() -> None:
    graph = graph_of(snn.SpikingSequential(linear(6, 4), cuba(), linear(4, 3), cuba(max_spikes=1)))
    nodes = [
        replace(node, spike_threshold=-0.5) if isinstance(node, Spiking) else node for node in graph
    ]
    low = Graph.chain(graph.input_shape, tuple(nodes))
    (finding,) = [f for f in check_graph(low, XYLO_AUDIO3) if f.is_error and f.where == "0"]
    assert finding.check == "threshold"
    assert "would fire 31 × in every time step" in finding.message
