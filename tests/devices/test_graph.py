"""Graph from a torch model: the same numbers, and clear words for what has no counterpart."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

import snn
from devices.graph import graph_from_model
from devices.nodes import Conv, Pool, Spiking
from eventstore.errors import InvalidInput
from tests.devices.graph_in_torch import run_graph


@given(
    seed=st.integers(0, 999),
    kernel=st.tuples(st.integers(1, 3), st.integers(1, 3)),
    stride=st.integers(1, 2),
    padding=st.integers(0, 2),
    dilation=st.integers(1, 2),
    grouped=st.booleans(),
    bias=st.booleans(),
)
def test_a_graph_computes_what_the_model_computes(
    *,
    seed: int,
    kernel: tuple[int, int],
    stride: int,
    padding: int,
    dilation: int,
    grouped: bool,
    bias: bool,
) -> None:
    torch.manual_seed(seed)
    conv = nn.Conv2d(
        2,
        4,
        kernel,
        stride=stride,
        padding=padding,
        dilation=dilation,
        groups=2 if grouped else 1,
        bias=bias,
    )
    norm = nn.BatchNorm2d(4, eps=0.1)
    model = nn.Sequential(
        nn.Sequential(conv, norm, nn.Dropout()), nn.AvgPool2d(2), nn.LPPool2d(1, 2, stride=1)
    )
    model(torch.rand(8, 2, 14, 15))  # gives the norm its statistics
    nn.init.uniform_(norm.weight)
    nn.init.uniform_(norm.bias)
    x = torch.rand(3, 2, 14, 15)
    with torch.no_grad():
        expected = model.eval()(x)
    graph = graph_from_model(model, (2, 14, 15))
    assert [node.name for node in graph] == ["0.0", "1", "2"]
    assert graph.output_shape == expected.shape[1:]
    np.testing.assert_allclose(run_graph(graph, x), expected, rtol=1e-4, atol=1e-5)


def test_a_norm_after_a_linear_layer_is_folded() -> None:
    torch.manual_seed(0)
    model = nn.Sequential(nn.Flatten(), nn.Linear(8, 3), nn.BatchNorm1d(3, affine=False))
    model(torch.rand(16, 2, 2, 2))
    x = torch.rand(4, 2, 2, 2)
    with torch.no_grad():
        expected = model.eval()(x)
    graph = graph_from_model(model, (2, 2, 2))
    np.testing.assert_allclose(run_graph(graph, x), expected, rtol=1e-4, atol=1e-5)


def test_neurons_keep_their_numbers() -> None:
    model = snn.SpikingSequential(
        nn.Conv2d(1, 2, 1), snn.IAF(0.5, -0.25, reset="set", max_spikes=1), snn.LIF()
    )
    iaf, lif = graph_from_model(model, (1, 3, 3)).nodes[1:]
    assert isinstance(iaf, Spiking)
    assert isinstance(lif, Spiking)
    assert (iaf.kind, iaf.spike_threshold, iaf.min_v_mem) == ("IAF", 0.5, -0.25)
    assert (iaf.reset, iaf.max_spikes) == ("set", 1)
    assert (lif.kind, lif.min_v_mem) == ("LIF", None)
    assert iaf.output_shape == (2, 3, 3)


def test_a_sum_is_an_average_that_divides_by_one() -> None:
    model = nn.Sequential(nn.AvgPool2d(2), nn.AvgPool2d(2, divisor_override=1))
    kinds = [node.kind for node in graph_from_model(model, (1, 8, 8)) if isinstance(node, Pool)]
    assert kinds == ["average", "sum"]


def test_a_graph_does_not_share_memory_with_the_model() -> None:
    conv = nn.Conv2d(1, 1, 1)
    node = graph_from_model(nn.Sequential(conv), (1, 2, 2)).nodes[0]
    assert isinstance(node, Conv)
    before = node.weight.copy()
    nn.init.constant_(conv.weight, 7.0)
    np.testing.assert_array_equal(node.weight, before)


def test_same_padding_becomes_numbers() -> None:
    node = graph_from_model(nn.Sequential(nn.Conv2d(1, 1, 5, padding="same")), (1, 9, 9)).nodes[0]
    assert isinstance(node, Conv)
    assert (node.padding, node.output_shape) == ((2, 2), (1, 9, 9))


REFUSED = [
    (nn.ReLU(), "'0' (ReLU)", "build the network from AvgPool2d, Conv2d"),
    (nn.MaxPool2d(2), "'0' (MaxPool2d)", "build the network from"),
    (nn.TransformerEncoderLayer(8, 1), "TransformerEncoderLayer", "build the network from"),
    (nn.Conv2d(3, 1, 1), "it takes (3, H, W), what comes in is (2, 8, 8)", "check input_shape"),
    (nn.Conv2d(2, 1, 3, padding=1, padding_mode="circular"), "'circular'", "padding_mode='zeros'"),
    (nn.Conv2d(2, 1, 4, padding="same"), "lopsided", "odd kernel"),
    (nn.Conv2d(2, 1, 9), "nothing is left of (2, 8, 8)", "smaller kernel"),
    (nn.Linear(128, 3), "it takes (128,), what comes in is (2, 8, 8)", "nn.Flatten()"),
    (nn.AvgPool2d(3, padding=1), "pads or rounds", "padding=0"),
    (nn.AvgPool2d(2, divisor_override=3), "its divisor is 3", "1 (sum)"),
    (nn.LPPool2d(2, 2), "its norm is 2", "nn.LPPool2d(1, kernel)"),
    (nn.Flatten(2), "flattens axes 2", "nn.Flatten() with its defaults"),
    (nn.BatchNorm2d(2), "'0' (BatchNorm2d)", "after a convolution"),
]


@pytest.mark.parametrize(("module", "message", "hint"), REFUSED)
def test_what_has_no_counterpart_is_refused_by_name(
    module: nn.Module, message: str, hint: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        graph_from_model(nn.Sequential(module), (2, 8, 8))
    assert message in caught.value.message
    assert hint in caught.value.hint


def test_a_norm_after_pooling_or_without_statistics_is_refused() -> None:
    after_pool = nn.Sequential(nn.Conv2d(2, 2, 1), nn.AvgPool2d(2), nn.BatchNorm2d(2))
    with pytest.raises(InvalidInput, match="it follows Pool '1'"):
        graph_from_model(after_pool, (2, 8, 8))
    blind = nn.Sequential(nn.Conv2d(2, 2, 1), nn.BatchNorm2d(2, track_running_stats=False))
    with pytest.raises(InvalidInput, match="it keeps no mean"):
        graph_from_model(blind, (2, 8, 8))


def test_pooling_a_flat_map_is_refused() -> None:
    with pytest.raises(InvalidInput, match=r"takes \(C, H, W\)"):
        graph_from_model(nn.Sequential(nn.Flatten(), nn.AvgPool2d(2)), (2, 8, 8))


def test_a_module_used_twice_gives_two_nodes() -> None:
    fire, pool = snn.IAF(), nn.AvgPool2d(2)
    net = snn.SpikingSequential(nn.Conv2d(2, 3, 1), fire, pool, nn.Conv2d(3, 3, 1), fire, pool)
    assert [node.name for node in graph_from_model(net, (2, 8, 8))] == list("012345")


def test_parameters_of_any_width_become_float32() -> None:
    net = snn.SpikingSequential(nn.Conv2d(2, 3, 1), snn.IAF())
    for dtype in (torch.bfloat16, torch.float16, torch.float64):
        node = graph_from_model(net.to(dtype), (2, 8, 8)).nodes[0]
        assert isinstance(node, Conv)
        assert node.weight.dtype == np.float32


def test_branches_by_structure_get_names_and_sums() -> None:
    block = snn.Branching(
        {"a": nn.Conv2d(2, 2, 1), "fire": snn.IAF(), "b": nn.Conv2d(2, 2, 1), "end": snn.IAF()},
        sources={"b": ("input", "fire")},
        outputs=("fire", "end"),
    )
    net = snn.SpikingSequential(nn.Identity(), block, nn.Flatten(), nn.Linear(8, 3), snn.IAF())
    graph = graph_from_model(net, (2, 2, 2))
    assert {node.name: graph.sources(node.name) for node in graph} == {
        "1.a": (),
        "1.fire": ("1.a",),
        "1.b.merge": ("1.fire",),
        "1.b": ("1.b.merge",),
        "1.end": ("1.b",),
        "1.merge": ("1.fire", "1.end"),
        "2": ("1.merge",),
        "3": ("2",),
        "4": ("3",),
    }
    assert graph.reads_input("1.b.merge")


def test_branches_of_unequal_shape_are_refused_where_they_meet() -> None:
    modules = {"a": nn.Conv2d(2, 3, 1), "b": nn.Conv2d(2, 2, 1)}
    block = snn.Branching(modules, sources={"b": ("input",)}, outputs=("a", "b"))
    with pytest.raises(InvalidInput, match=r"'0.merge' is of unequal shapes, \(3, 4, 4\) and \(2"):
        graph_from_model(snn.SpikingSequential(block), (2, 4, 4))
