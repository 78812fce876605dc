"""Convolutions of maps that are mostly zeros: an operator of torch.

Forward, and back to the kernels, only numbers that are not zero cost work
(`snn.kernels.sparse_kernels`). The gradient to the input is dense, and torch's own.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from snn.kernels.buffers import empty
from snn.kernels.direct import Function, Operator, differentiable
from snn.kernels.scans import array
from snn.kernels.sparse_kernels import Geometry, column_order, count_nonzeros, gather, spread
from snn.kernels.threads import run_columns

MOST_PIECES = 16
"""Into which frames are cut to add up the gradient of kernels, whatever the number of threads."""

MOST_PARTIAL = 1 << 22
"""Numbers that gradients of all pieces may take together."""


class Convolution(NamedTuple):
    """A layer that can skip zeros; a linear layer is one of maps of a single pixel.

    Args:
        weight: kernels, ``(O, C, ky, kx)``.
        bias: of each output channel.
        stride: step of a kernel in y and x.
        padding: zeros around a map in y and x.
    """

    weight: Tensor
    bias: Tensor | None
    stride: tuple[int, int] = (1, 1)
    padding: tuple[int, int] = (0, 0)

    def geometry(self, size: Sequence[int]) -> Geometry:
        """Return the sizes of this convolution of maps ``(C, H, W)``."""
        return geometry_of((1, *size), self.weight.shape, self.stride, self.padding)


def sparse_conv2d(
    x: Float[Tensor, "n c h w"],
    weight: Float[Tensor, "o c ky kx"],
    bias: Float[Tensor, " o"] | None,
    stride: tuple[int, int] = (1, 1),
    padding: tuple[int, int] = (0, 0),
) -> Float[Tensor, "n o y x"]:
    """Convolve as ``torch.nn.functional.conv2d`` does, with work for numbers that are not zero.

    Zeros add nothing, not even where a weight is infinite or no number.

    Args:
        x: maps, of single or double precision on the CPU.
        weight: kernels.
        bias: added to each channel.
        stride: step of a kernel in y and x.
        padding: zeros around a map in y and x.

    Examples:
        >>> x = torch.zeros(1, 1, 4, 4)
        >>> x[0, 0, 1, 2] = 2.0
        >>> sparse_conv2d(x, torch.arange(4.0).view(1, 1, 2, 2), None)[0, 0].tolist()
        [[0.0, 6.0, 4.0], [0.0, 2.0, 0.0], [0.0, 0.0, 0.0]]
    """
    y: Tensor = _call(x, weight, bias, stride, padding)
    return y


def count_nonzero(x: Tensor) -> int:
    """Return how many numbers are not zero; what torch's own takes ten times as long for.

    Examples:
        >>> count_nonzero(torch.tensor([0.0, 1.0, -1.0]))
        2
    """
    numbers = array(maps_in_rows(x)).reshape(-1) if x.ndim == 4 else array(x.reshape(-1))
    found: list[int] = []
    run_columns(
        len(numbers), len(numbers), lambda part: found.append(count_nonzeros(numbers, part))
    )
    return sum(found)


def _convolve(
    x: Tensor,
    weight: Tensor,
    bias: Tensor | None,
    stride: Sequence[int],
    padding: Sequence[int],
) -> Tensor:
    """Convolve maps; see `sparse_conv2d`."""
    geometry = geometry_in_memory(x, weight, stride, padding)
    maps, kernels = array(maps_in_rows(x)), array(packed(weight, geometry).reshape(-1))
    n_frames, g = len(maps), geometry
    y = empty((n_frames, g.out_height * g.out_width * g.outputs), x.dtype)
    out = array(y)
    first = array(weight.new_zeros(0) if bias is None else bias.detach().contiguous())
    run_columns(
        n_frames, y.numel(), lambda frames: spread(maps, kernels, first, out, geometry, frames)
    )
    return y.view(n_frames, g.out_height, g.out_width, g.outputs).permute(0, 3, 1, 2)


def _weight_gradient(
    grad: Tensor, x: Tensor, weight: Tensor, stride: Sequence[int], padding: Sequence[int]
) -> Tensor:
    """Return the gradient of the kernels, the same whatever the number of threads."""
    geometry = geometry_in_memory(x, weight, stride, padding)
    maps, gradient = array(maps_in_rows(x)), array(_channels_last(grad))
    pieces = cut_in_pieces(len(maps), weight)
    partial = weight.new_zeros(len(pieces), weight.numel())
    sums = array(partial)

    def work(part: tuple[int, int]) -> None:
        for piece in range(*part):
            gather(maps, gradient, sums[piece], geometry, pieces[piece])

    run_columns(len(pieces), gradient.size, work)
    return unpacked(partial.sum(0), geometry)


sparse_convolution = torch.library.custom_op(
    "spikelake::sparse_convolution", _convolve, mutates_args=(), device_types="cpu"
)
sparse_convolution_weight = torch.library.custom_op(
    "spikelake::sparse_convolution_weight", _weight_gradient, mutates_args=(), device_types="cpu"
)


def cut_in_pieces(size: int, weight: Tensor) -> list[tuple[int, int]]:
    """Cut what kernels meet into pieces whose gradients are added up one after the other.

    Args:
        size: how many frames or samples there are.
        weight: the kernels.

    Examples:
        >>> cut_in_pieces(5, torch.ones(1 << 21))
        [(0, 2), (2, 5)]
    """
    most = max(2, min(MOST_PIECES, MOST_PARTIAL // weight.numel()))
    n_pieces = max(1, min(most, size))
    return list(pairwise(size * k // n_pieces for k in range(n_pieces + 1)))


def geometry_of(
    maps: Sequence[int], kernels: Sequence[int], stride: Sequence[int], padding: Sequence[int]
) -> Geometry:
    """Return the sizes of a convolution from those of its input and weight.

    Examples:
        >>> geometry_of((7, 2, 34, 34), (12, 2, 5, 5), (1, 1), (0, 0)).out_height
        30
    """
    out_height, out_width = (
        (size + 2 * pad - k) // step + 1
        for size, k, step, pad in zip(maps[2:], kernels[2:], stride, padding, strict=True)
    )
    return Geometry(
        height=maps[2],
        width=maps[3],
        inputs=maps[1],
        out_height=out_height,
        out_width=out_width,
        outputs=kernels[0],
        kernel_y=kernels[2],
        kernel_x=kernels[3],
        stride_y=stride[0],
        stride_x=stride[1],
        padding_y=padding[0],
        padding_x=padding[1],
    )


def geometry_in_memory(
    x: Tensor, weight: Tensor, stride: Sequence[int], padding: Sequence[int]
) -> Geometry:
    """Return the sizes of a convolution of maps as they lie in memory."""
    geometry = geometry_of(x.shape, weight.shape, stride, padding)
    return geometry._replace(planar=int(_is_planar(x)))


def _is_planar(x: Tensor) -> bool:
    return x.is_contiguous() and not x.is_contiguous(memory_format=torch.channels_last)


def maps_in_rows(x: Tensor) -> Tensor:
    """Return each map in one row, in the order that it lies in."""
    return x.detach().flatten(1) if _is_planar(x) else _channels_last(x)


def _channels_last(x: Tensor) -> Tensor:
    """Return each map in one row, ``(N, H·W·C)``."""
    return x.detach().permute(0, 2, 3, 1).contiguous().flatten(1)


def packed(weight: Tensor, geometry: Geometry) -> Tensor:
    """Return kernels as ``(C, ky, kx, O)`` with columns in their packed order."""
    order = column_order(geometry)
    return weight.detach()[..., order].permute(1, 2, 3, 0).contiguous()


def unpacked(kernels: Tensor, geometry: Geometry) -> Tensor:
    """Return packed kernels as ``(O, C, ky, kx)``, columns in their own order."""
    g = geometry
    weight = kernels.new_empty(g.outputs, g.inputs, g.kernel_y, g.kernel_x)
    by_column = kernels.view(g.inputs, g.kernel_y, g.kernel_x, g.outputs).permute(3, 0, 1, 2)
    weight[..., column_order(geometry)] = by_column
    return weight


@sparse_convolution.register_fake
def _(
    x: Tensor,
    weight: Tensor,
    bias: Tensor | None,
    stride: Sequence[int],
    padding: Sequence[int],
) -> Tensor:
    g = geometry_of(x.shape, weight.shape, stride, padding)
    y = x.new_empty(x.shape[0], g.out_height, g.out_width, g.outputs)
    return y.permute(0, 3, 1, 2)


@sparse_convolution_weight.register_fake
def _(
    grad: Tensor, x: Tensor, weight: Tensor, stride: Sequence[int], padding: Sequence[int]
) -> Tensor:
    del grad, x, stride, padding
    return torch.empty_like(weight, memory_format=torch.contiguous_format)


def _set_up(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:  # noqa: ANN401
    x, weight, _, ctx.stride, ctx.padding = inputs
    ctx.save_for_backward(x, weight)


def _back(call: Function, ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:  # noqa: ANN401
    x, weight = ctx.saved_tensors
    to_x, to_weight, to_bias = ctx.needs_input_grad[:3]
    grad_x = grad_weight = None
    if to_x:
        shape = (None, ctx.stride, ctx.padding, (1, 1), False, (0, 0), 1)
        wanted = (True, False, False)
        grad_x, _, _ = torch.ops.aten.convolution_backward(grad, x, weight, *shape, wanted)
    if to_weight:
        grad_weight = call(grad, x, weight, ctx.stride, ctx.padding)
    return grad_x, grad_weight, grad.sum((0, 2, 3)) if to_bias else None, None, None


_call = differentiable(
    Operator(sparse_convolution, _convolve),
    Operator(sparse_convolution_weight, _weight_gradient),
    set_up=_set_up,
    back=_back,
)
