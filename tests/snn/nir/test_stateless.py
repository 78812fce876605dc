from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from eventstore.errors import InvalidInput
from snn.nir.nodes import (
    Affine,
    AvgPool2d,
    Conv1d,
    Conv2d,
    Flatten,
    Linear,
    Node,
    Shape,
    SumPool2d,
)
from snn.nir.stateless import MAKERS, PRIVATE, STATELESS, module_of, stateless_node

EVERY: list[tuple[nn.Module, Shape, type[Node]]] = [
    (nn.Linear(3, 2), (3,), Affine),
    (nn.Linear(3, 2, bias=False), (3,), Linear),
    (nn.Conv1d(2, 4, 3, stride=2, padding=1), (2, 9), Conv1d),
    (nn.Conv2d(2, 4, (3, 1), padding="same", groups=2), (2, 6, 5), Conv2d),
    (nn.Conv2d(2, 4, 3, bias=False, dilation=2), (2, 6, 5), Conv2d),
    (nn.AvgPool2d(2), (2, 6, 5), AvgPool2d),
    (nn.AvgPool2d((2, 3), (1, 2), padding=(1, 0)), (2, 6, 5), AvgPool2d),
    (nn.AvgPool2d(2, divisor_override=1), (2, 6, 5), SumPool2d),
    (nn.LPPool2d(1, 2), (2, 6, 5), SumPool2d),
    (nn.LPPool2d(1, 3, stride=2), (2, 6, 5), SumPool2d),
    (nn.Flatten(), (2, 6, 5), Flatten),
    (nn.Flatten(2), (2, 6, 5), Flatten),
    (nn.Flatten(1, 2), (2, 6, 5), Flatten),
    (nn.Flatten(-2, -1), (2, 6, 5), Flatten),
    (nn.Unflatten(1, (2, 3)), (6,), Flatten),
]


@pytest.mark.parametrize(("module", "shape", "kind"), EVERY, ids=lambda value: str(value)[:40])
def test_a_module_comes_back_and_computes_the_same(
    module: nn.Module, shape: Shape, kind: type[Node]
) -> None:
    node = stateless_node("it", module, shape)
    assert type(node) is kind
    again = module_of("it", node)
    x = torch.randn(4, *shape)
    assert torch.equal(again(x), module(x))
    assert type(again) is type(module)
    assert again.state_dict().keys() == module.state_dict().keys()
    assert all(p.requires_grad for p in again.parameters())


def test_every_module_and_node_of_the_tables_is_tested() -> None:
    assert {type(module) for module, _, _ in EVERY} == {*STATELESS, *PRIVATE}
    assert {kind.__name__ for _, _, kind in EVERY} == set(MAKERS)


@given(
    kernel=st.tuples(st.integers(1, 3), st.integers(1, 3)),
    stride=st.tuples(st.integers(1, 2), st.integers(1, 2)),
    padding=st.sampled_from(["valid", (0, 0), (1, 0), (1, 2)]),
    dilation=st.tuples(st.integers(1, 2), st.integers(1, 2)),
    groups=st.sampled_from([1, 2]),
    bias=st.booleans(),
)
@settings(max_examples=30, deadline=None)
def test_convolutions_of_any_options_come_back(
    kernel: tuple[int, int],
    stride: tuple[int, int],
    padding: Any,
    dilation: tuple[int, int],
    groups: int,
    *,
    bias: bool,
) -> None:
    module = nn.Conv2d(2, 4, kernel, stride, padding, dilation, groups, bias)
    again = module_of("conv", stateless_node("conv", module, (2, 8, 9)))
    x = torch.randn(2, 2, 8, 9)
    assert torch.equal(again(x), module(x))


@pytest.mark.parametrize(
    ("module", "shape", "said"),
    [
        (nn.Linear(3, 2), (4, 3), r"'it' \(Linear\) takes frames of shape \(4, 3\)"),
        (nn.Conv2d(1, 1, 1, padding_mode="circular"), (1, 2, 2), "padding_mode 'circular'"),
        (nn.AvgPool2d(2, ceil_mode=True), (1, 5, 5), "ceil_mode"),
        (nn.AvgPool2d(2, padding=1, count_include_pad=False), (1, 4, 4), "count_include_pad"),
        (nn.AvgPool2d(2, divisor_override=3), (1, 4, 4), "divisor_override 3"),
        (nn.LPPool2d(2, 2), (1, 4, 4), "norm_type 2"),
        (nn.LPPool2d(1, 2, ceil_mode=True), (1, 5, 5), "ceil_mode"),
        (nn.Flatten(0), (4,), "start_dim 0"),
        (nn.Unflatten(-1, (2, 2)), (4,), "dim -1"),
    ],
)
def test_what_nir_has_no_word_for_is_refused(module: nn.Module, shape: Shape, said: str) -> None:
    with pytest.raises(InvalidInput, match=said) as caught:
        stateless_node("it", module, shape)
    assert "'it'" in str(caught.value)
    assert caught.value.hint


CONV: dict[str, Any] = {"stride": 1, "padding": 0, "dilation": 1, "groups": 1, "bias": np.zeros(2)}


@pytest.mark.parametrize(
    ("node", "said"),
    [
        (Linear(weight=np.ones(3)), r"shape \(3,\) are no matrix"),
        (Affine(weight=np.ones((2, 3)), bias=np.ones(3)), "makes no layer"),
        (Conv2d(weight=np.ones((2, 1, 3)), **CONV), "not of 4 axes"),
        (Conv1d(weight=np.ones((2, 1, 3, 3)), **CONV), "not of 3 axes"),
        (Conv2d(weight=np.ones((2, 1, 3, 3)), **CONV | {"groups": 3}), "makes no layer"),
        (Conv2d(weight=np.ones((2, 1, 3, 3)), **CONV | {"bias": np.ones(5)}), "makes no layer"),
        (SumPool2d(kernel_size=(2, 2, 2), stride=(1, 1), padding=(0, 0)), "makes no layer"),
        (Flatten(start_dim=0, end_dim=0, metadata={"spikelake": "{}"}), "damaged"),
        (
            Flatten(
                start_dim=0,
                end_dim=0,
                metadata={"spikelake": '{"format": 1, "layer": "Unflatten"}'},
            ),
            "makes no layer",
        ),
    ],
)
def test_numbers_that_make_no_layer_are_refused(node: Node, said: str) -> None:
    with pytest.raises(InvalidInput, match=said) as caught:
        module_of("it", node)
    assert f"node 'it' ({node.kind})" in str(caught.value)


def test_a_bias_that_metadata_deny_is_not_dropped() -> None:
    node = stateless_node("conv", nn.Conv2d(1, 1, 1, bias=False), (1, 2, 2))
    assert isinstance(node, Conv2d)
    node.bias[0] = 1
    with pytest.raises(InvalidInput, match="say that it has no bias, and it has one"):
        module_of("conv", node)


def test_double_precision_stays() -> None:
    module = nn.Linear(2, 2).double()
    assert module_of("fc", stateless_node("fc", module, (2,))).weight.dtype == torch.float64


def test_one_number_counts_for_both_axes() -> None:
    node = AvgPool2d(kernel_size=(2,), stride=(2,), padding=(0,))
    x = torch.randn(1, 1, 4, 4)
    assert torch.equal(module_of("pool", node)(x), nn.AvgPool2d(2)(x))
