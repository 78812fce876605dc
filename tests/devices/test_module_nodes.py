"""Leaf modules as nodes: shapes as torch computes them."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

import snn
from devices.module_nodes import has_node, is_foreign_leaf, node_of
from eventstore.errors import InvalidInput


@given(
    kernel=st.tuples(st.integers(1, 3), st.integers(1, 3)),
    stride=st.tuples(st.integers(1, 3), st.integers(1, 3)),
    kind=st.sampled_from(["conv", "average", "sum", "power", "flatten"]),
    sides=st.tuples(st.integers(3, 9), st.integers(3, 9)),
)
def test_shapes_are_those_of_torch(
    kernel: tuple[int, int], stride: tuple[int, int], kind: str, sides: tuple[int, int]
) -> None:
    module = {
        "conv": nn.Conv2d(2, 3, kernel, stride, padding=1),
        "average": nn.AvgPool2d(kernel, stride),
        "sum": nn.AvgPool2d(kernel, stride, divisor_override=1),
        "power": nn.LPPool2d(1, kernel, stride[0]),
        "flatten": nn.Flatten(),
    }[kind]
    node = node_of("a", module, (2, *sides))
    assert node.output_shape == module(torch.zeros(1, 2, *sides)).shape[1:]


def test_who_is_a_leaf() -> None:
    class Own(nn.Module):
        pass

    assert [has_node(m) for m in (nn.Conv2d(1, 1, 1), snn.LIF(), nn.Dropout())] == [True] * 3
    assert [has_node(m) for m in (nn.ReLU(), Own(), nn.Sequential())] == [False] * 3
    assert is_foreign_leaf(nn.ReLU())
    assert is_foreign_leaf(snn.Recurrent(snn.IAF(), 3))
    assert not is_foreign_leaf(Own())
    assert not is_foreign_leaf(nn.ModuleList())


def test_features_are_laid_out_as_synapse_and_neuron() -> None:
    node = node_of("a", nn.Unflatten(1, (2, 5)), (10,))
    assert (type(node).__name__, node.output_shape) == ("Unflatten", (2, 5))
    for module, shape in (
        (nn.Unflatten(1, (2, 5)), (12,)),
        (nn.Unflatten(1, (2, 5, 1)), (10,)),
        (nn.Unflatten(1, (2, 5)), (10, 4, 4)),
        (nn.Unflatten(0, (2, 5)), (10,)),
    ):
        with pytest.raises(InvalidInput, match="cannot go on a chip"):
            node_of("a", module, shape)
