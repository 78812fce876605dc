from typing import Literal

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional

from eventstore.errors import InvalidInput
from snn.dpi.signed_linear import SignedLinear
from snn.fan_out import fan_out


def count_by_impulses(module: nn.Module, shape: tuple[int, ...]) -> torch.Tensor:
    """Send one impulse at a time through the layer with all weights one, and add what comes out."""
    with torch.no_grad():
        for name, parameter in module.named_parameters():
            parameter.fill_(0.0 if name == "bias" else 1.0)
        n_inputs = torch.Size(shape).numel()
        out: torch.Tensor = module(torch.eye(n_inputs).view(n_inputs, *shape))
    return out.flatten(1).sum(1).view(shape)


@settings(max_examples=60, deadline=None)
@given(
    groups=st.sampled_from([1, 2]),
    kernel=st.tuples(st.integers(1, 3), st.integers(1, 3)),
    stride=st.tuples(st.integers(1, 3), st.integers(1, 3)),
    padding=st.tuples(st.integers(0, 2), st.integers(0, 2)),
    dilation=st.tuples(st.integers(1, 2), st.integers(1, 2)),
    mode=st.sampled_from(["zeros", "circular", "replicate", "reflect"]),
)
def test_images_are_counted_as_impulses_are(
    *,
    groups: int,
    kernel: tuple[int, int],
    stride: tuple[int, int],
    padding: tuple[int, int],
    dilation: tuple[int, int],
    mode: Literal["zeros", "reflect", "replicate", "circular"],
) -> None:
    module = nn.Conv2d(2, 4, kernel, stride, padding, dilation, groups, padding_mode=mode)
    assert torch.equal(fan_out(module, (2, 5, 6)), count_by_impulses(module, (2, 5, 6)))


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel")  # torch's own, once
@settings(max_examples=40, deadline=None)
@given(
    groups=st.sampled_from([1, 3]),
    kernel=st.integers(1, 4),
    dilation=st.integers(1, 2),
    padding=st.sampled_from([0, 2, "same", "valid"]),
    mode=st.sampled_from(["zeros", "circular"]),
)
def test_sequences_are_counted_as_impulses_are(
    groups: int,
    kernel: int,
    dilation: int,
    padding: int | str,
    mode: Literal["zeros", "circular"],
) -> None:
    module = nn.Conv1d(
        3, 6, kernel, padding=padding, dilation=dilation, groups=groups, padding_mode=mode
    )
    assert torch.equal(fan_out(module, (3, 9)), count_by_impulses(module, (3, 9)))


def test_linear_layers_reach_all_outputs() -> None:
    assert fan_out(nn.Linear(3, 7), (3,)).tolist() == [7.0, 7.0, 7.0]
    assert fan_out(SignedLinear(3, 7), (3,)).tolist() == [7.0, 7.0, 7.0]  # of either sign


def test_volumes_are_counted_as_impulses_are() -> None:
    module = nn.Conv3d(1, 2, 2, stride=2, padding=1)
    assert torch.equal(fan_out(module, (1, 3, 3, 3)), count_by_impulses(module, (1, 3, 3, 3)))


def test_counts_are_exact_within_autocast_and_of_half_precision() -> None:
    module = nn.Conv2d(1, 257, 1).to(torch.bfloat16)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert fan_out(module, (1, 1, 1)).item() == 257.0


def test_weights_that_are_computed_do_not_matter() -> None:
    normed = nn.utils.parametrizations.weight_norm(nn.Conv2d(1, 3, 2))
    assert torch.equal(fan_out(normed, (1, 4, 4)), fan_out(nn.Conv2d(1, 3, 2), (1, 4, 4)))


def test_counting_leaves_the_weights_and_their_gradients_alone() -> None:
    module = nn.Conv2d(1, 2, 2)
    before = module.weight.detach().clone()
    loss = functional.conv2d(torch.ones(1, 1, 3, 3), module.weight).sum()
    fan_out(module, (1, 3, 3))
    torch.autograd.backward(loss)
    assert torch.equal(module.weight, before)
    assert module.weight.grad is not None
    assert torch.equal(module.weight.grad, torch.full_like(before, 4.0))


def test_another_module_is_refused_by_kind() -> None:
    with pytest.raises(InvalidInput, match="synapses of ConvTranspose2d cannot be counted") as info:
        fan_out(nn.ConvTranspose2d(1, 1, 2), (1, 3, 3))
    assert info.value.hint == "fan-out is known of Linear, SignedLinear, Conv1d, Conv2d, Conv3d"
