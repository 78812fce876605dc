"""Folding: the same numbers with one layer less, also where branches part and meet."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

import snn
from devices.folding import ChannelAffine
from devices.graph import graph_from_model
from devices.nodes import Conv, Graph
from eventstore.errors import InvalidInput
from snn.nir.scale import Scale
from tests.devices.graph_in_torch import run_graph


def norm_of(channels: int, *, shift: bool = True) -> nn.BatchNorm2d:
    """Return a normalisation in evaluation that does something to each channel."""
    norm = nn.BatchNorm2d(channels, eps=0.1)
    assert norm.running_mean is not None
    assert norm.running_var is not None
    norm.running_mean.uniform_(-1, 1)
    norm.running_var.uniform_(0.05, 2)
    nn.init.uniform_(norm.weight, -2, 2)
    nn.init.uniform_(norm.bias)
    if not shift:
        norm.running_mean.zero_()
        nn.init.zeros_(norm.bias)
    return norm


def branching(*steps: tuple[str, nn.Module, tuple[str, ...]]) -> snn.SpikingSequential:
    modules = {name: module for name, module, _ in steps}
    return snn.SpikingSequential(
        snn.Branching(modules, sources={name: sources for name, _, sources in steps})
    )


def conv(bias: bool = True, padding: int = 0, groups: int = 1) -> nn.Conv2d:
    return nn.Conv2d(4, 4, 3, padding=padding, bias=bias, groups=groups)


def models(bias: bool, groups: int) -> dict[str, snn.SpikingSequential]:
    first, second, third = (conv(bias, groups=groups) for _ in range(3))
    pool, flatten = nn.AvgPool2d(2, divisor_override=1), nn.Flatten()
    return {
        "after a sum of layers": branching(
            ("a", first, ("input",)), ("b", second, ("input",)), ("norm", norm_of(4), ("a", "b"))
        ),
        "into all that follow": branching(
            ("norm", norm_of(4), ("input",)),
            ("a", first, ("norm",)),
            ("b", second, ("norm",)),
            ("c", third, ("a", "b")),
        ),
        "over pooling that sums": branching(
            ("norm", norm_of(4), ("input",)), ("pool", pool, ("norm",)), ("a", first, ("pool",))
        ),
        "over a flatten": branching(
            ("norm", norm_of(4), ("input",)),
            ("flat", flatten, ("norm",)),
            ("fc", nn.Linear(4 * 100, 3, bias=bias), ("flat",)),
        ),
        "two in a row": branching(
            ("norm", norm_of(4), ("input",)),
            ("more", norm_of(4), ("norm",)),
            ("a", first, ("more",)),
        ),
        "before a layer that feeds others too": branching(
            ("a", first, ("input",)),
            ("norm", norm_of(4), ("a",)),
            ("b", second, ("norm",)),
            ("c", third, ("a",)),
            ("end", nn.Conv2d(4, 2, 1), ("b", "c")),
        ),
        "before zeros, without a shift": branching(
            ("norm", norm_of(4, shift=False), ("input",)), ("a", conv(bias, 1, groups), ("norm",))
        ),
    }


@given(
    seed=st.integers(0, 999),
    bias=st.booleans(),
    groups=st.sampled_from([1, 2]),
    at=st.integers(0, 6),
)
def test_a_folded_graph_computes_what_the_model_computes(
    seed: int, *, bias: bool, groups: int, at: int
) -> None:
    torch.manual_seed(seed)
    name, model = list(models(bias, groups).items())[at]
    x = torch.rand(3, 1, 4, 10, 10)
    with torch.no_grad():
        expected = model.eval()(x)[:, 0]
    graph = graph_from_model(model, (4, 10, 10))
    assert not any(isinstance(node, ChannelAffine) for node in graph), name
    found = run_graph(graph, x[:, 0])
    np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-4, err_msg=name)


REFUSED = [
    (
        branching(("norm", norm_of(4), ("input",)), ("a", conv(padding=1), ("norm",))),
        "it follows the input, and '0.a' after it pads with zeros",
    ),
    (
        branching(("fire", snn.IAF(), ("input",)), ("norm", norm_of(4), ("fire",))),
        "it follows Spiking '0.fire', and nothing with weights follows it",
    ),
    (
        branching(
            ("a", conv(), ("input",)),
            ("norm", norm_of(4), ("a",)),
            ("fire", snn.IAF(), ("norm",)),
            ("b", conv(), ("a", "fire")),
        ),
        "it follows Conv '0.a', which feeds others too, and Spiking '0.fire' stands between",
    ),
]


@pytest.mark.parametrize(("model", "message"), REFUSED)
def test_what_cannot_be_folded_exactly_is_refused(
    model: snn.SpikingSequential, message: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        graph_from_model(model, (4, 10, 10))
    assert message in caught.value.message
    assert "right after a convolution" in caught.value.hint


def test_a_layer_that_leads_nowhere_does_not_stand_in_the_way() -> None:
    model = branching(
        ("a", conv(), ("input",)), ("norm", norm_of(4), ("a",)), ("c", conv(), ("a",))
    )
    assert [node.name for node in graph_from_model(model, (4, 10, 10))] == ["0.a", "0.c"]


def only(graph: Graph) -> Conv:
    (node,) = graph.nodes
    assert isinstance(node, Conv)
    return node


def test_factors_of_neurons_go_into_the_weights_before_them() -> None:
    layer = nn.Conv2d(1, 2, 1, bias=False)
    scale = Scale(torch.tensor([2.0, 3.0]).reshape(2, 1, 1).expand(2, 4, 4))
    node = only(graph_from_model(nn.Sequential(layer, scale), (1, 4, 4)))
    expected = layer.weight.detach().numpy().ravel() * [2.0, 3.0]
    np.testing.assert_allclose(node.weight.ravel(), expected, rtol=1e-6)
    assert node.bias is None
    uneven = Scale(torch.arange(32.0).reshape(2, 4, 4))
    with pytest.raises(InvalidInput, match="differ within a channel"):
        graph_from_model(nn.Sequential(layer, uneven), (1, 4, 4))
