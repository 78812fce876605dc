"""Grouping of nodes into what cores compute."""

import numpy as np
import pytest
from torch import nn

import snn
from devices.graph import graph_from_model
from devices.nodes import Graph, Node
from devices.speck.cores import CorePlan, plan_cores
from eventstore.findings import Severity


def plan(*modules: nn.Module, shape: tuple[int, ...] = (2, 8, 8)) -> Graph:
    return graph_from_model(snn.SpikingSequential(*modules), shape)


def test_a_core_takes_weights_neurons_and_pooling() -> None:
    graph = plan(nn.Conv2d(2, 3, 3), snn.IAF(), nn.AvgPool2d(2), nn.Conv2d(3, 4, 1), snn.IAF())
    done = plan_cores(graph)
    assert done.findings == ()
    assert [layer.name for layer in done.layers] == ["0", "3"]
    assert [(link.source, link.target, link.pool) for link in done.links] == [
        (None, "0", (1, 1)),
        ("0", "3", (2, 2)),
    ]
    assert [layer.spiking.name for layer in done.layers if layer.spiking] == ["1", "4"]


def test_only_averages_are_made_up_for_in_the_next_weights() -> None:
    tail = (nn.Conv2d(3, 1, 1), snn.IAF())
    pools: dict[float, list[nn.Module]] = {
        0.25: [nn.AvgPool2d(2)],
        0.0625: [nn.AvgPool2d(2), nn.AvgPool2d(2)],
        1.0: [nn.LPPool2d(1, 2)],
    }
    for rescale, modules in pools.items():
        layers = plan_cores(plan(nn.Conv2d(2, 3, 1), snn.IAF(), *modules, *tail)).layers
        assert [layer.rescale for layer in layers] == [1.0, rescale]


def test_a_linear_layer_is_a_convolution_over_the_whole_map() -> None:
    linear = nn.Linear(72, 5)
    graph = plan(nn.Conv2d(2, 2, 3), snn.IAF(), nn.Flatten(), linear, snn.IAF())
    _, last = plan_cores(graph).layers
    assert last.conv.weight.shape == (5, 2, 6, 6)
    assert last.conv.output_shape == (5, 1, 1)
    np.testing.assert_array_equal(last.conv.weight.reshape(5, 72), linear.weight.detach().numpy())


def test_linear_layers_need_no_map_at_all() -> None:
    graph = plan(nn.Linear(6, 4), snn.IAF(), nn.Linear(4, 2), snn.IAF(), shape=(6,))
    done = plan_cores(graph)
    assert done.findings == ()
    assert [layer.conv.weight.shape for layer in done.layers] == [(4, 6, 1, 1), (2, 4, 1, 1)]


def test_a_foreign_node_is_a_finding() -> None:
    graph = Graph.chain((1,), (Node(name="odd", input_shape=(1,), output_shape=(1,)),))
    (finding,) = plan_cores(graph).findings
    assert (finding.check, finding.where) == ("node-kind", "odd")


def branches(
    *steps: tuple[str, nn.Module, tuple[str, ...]], outputs: tuple[str, ...] = ()
) -> CorePlan:
    modules = {name: module for name, module, _ in steps}
    sources = {name: given for name, _, given in steps}
    block = snn.Branching(modules, sources=sources, outputs=outputs)
    return plan_cores(graph_from_model(snn.SpikingSequential(block), (2, 8, 8)))


def conv(inputs: int = 2, outputs: int = 2) -> nn.Conv2d:
    return nn.Conv2d(inputs, outputs, 3, padding=1)


A = ("a", conv(), ("input",))
FIRE = ("fire", snn.IAF(), ("a",))


def test_each_branch_is_pooled_on_its_own_link() -> None:
    done = branches(
        A,
        FIRE,
        ("pool", nn.LPPool2d(1, 2), ("fire",)),
        ("b", nn.Conv2d(2, 2, 3, stride=2, padding=1), ("fire",)),
        ("fire_b", snn.IAF(), ("b",)),
        ("c", conv(), ("pool", "fire_b")),
        ("fire_c", snn.IAF(), ("c",)),
    )
    assert done.findings == ()
    assert [(link.source, link.target, link.pool) for link in done.links] == [
        (None, "0.a", (1, 1)),
        ("0.a", "0.b", (1, 1)),
        ("0.a", "0.c", (2, 2)),
        ("0.b", "0.c", (1, 1)),
    ]
    assert done.output_names == ("0.c",)
    assert [len(done.into("0.c")), len(done.out_of("0.a")), len(done.out_of(None))] == [2, 2, 1]


def test_an_average_after_a_merge_is_made_up_for_once_and_in_all_that_follow() -> None:
    done = branches(
        A,
        FIRE,
        ("b", conv(), ("input",)),
        ("fire_b", snn.IAF(), ("b",)),
        ("pool", nn.AvgPool2d(2), ("fire", "fire_b")),
        ("c", conv(), ("pool",)),
        ("fire_c", snn.IAF(), ("c",)),
        ("d", conv(), ("pool",)),
        ("fire_d", snn.IAF(), ("d",)),
        outputs=("fire_c", "fire_d"),
    )
    assert [layer.rescale for layer in done.layers] == [1.0, 1.0, 0.25, 0.25]
    assert [link.rescale for link in done.links if link.source] == [0.25] * 4
    assert done.output_names == ("0.c", "0.d")


def test_a_merge_with_the_input_is_a_link_from_it() -> None:
    done = branches(A, FIRE, ("b", conv(), ("input", "fire")), ("fire_b", snn.IAF(), ("b",)))
    assert done.findings == ()
    assert sorted((link.source or "", link.target) for link in done.links) == [
        ("", "0.a"),
        ("", "0.b"),
        ("0.a", "0.b"),
    ]


UNEQUAL = (
    ("pool", nn.AvgPool2d(2), ("fire",)),
    ("b", nn.Conv2d(2, 2, 3, stride=2, padding=1), ("fire",)),
    ("fire_b", snn.IAF(), ("b",)),
    ("c", conv(), ("pool", "fire_b")),
    ("end", snn.IAF(), ("c",)),
)


def test_branches_averaged_unlike_are_weighed_side_by_side() -> None:
    done = branches(A, FIRE, *UNEQUAL)
    [finding] = done.findings
    assert (finding.check, finding.severity) == ("merge-rescale", Severity.INFO)
    layer = done.layers[-1]
    assert (layer.conv.input_shape, layer.rescale) == ((4, 4, 4), 1.0)
    halves = np.split(layer.conv.weight, 2, axis=1)
    np.testing.assert_array_equal(halves[0], halves[1] * 0.25)
    shifts = {link.source: link.feature_shift for link in done.into("0.c")}
    assert shifts == {"0.a": 0, "0.b": 2}


FAULTS = {
    "merge-twice": (
        ("pool", nn.LPPool2d(1, 1), ("fire",)),
        ("b", conv(), ("fire", "pool")),
        ("end", snn.IAF(), ("b",)),
    ),
    "merge-before-neurons": (("b", conv(), ("input",)), ("end", snn.IAF(), ("a", "b"))),
    "neurons-without-weights": (("more", snn.IAF(), ("a",)),),
    "merge-maps": (
        ("flat", nn.Flatten(), ("fire",)),
        ("b", nn.Conv2d(2, 8, 2, stride=2), ("input",)),
        ("fire_b", snn.IAF(), ("b",)),
        ("flat_b", nn.Flatten(), ("fire_b",)),
        ("fc", nn.Linear(128, 3), ("flat", "flat_b")),
        ("end", snn.IAF(), ("fc",)),
    ),
}


@pytest.mark.parametrize("check", FAULTS)
def test_what_cannot_meet_on_a_core_is_found(check: str) -> None:
    outputs = ("fire", "more") if check == "neurons-without-weights" else ()
    done = branches(A, FIRE, *FAULTS[check], outputs=outputs)
    assert check in {finding.check for finding in done.findings}
    assert all(finding.fix for finding in done.findings)
