"""Sums of events are those of their frames, whatever they pass and in what order."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn

from snn.events_on_the_way import LINEAR, EventsOnTheWay

MODULES: tuple[nn.Module, ...] = (
    nn.AvgPool2d(2),
    nn.AvgPool2d(3, stride=2, padding=1, ceil_mode=True),
    nn.AdaptiveAvgPool2d(4),  # which others may halve twice
    nn.MaxPool2d(2, ceil_mode=True),
    nn.LPPool2d(1, 2, ceil_mode=True),
    nn.Identity(),
)


def spikes(seed: int, dtype: torch.dtype = torch.float32) -> Tensor:
    rng = torch.Generator().manual_seed(seed)
    return torch.randint(0, 4, (2, 5, 3, 8, 8), generator=rng).to(dtype)


@given(
    chosen=st.lists(st.integers(0, len(MODULES) - 1), max_size=3),
    flat=st.booleans(),
    seed=st.integers(0, 99),
)
def test_sums_are_those_of_the_frames(chosen: list[int], flat: bool, seed: int) -> None:
    events = EventsOnTheWay(spikes(seed))
    for index in chosen:
        events = events.through(MODULES[index])
    if flat:
        events = events.through(nn.Flatten())
    frames = events.frames()
    assert frames.shape[:2] == (2, 5)
    torch.testing.assert_close(events.sums(), frames.sum(1))


def test_what_is_linear_waits_and_what_is_not_does_not() -> None:
    events = EventsOnTheWay(spikes(0))
    waiting = events.through(nn.AvgPool2d(2)).through(nn.Flatten())
    assert waiting.made is events.made
    assert [type(module) for module in waiting.ahead] == [nn.AvgPool2d, nn.Flatten]
    assert not any(isinstance(module, LINEAR) for module in (nn.MaxPool2d(2), nn.Hardtanh()))
    pooled = waiting.through(nn.Hardtanh())
    assert pooled.ahead == ()
    assert pooled.made.shape == (2, 5, 3 * 4 * 4)


def test_pooling_sums_where_a_network_averages() -> None:
    events = EventsOnTheWay(spikes(1))
    assert events.through(nn.AvgPool2d(2)).sums().sum() == events.made.sum()


def test_half_the_precision_still_counts_whole_events() -> None:
    many = torch.ones(1, 1001, 1, dtype=torch.bfloat16)
    assert EventsOnTheWay(many).sums().item() == 1001.0


@pytest.mark.parametrize("module", [nn.AvgPool2d(2), nn.MaxPool2d(2)])
def test_gradients_flow_either_way(module: nn.Module) -> None:
    made = spikes(2, torch.float64).requires_grad_()
    weight = torch.rand(3, 4, 4, dtype=torch.float64)
    events = EventsOnTheWay(made).through(module)
    (late,) = torch.autograd.grad((events.sums() * weight).sum(), made, retain_graph=True)
    (early,) = torch.autograd.grad((events.frames() * weight).sum(), made)
    torch.testing.assert_close(late, early)
    assert late.abs().sum() > 0
