"""Convolutions and linear layers skip the zeros of their input, where that is faster.

Frames of events and maps of spikes hold a few percent of numbers that are not zero. What they come
to is the same but for rounding, as when torch picks another algorithm for another batch size.
"""

import torch
from torch import Tensor, nn

from snn.hooks import is_watched
from snn.kernels.sparse_convolution import (
    Convolution,
    count_nonzero,
    geometry_of,
    sparse_conv2d,
)

LEAST_PRODUCTS = 1 << 25
"""Of a dense layer, below which there is little to gain: it takes a third of a millisecond."""

VECTOR = 16
"""Products of one instruction."""

TO_BEGIN = 4
"""Instructions' worth of beginning one run of products."""

ADVANTAGE = 8
"""How many times more instructions dense layers get through in the same time; measured."""


def apply_module(module: nn.Module, x: Tensor) -> Tensor:
    """Return what a module without memory makes of frames, ``(N, …)``.

    Args:
        module: any module; only plain convolutions and linear layers are looked into.
        x: frames.

    Examples:
        >>> apply_module(nn.Linear(3, 2, bias=False), torch.zeros(4, 3)).tolist()[0]
        [0.0, 0.0]
    """
    return apply_as(skipping_zeros(module, x), module, x)


def skipping_zeros(module: nn.Module, x: Tensor) -> Convolution | None:
    """Return the layer that a module is, where it is faster from what is not zero; else None.

    Args:
        module: any module.
        x: frames.

    Examples:
        >>> skipping_zeros(nn.Flatten(), torch.zeros(4, 3, 2, 2)) is None
        True
    """
    convolution = _plain_convolution(module)
    if convolution is None or not _is_ready(x) or not skips_zeros(convolution, _as_maps(x)):
        return None
    return convolution


def apply_as(convolution: Convolution | None, module: nn.Module, x: Tensor) -> Tensor:
    """Return what a module makes of frames, once it is known how.

    Args:
        convolution: from `skipping_zeros`.
        module: the module.
        x: frames.

    Examples:
        >>> apply_as(None, nn.Flatten(), torch.zeros(4, 3, 2, 2)).shape
        torch.Size([4, 12])
    """
    if convolution is not None:
        y = sparse_conv2d(_as_maps(x), *convolution)
        return y[:, :, 0, 0] if x.ndim == 2 else y
    if x.ndim == 4:  # convolutions of images channels-last are 4 to 6 times faster
        x = x.contiguous(memory_format=torch.channels_last)
    dense: Tensor = module(x)
    return dense


def skips_zeros(convolution: Convolution, maps: Tensor) -> bool:
    """Say whether a layer of such maps is better computed from the numbers that are not zero.

    Examples:
        >>> layer, maps = Convolution(torch.ones(12, 2, 5, 5), None), torch.zeros(100, 2, 34, 34)
        >>> skips_zeros(layer, maps), skips_zeros(layer, maps + 1)
        (True, False)
    """
    weight = convolution.weight
    if maps.ndim != 4 or maps.shape[1] != weight.shape[1] or maps.dtype != weight.dtype:
        return False  # the module itself says what is wrong, or converts
    sizes = geometry_of(maps.shape, weight.shape, convolution.stride, convolution.padding)
    positions = len(maps) * max(0, sizes.out_height) * max(0, sizes.out_width)
    products = positions * weight.numel()
    if products < LEAST_PRODUCTS:
        return False
    # One number meets as many rows and columns of a kernel as lie a stride apart.
    rows, columns = sizes.kernel_y / sizes.stride_y, sizes.kernel_x / sizes.stride_x
    one = max(1, rows) * (max(1, columns) * sizes.outputs / VECTOR + TO_BEGIN)
    return count_nonzero(maps) * one * ADVANTAGE <= products / VECTOR


def _plain_convolution(module: nn.Module) -> Convolution | None:
    """Return the layer that a module is, if it is nothing more and nobody looks into it."""
    if type(module) is nn.Linear and not is_watched(module):
        return Convolution(module.weight[:, :, None, None], module.bias)
    if type(module) is not nn.Conv2d or is_watched(module):
        return None
    plain = module.groups == 1 and _pair(module.dilation) == (1, 1)
    if not plain or module.padding_mode != "zeros" or module.padding == "same":
        return None
    padding = (0, 0) if isinstance(module.padding, str) else _pair(module.padding)
    return Convolution(module.weight, module.bias, _pair(module.stride), padding)


def _as_maps(x: Tensor) -> Tensor:
    return x[:, :, None, None] if x.ndim == 2 else x


def _is_ready(x: Tensor) -> bool:
    """Say whether kernels can read a tensor, and whether its numbers may decide what is done."""
    read = type(x) is Tensor and x.device.type == "cpu" and x.ndim in {2, 4}
    precise = x.dtype in {torch.float32, torch.float64} and not torch.is_autocast_enabled("cpu")
    return read and precise and not torch.compiler.is_compiling()


def _pair(sizes: tuple[int, ...]) -> tuple[int, int]:
    high, wide = sizes
    return high, wide
