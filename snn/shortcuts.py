"""Modules in a row that are run as one, where that is faster: the numbers are the same."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from torch import Tensor, nn

from snn.kernels.convolved import can_convolve
from snn.layers import SpikingLayer, StatefulLayer
from snn.passage import pass_through
from snn.pooling_window import window_after
from snn.sparse_inputs import apply_as, skipping_zeros


class Run(NamedTuple):
    """What one module or several in a row made of their input.

    Args:
        y: what came out, ``(B, T, …)``.
        state: state after the last step, of the one that has a memory; None: none has.
        n_modules: how many they were.
    """

    y: Tensor
    state: Any
    n_modules: int


def run_first(
    modules: tuple[nn.Module, nn.Module | None, nn.Module | None],
    x: Tensor,
    states: Iterator[Any],
) -> Run:
    """Run a module of a chain, with one or two that follow it where they can be run as one.

    Args:
        modules: the module and those after it; None: there is none.
        x: input of each time step.
        states: where an earlier run ended, of each layer with memory from here on.

    Examples:
        >>> import torch
        >>> from snn.layers import LIF
        >>> x = torch.ones(1, 3, 2, 4, 4)
        >>> run_first((LIF(), nn.AvgPool2d(2), nn.Flatten()), x, iter([None])).n_modules
        2
    """
    first, second, third = modules
    if isinstance(first, StatefulLayer):
        window = window_after(first, second) if x.ndim == 5 else None
        if isinstance(first, SpikingLayer) and window is not None:
            return Run(*first.run_pooled(x, window, next(states)), 2)
        return Run(*first.run(x, next(states)), 1)
    window = window_after(second, third) if x.ndim == 5 else None
    if not isinstance(second, SpikingLayer) or window is None:
        return Run(pass_through("", first, x).y, None, 1)
    frames = x.flatten(0, 1)
    convolution = skipping_zeros(first, frames)
    if convolution is not None and can_convolve(x, convolution, second.neuron, window):
        return Run(*second.run_convolved(x, convolution, window, next(states)), 3)
    y = apply_as(convolution, first, frames)
    return Run(y.view(-1, x.shape[1], *y.shape[1:]), None, 1)
