"""What becomes of events where a network averages: a chip sums, so each of a window arrives."""

from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

AVERAGES = (nn.AvgPool1d, nn.AvgPool2d, nn.AdaptiveAvgPool1d, nn.AdaptiveAvgPool2d)
"""Pooling that averages; ``nn.LPPool2d(1, …)`` sums as it is."""


def sum_events(module: nn.Module, events: Float[Tensor, "n *m"]) -> Float[Tensor, "n *k"]:
    """Return how many events arrive in each window of average pooling.

    An event in two windows arrives twice; one between windows, or cut off at the end, never.

    Args:
        module: one of `AVERAGES`.
        events: events of each input, without a time axis.

    Examples:
        >>> import torch
        >>> sum_events(nn.AvgPool2d((1, 2)), torch.ones(1, 1, 3, 4)).flatten().tolist()
        [2.0, 2.0, 2.0, 2.0, 2.0, 2.0]
    """
    if isinstance(module, nn.AvgPool2d):
        window = (module.kernel_size, module.stride, module.padding, module.ceil_mode)
        return functional.avg_pool2d(events, *window, divisor_override=1)
    if isinstance(module, nn.AvgPool1d):
        kernel, stride, padding = map(_single, (module.kernel_size, module.stride, module.padding))
        window = ((1, kernel), (1, stride), (0, padding), module.ceil_mode)
        wide = functional.avg_pool2d(events.unsqueeze(-2), *window, divisor_override=1)
        return wide.squeeze(-2)
    pooled: Tensor = module(events)
    n_axes = 1 if isinstance(module, nn.AdaptiveAvgPool1d) else 2
    for axis in range(-n_axes, 0):
        pooled = pooled * _window_sizes(events, pooled, axis)
    return pooled


def _window_sizes(events: Tensor, pooled: Tensor, axis: int) -> Tensor:
    """Return the sizes of adaptive windows along an axis: ⌊i·n/k⌋ … ⌈(i+1)·n/k⌉."""
    n, k = events.shape[axis], pooled.shape[axis]
    sizes = [-(-(i + 1) * n // k) - i * n // k for i in range(k)]
    return events.new_tensor(sizes).view(-1, *(1,) * (-axis - 1))


def _single(value: int | tuple[int, ...]) -> int:
    return value if isinstance(value, int) else value[0]
