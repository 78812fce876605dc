import re
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from devices.dynapse.chip import DYNAPSE2
from devices.dynapse.quantize import quantize_net
from devices.dynapse.rules import check_coded, check_graph, check_net
from devices.graph import graph_from_model
from snn.branching import Branching
from snn.dpi.layer import DPI
from snn.layers import LIF
from snn.sequential import SpikingSequential
from tests.devices.dynapse.small_nets import (
    currents_of,
    drawn_net,
    inhibited_model,
    linear_of,
    small_dpi_graph,
)


def checks(model: nn.Module, n_in: int) -> dict[str, str]:
    findings = check_graph(graph_from_model(model, (n_in,)), DYNAPSE2)
    return {f.check: f.fix for f in findings if f.is_error}


def linear(n_in: int, n: int) -> nn.Linear:
    return nn.Linear(n_in, n, bias=False)


def test_inhibitory_synapses_fit() -> None:
    findings = check_graph(graph_from_model(inhibited_model(), (8,)), DYNAPSE2)
    assert {f.check for f in findings} == {"rounding"}


def test_a_network_that_fits_is_told_what_rounding_does() -> None:
    findings = check_graph(small_dpi_graph(), DYNAPSE2)
    assert [f.check for f in findings if f.is_error] == []
    assert {f.check for f in findings} == {"rounding"}
    assert "four bits change weights by" in findings[0].message


@pytest.mark.parametrize(
    ("model", "n_in", "wanted"),
    [
        (SpikingSequential(linear(3, 4), LIF()), 3, {"node-kind", "order"}),
        (SpikingSequential(nn.Linear(3, 4), DPI()), 3, {"bias"}),
        (SpikingSequential(linear(3, 4), linear(4, 4), DPI()), 3, {"order"}),
        (SpikingSequential(linear(3, 4), DPI(), linear(4, 4)), 3, {"order"}),
        (SpikingSequential(linear(90, 4), DPI()), 90, {"fan-in"}),
        (SpikingSequential(linear(60, 20), DPI(n_recurrent=20)), 60, {"fan-in"}),
        (SpikingSequential(linear(1, 4097), DPI()), 1, {"neurons"}),
        (SpikingSequential(*list(inhibited_model())[:2], linear(12, 4), DPI()), 8, {"inhibition"}),
        (
            SpikingSequential(linear(3, 4), DPI(dt=1e-3), linear(4, 4), DPI(dt=2e-3)),
            3,
            {"one-step"},
        ),
        (
            SpikingSequential(
                *(linear(3, 4), DPI()),
                Branching({"w": linear(4, 4), "a": DPI()}, outputs=("input", "a")),
                *(linear(4, 4), DPI()),
            ),
            3,
            {"node-kind", "chain"},
        ),
    ],
)
def test_each_rule_is_told_with_what_to_do(model: nn.Module, n_in: int, wanted: set[str]) -> None:
    found = checks(model, n_in)
    assert set(found) == wanted
    assert all(found.values())


def test_several_rules_are_told_at_once() -> None:
    model = SpikingSequential(nn.Linear(3, 4), LIF(), linear(4, 4), DPI(), linear(4, 2))
    assert set(checks(model, 3)) == {"node-kind", "bias", "order"}


def test_weights_that_are_not_finite_are_told() -> None:
    model = SpikingSequential(linear(3, 4), DPI())
    with torch.no_grad():
        linear_of(model, 0).weight[0, 0] = torch.nan
    assert set(checks(model, 3)) == {"not-finite"}


def test_synapses_of_weight_zero_take_no_memory() -> None:
    net = drawn_net((100, 6), 2, density=0.4)
    assert not [f for f in check_net(net, DYNAPSE2) if f.is_error]


def test_currents_that_differ_on_a_core_are_told() -> None:
    net = drawn_net((4, 40), 0)
    (one,) = net.populations
    spread = currents_of(40) * np.geomspace(1, 30, 40)
    mixed = replace(net, populations=(replace(one, currents=spread),))
    (warning,) = [f for f in check_net(mixed, DYNAPSE2) if f.check == "shared-currents"]
    assert re.search(r"on 1\d cores currents change by up to \d+ %", warning.message)


def test_full_memories_are_told() -> None:
    net = quantize_net(drawn_net((9, 12), 0, recurrent=True), DYNAPSE2)
    tight = replace(DYNAPSE2, n_tags=5, neurons_per_core=3, destinations_per_neuron=1)
    found = {f.check for f in check_coded(net, tight) if f.is_error}
    assert found == {"tags", "core-neurons", "destinations"}


def test_neurons_that_hear_nothing_are_told() -> None:
    net = drawn_net((3, 4), 0)
    (one,) = net.populations
    weight = one.weight.copy()
    weight[:, 1] = 0
    deaf = replace(net, populations=(replace(one, weight=weight),))
    assert "no-synapse" in {f.check for f in check_net(deaf, DYNAPSE2)}
