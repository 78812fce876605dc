"""Events between the neurons that made them and the weights they meet."""

from dataclasses import dataclass, replace
from typing import Self

import torch
from torch import Tensor, nn

from snn.event_pooling import AVERAGES, sum_events

LINEAR = (*AVERAGES, nn.Flatten, nn.Unflatten, nn.Identity)
"""Modules that do the same to a sum of frames as to each frame."""


@dataclass(frozen=True, slots=True, eq=False)
class EventsOnTheWay:
    """Events of each time step, and what they have still to pass.

    To count synaptic operations only their sums over time matter. Pooling sums is as many times
    cheaper than pooling frames as there are time steps, and so is its way back; so what is linear
    waits until it is known whether frames are asked for.

    Args:
        made: events as they were made, ``(B, T, …)``.
        ahead: linear modules that they have still to pass.

    Examples:
        >>> events = EventsOnTheWay(torch.ones(1, 5, 1, 4)).through(nn.AvgPool1d(2))
        >>> events.sums().tolist(), tuple(events.frames().shape)
        ([[[10.0, 10.0]]], (1, 5, 1, 2))
    """

    made: Tensor
    ahead: tuple[nn.Module, ...] = ()

    def through(self, module: nn.Module) -> Self:
        """Return the events behind a module without memory or weights."""
        if isinstance(module, LINEAR):
            return replace(self, ahead=(*self.ahead, module))
        frames = self.frames()
        moved: Tensor = module(frames.flatten(0, 1))
        return replace(self, made=moved.view(*frames.shape[:2], *moved.shape[1:]), ahead=())

    def frames(self) -> Tensor:
        """Return the events of each time step, ``(B, T, …)``."""
        if not self.ahead:
            return self.made
        passed = _pass(self.made.flatten(0, 1), self.ahead)
        return passed.view(*self.made.shape[:2], *passed.shape[1:])

    def sums(self) -> Tensor:
        """Return the events summed over time, ``(B, …)``: whole numbers up to 2^24 are exact."""
        # Half the precision would not hold them.
        precise = torch.float64 if self.made.dtype == torch.float64 else torch.float32
        return _pass(self.made.sum(1, dtype=precise), self.ahead)


def _pass(frames: Tensor, modules: tuple[nn.Module, ...]) -> Tensor:
    for module in modules:
        frames = sum_events(module, frames) if isinstance(module, AVERAGES) else module(frames)
    return frames
