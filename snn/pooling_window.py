"""Which average pooling can be done by the spiking layer before it."""

from torch import nn

from snn.hooks import is_watched
from snn.layers import SpikingLayer


def window_after(module: nn.Module | None, following: nn.Module | None) -> tuple[int, int] | None:
    """Return the window of a pool that a spiking layer can do itself; None: there is none.

    It must average windows side by side, and nobody must look at what goes into it.

    Args:
        module: a module of a chain.
        following: the one after it.

    Examples:
        >>> from snn.layers import LIF
        >>> window_after(LIF(), nn.AvgPool2d(2))
        (2, 2)
    """
    if not isinstance(module, SpikingLayer) or type(following) is not nn.AvgPool2d:
        return None
    kernel, stride, padding = (
        (size, size) if isinstance(size, int) else tuple(size)
        for size in (following.kernel_size, following.stride, following.padding)
    )
    plain = padding == (0, 0) and not following.ceil_mode and following.divisor_override is None
    if kernel != stride or not plain or is_watched(following):
        return None
    high, wide = kernel
    return high, wide
