"""Rasters of two sounds, one of low channels and one of high ones, and whether a net tells them."""

from collections.abc import Callable
from typing import TypeAlias

import pytest
import torch
from torch.nn import functional

from snn.sequential import SpikingSequential

LearnsTwoSounds: TypeAlias = Callable[[SpikingSequential], float]


@pytest.fixture
def learns_two_sounds() -> LearnsTwoSounds:
    """Return a function that trains on rasters for 60 steps and returns the accuracy on others."""

    def learn(net: SpikingSequential) -> float:
        rng = torch.Generator().manual_seed(7)
        optimiser = torch.optim.Adam(net.parameters(), 0.01)
        for _ in range(60):
            x, label = _sounds(32, rng)
            loss = functional.cross_entropy(net(x).sum(1), label)
            optimiser.zero_grad()
            torch.autograd.backward(loss)
            for name, weight in net.named_parameters():
                assert weight.grad is not None, f"no gradient reaches {name}"
                assert weight.grad.isfinite().all()
            optimiser.step()
        x, label = _sounds(64, rng)
        with torch.no_grad():
            return float((net.eval()(x).sum(1).argmax(1) == label).float().mean())

    return learn


def _sounds(n: int, rng: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    label = torch.randint(0, 2, (n,), generator=rng)
    rate = torch.full((n, 20, 12), 0.1)
    for sample, one in zip(rate, label.tolist(), strict=True):
        sample[:, 6 * one : 6 * one + 6] = 0.5
    return torch.poisson(rate, generator=rng), label
