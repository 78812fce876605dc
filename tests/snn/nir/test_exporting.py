from collections import OrderedDict

import numpy as np
import pytest
import torch
from torch import nn

from eventstore.errors import InvalidInput
from snn.branching import Branching
from snn.layers import ALIF, IAF, LIF, AxonalDelay, CubaLIF, ExpLeak, ParallelLIF, Recurrent
from snn.nir.exporting import to_nir
from snn.nir.kept import kept_in
from snn.nir.nodes import IF, Delay, Input, Linear, NIRGraph
from snn.nir.nodes import CubaLIF as CubaLIFNode
from snn.nir.nodes import Scale as ScaleNode
from snn.nir.scale import Scale
from snn.sequential import SpikingSequential


def kinds(graph: NIRGraph) -> list[str]:
    return [node.kind for node in graph.nodes.values()]


def test_each_layer_is_a_node_with_shapes_and_dt_said() -> None:
    net = SpikingSequential(
        nn.Conv2d(2, 4, 3, bias=False), IAF(), nn.AvgPool2d(2), nn.Flatten(), nn.Linear(16, 3)
    )
    graph = to_nir(net, (2, 6, 6), dt=0.002)
    assert kinds(graph) == ["Input", "Conv2d", "IF", "AvgPool2d", "Flatten", "Affine", "Output"]
    first, conv, neurons = graph.nodes["input"], graph.nodes["0"], graph.nodes["1"]
    assert isinstance(first, Input)
    assert isinstance(neurons, IF)
    assert first.shape == (2, 6, 6)
    assert conv.input_shape == (6, 6)  # type: ignore[attr-defined]
    assert neurons.r.shape == (4, 4, 4)
    assert neurons.r[0, 0, 0] == 500
    assert graph.nodes["output"].shape == (3,)  # type: ignore[attr-defined]
    said = kept_in(graph, "")
    assert said is not None
    assert said["dt"] == 0.002
    assert graph.edges[0] == ("input", "0")
    assert graph.edges[-1] == ("4", "output")


def test_names_of_modules_are_names_of_nodes() -> None:
    net = SpikingSequential(OrderedDict(fc=nn.Linear(3, 2), spikes=ParallelLIF()))
    assert list(to_nir(net, (3,)).nodes) == ["input", "fc", "spikes", "spikes_spikes", "output"]
    parts: OrderedDict[str, nn.Module] = OrderedDict(fc=ParallelLIF(), fc_spikes=nn.Linear(3, 2))
    graph = to_nir(SpikingSequential(parts), (3,))
    assert list(graph.nodes) == ["input", "fc", "fc_spikes_", "fc_spikes", "output"]
    assert ("fc_spikes_", "fc_spikes") in graph.edges


def test_recurrent_neurons_are_a_graph_with_a_weight_back() -> None:
    layer = Recurrent(LIF(), 3)
    inner = to_nir(SpikingSequential(layer), (3,)).nodes["0"]
    assert isinstance(inner, NIRGraph)
    assert set(inner.edges) == {
        ("input", "neurons"),
        ("neurons", "weight"),
        ("weight", "neurons"),
        ("neurons", "output"),
    }
    weight = inner.nodes["weight"]
    assert isinstance(weight, Linear)
    assert np.array_equal(weight.weight, layer.weight.detach().numpy().T)


def test_recurrent_neurons_without_a_reset_feed_back_their_spikes() -> None:
    inner = to_nir(SpikingSequential(Recurrent(ParallelLIF(), 3)), (3,)).nodes["0"]
    assert isinstance(inner, NIRGraph)
    assert ("spikes", "weight") in inner.edges
    assert ("neurons", "weight") not in inner.edges


def test_paths_that_part_and_meet_are_a_graph_of_their_edges() -> None:
    block = Branching(
        {"fc": nn.Linear(3, 3), "drop": nn.Dropout(), "spikes": IAF(), "fc2": nn.Linear(3, 3)},
        sources={"fc2": ("input", "spikes")},
        outputs=("spikes", "fc2"),
    )
    graph = to_nir(SpikingSequential(block, nn.Linear(3, 1)), (3,))
    inner = graph.nodes["0"]
    assert isinstance(inner, NIRGraph)
    assert inner.edges == (
        ("input", "fc"),
        ("fc", "spikes"),
        ("input", "fc2"),
        ("spikes", "fc2"),
        ("spikes", "output"),
        ("fc2", "output"),
    )
    said = kept_in(graph, "")
    assert said is not None
    assert said["left_out"] == ["0.drop"]


def test_delays_and_factors_have_one_number_each() -> None:
    net = SpikingSequential(AxonalDelay(0.002, 3, max_delay=0.01), Scale(torch.tensor(2.0)))
    nodes = to_nir(net, (3,)).nodes
    delay, scale = nodes["0"], nodes["1"]
    assert isinstance(delay, Delay)
    assert isinstance(scale, ScaleNode)
    assert delay.delay.tolist() == pytest.approx([0.002] * 3)
    assert scale.scale.tolist() == [2, 2, 2]


def test_exporting_changes_nothing_about_the_network() -> None:
    net = SpikingSequential(nn.Linear(3, 2), nn.Dropout(0.5), IAF())
    net[1].eval()
    to_nir(net, (3,))
    assert [module.training for module in net] == [True, False, True]
    assert all(p.grad is None for p in net.parameters())


@pytest.mark.parametrize(
    ("module", "said"),
    [
        (nn.BatchNorm1d(3), r"module '0' \(BatchNorm1d\): NIR has no node"),
        (nn.ReLU(), r"module '0' \(ReLU\): NIR has no node"),
        (ALIF(), "its threshold rises with spikes, which NIR cannot say"),
        (CubaLIF(tau_syn=[0.01, 0.02]), "each neuron has 2 synapses"),
        (nn.Unflatten(1, (1, 3)), "it splits an axis"),
        (Branching({"relu": nn.ReLU()}), r"module '0.relu' \(ReLU\)"),
        (Branching({"output": nn.Linear(3, 3)}), "called '0.output', as an end of a graph"),
        (
            Branching({"a": IAF(), "b": IAF()}, outputs=("a",)),
            "nothing takes what 'b' puts out",
        ),
        (Branching({"a": IAF()}, outputs=("a", "a")), "edge a → output is there twice"),
    ],
)
def test_what_nir_cannot_say_is_refused_by_name(module: nn.Module, said: str) -> None:
    with pytest.raises(InvalidInput, match=said) as caught:
        to_nir(SpikingSequential(module), (3,))
    assert caught.value.hint


def test_ends_of_the_graph_and_names_of_modules_are_kept_apart() -> None:
    net = SpikingSequential(OrderedDict(input=nn.Linear(3, 3)))
    with pytest.raises(InvalidInput, match="a module is called 'input'"):
        to_nir(net, (3,))


def test_neurons_of_ours_alone_are_written_on_request() -> None:
    net = SpikingSequential(nn.Linear(3, 4), nn.Unflatten(1, (2, 2)), CubaLIF(tau_syn=[0.01, 0.02]))
    graph = to_nir(net, (3,), private=True)
    neurons = graph.nodes["2"]
    assert isinstance(neurons, CubaLIFNode)
    assert neurons.tau_syn.tolist() == pytest.approx([0.01] * 2)
    assert to_nir(SpikingSequential(ALIF()), (3,), private=True).nodes["0"].kind == "LIF"


def test_one_graph_has_one_step() -> None:
    net = SpikingSequential(LIF(dt=0.001), ExpLeak(dt=0.002))
    with pytest.raises(InvalidInput, match=r"differ .* 0: 0.001 s, 1: 0.002 s"):
        to_nir(net, (3,))
    with pytest.raises(InvalidInput, match=r"0: 0.001 s, the argument dt: 0.005 s"):
        to_nir(SpikingSequential(LIF()), (3,), dt=0.005)
    with pytest.raises(InvalidInput, match=r"0\.a: 0.002 s"):
        to_nir(SpikingSequential(Branching({"a": LIF(dt=0.002)}), LIF()), (3,))
    with pytest.raises(InvalidInput, match="dt 0 s is not positive"):
        to_nir(SpikingSequential(IAF()), (3,), dt=0)


@pytest.mark.parametrize("shape", [(4,), (2, 6), (1, 2, 3, 4, 5)])
def test_frames_that_do_not_fit_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(InvalidInput, match=r"frames of shape .* do not fit the network") as caught:
        to_nir(SpikingSequential(nn.Conv2d(2, 4, 3), IAF()), shape)
    assert "no batch, no time" in str(caught.value.hint)


@pytest.mark.parametrize("shape", [(), (0,), (-2, 3)])
def test_shapes_are_of_something(shape: tuple[int, ...]) -> None:
    with pytest.raises(InvalidInput, match="frames of shape"):
        to_nir(SpikingSequential(IAF()), shape)


def test_a_network_of_nothing_is_refused() -> None:
    for net in (SpikingSequential(), SpikingSequential(nn.Dropout())):
        with pytest.raises(InvalidInput, match="the network has no layers"):
            to_nir(net, (3,))
