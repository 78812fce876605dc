"""Convolutional spiking networks for event cameras, of the layers that chips such as Speck have."""

from collections.abc import Sequence

from torch import nn

from eventstore.errors import InvalidInput
from snn.layers import IAF
from snn.sequential import SpikingSequential
from snn.surrogate import surrogate_named


def conv_net(
    n_classes: int,
    input_shape: tuple[int, int, int],
    *,
    channels: Sequence[int] = (16, 32, 64),
    kernel_sizes: Sequence[int] = (5, 3, 3),
    strides: Sequence[int] = (2, 1, 1),
    pools: Sequence[int] = (2, 2, 1),
    dropout: float = 0.0,
    min_v_mem: float = -1.0,
    surrogate: str = "heaviside",
    surrogate_width: float = 1.0,
) -> SpikingSequential:
    """Return convolution, IAF and average pooling, repeated, then a linear layer with IAF neurons.

    No biases, square kernels, threshold 1: what maps onto a chip as it is. Weights start from the
    generator of torch, so seed that first.

    Args:
        n_classes: number of output neurons.
        input_shape: shape ``(C, H, W)`` of a frame.
        channels: output channels of each convolution.
        kernel_sizes: side of each kernel, odd; inputs are padded by half of it.
        strides: stride of each convolution.
        pools: side of the average pooling after each convolution; 1: none.
        dropout: share of the linear layer's inputs dropped in training.
        min_v_mem: lower bound of all potentials.
        surrogate: name of the surrogate gradient.
        surrogate_width: its width, in thresholds.

    Raises:
        InvalidInput: the lists differ in length, or the frame is pooled away.

    Example:
        >>> net = conv_net(10, (2, 34, 34), channels=(8, 16, 16))
        >>> net[-2].in_features
        256
    """
    stages = _stages(channels, kernel_sizes, strides, pools)
    depth, height, width = input_shape
    slope = surrogate_named(surrogate, width=surrogate_width)
    layers: list[nn.Module] = []
    for out, kernel, stride, pool in stages:
        layers += [
            nn.Conv2d(depth, out, kernel, stride, padding=kernel // 2, bias=False),
            IAF(min_v_mem=min_v_mem, surrogate=slope),
        ]
        layers += [nn.AvgPool2d(pool)] if pool > 1 else []
        depth, height, width = out, _after(height, stride, pool), _after(width, stride, pool)
    if height < 1 or width < 1:
        message = f"a frame of {input_shape[1:]} is pooled away by {strides=} and {pools=}"
        raise InvalidInput(message, hint="use fewer strides or smaller pools")
    layers.append(nn.Flatten())
    layers += [nn.Dropout(dropout)] if dropout > 0 else []
    layers += [
        nn.Linear(depth * height * width, n_classes, bias=False),
        IAF(min_v_mem=min_v_mem, surrogate=slope),
    ]
    _spread_weights(layers)
    return SpikingSequential(*layers)


def _stages(*lists: Sequence[int]) -> list[tuple[int, ...]]:
    if len({len(one) for one in lists}) != 1:
        message = f"channels, kernel_sizes, strides and pools differ in length: {lists}"
        raise InvalidInput(message, hint="give one number per convolution in each")
    return list(zip(*lists, strict=True))


def _after(size: int, stride: int, pool: int) -> int:
    return ((size - 1) // stride + 1) // pool


def _spread_weights(layers: Sequence[nn.Module]) -> None:
    """Draw weights wide enough for the first spikes to reach the output: sparse input is weak."""
    for depth, layer in enumerate(m for m in layers if isinstance(m, nn.Conv2d | nn.Linear)):
        nn.init.kaiming_normal_(layer.weight)
        if depth == 0:
            layer.weight.data.mul_(1.5)
