"""Layers of neurons out of graphs: who drives whom, and what cannot be placed."""

from collections import Counter

import pytest
from torch import nn

import snn
from devices.graph import graph_from_model
from devices.nodes import INPUT
from devices.xylo.plan import plan_layers
from snn.branching import Branching
from tests.devices.xylo.models import graph_of, linear, made, neurons


def test_sums_of_spikes_are_sources_and_sums_of_currents_are_drives() -> None:
    plan = plan_layers(graph_of(made("skipped")))
    drives = {layer.spiking.name: [d.sources for d in layer.drives] for layer in plan.layers}
    assert drives["2.b"] == [Counter({"1": 1, "2.a": 1})]
    assert drives["2.c"] == [Counter({"2.a": 1, "2.b": 1})]
    assert drives["4"] == [Counter({"2.a": 1, "2.c": 1})]
    assert plan.output is plan.layers[-1]
    assert plan.layers[0].sources == {INPUT}

    two = Branching(
        {"a": linear(6, 5), "b": linear(6, 5)}, sources={"b": ("input",)}, outputs=("a", "b")
    )
    model = snn.SpikingSequential(two, neurons(5), linear(5, 3), neurons(3))
    first = plan_layers(graph_of(model)).layers[0]
    assert [drive.linear.name for drive in first.drives] == ["0.a", "0.b"]


@pytest.mark.parametrize(
    ("modules", "checks"),
    [
        ([neurons(6), linear(6, 3), neurons(3)], ["weights-missing"]),
        ([linear(6, 4), linear(4, 3), neurons(3)], ["weights-after-weights"]),
        ([linear(6, 4), neurons(4), linear(4, 3)], ["neurons-missing"]),
        ([linear(6, 4), neurons(4), neurons(4)], ["weights-missing"]),
        (
            [Branching({"a": linear(6, 6)}, outputs=("input", "a")), neurons(6)],
            ["merge-mixed"],
        ),
        ([linear(6, 4), neurons(4)], []),
    ],
)
def test_what_cannot_be_placed_is_told(modules: list[nn.Module], checks: list[str]) -> None:
    plan = plan_layers(graph_of(snn.SpikingSequential(*modules)))
    assert [finding.check for finding in plan.findings] == checks
    assert all(f.is_error and f.fix and f.where for f in plan.findings)


def test_maps_have_no_counterpart() -> None:
    model = snn.SpikingSequential(nn.Conv2d(2, 3, 3), snn.IAF(), nn.AvgPool2d(2))
    plan = plan_layers(graph_from_model(model, (2, 6, 6)))
    assert [finding.where for finding in plan.findings if finding.check == "node-kind"] == [
        "0",
        "2",
    ]
