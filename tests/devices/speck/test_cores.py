"""Grouping of nodes into what cores compute."""

import numpy as np
from torch import nn

import snn
from devices.graph import graph_from_model
from devices.nodes import Graph, Node
from devices.speck.cores import plan_cores


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
