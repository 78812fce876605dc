"""Convolutional spiking networks for event cameras, of the layers that chips such as Speck have."""

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from typing import Literal

from torch import nn

from eventstore.errors import InvalidInput
from snn.layers import IAF, LIF, SpikingLayer
from snn.models.inputs import check_choice, check_input
from snn.sequential import SpikingSequential
from snn.surrogate import surrogate_named


def conv_net(
    n_classes: int,
    input_shape: tuple[int, ...],
    *,
    channels: Sequence[int] = (16, 32, 64),
    kernel_sizes: Sequence[int] = (5, 3, 3),
    strides: Sequence[int] = (2, 1, 1),
    paddings: Sequence[int] | None = None,
    pools: Sequence[int] = (2, 2, 1),
    dropout: float = 0.0,
    min_v_mem: float = -1.0,
    neuron: Literal["iaf", "lif"] = "iaf",
    tau_mem: float = 0.03,
    dt: float = 0.005,
    train_tau: bool = False,
    surrogate: str = "heaviside",
    surrogate_width: float = 1.0,
) -> SpikingSequential:
    """Return convolution, neurons and average pooling, repeated, then a linear layer with neurons.

    No biases, square kernels, threshold 1: what maps onto a chip as it is. Weights start from the
    generator of torch, so seed that first.

    Args:
        n_classes: number of output neurons.
        input_shape: shape ``(C, H, W)`` of a frame.
        channels: output channels of each convolution.
        kernel_sizes: side of each kernel.
        strides: stride of each convolution.
        paddings: zeros around the input of each convolution; half its kernel where not given.
        pools: side of the average pooling after each convolution; 1: none.
        dropout: share of the linear layer's inputs dropped in training.
        min_v_mem: lower bound of all potentials.
        neuron: ``"iaf"``, or ``"lif"`` for neurons that leak: where frames are of a fixed time and
            what matters is recent. Theirs are the next three options.
        tau_mem: time constant of the leak in seconds.
        dt: length of a time step in seconds: the window of the pipeline's frames.
        train_tau: whether to train the time constant of each layer.
        surrogate: name of the surrogate gradient.
        surrogate_width: its width, in thresholds.

    Raises:
        InvalidInput: the input is no image, lists differ in length, or the frame is pooled away.
        NotFound: there are no such neurons.

    Examples:
        >>> net = conv_net(10, (2, 34, 34), channels=(8, 16, 16))
        >>> net[-2].in_features
        256
    """
    check_input("conv_net", input_shape, "C, H, W")
    check_choice("conv_net", "neuron", neuron, ("iaf", "lif"))
    paddings = [k // 2 for k in kernel_sizes] if paddings is None else paddings
    stages = _stages(channels, kernel_sizes, strides, paddings, pools)
    depth, height, width = input_shape
    slope = surrogate_named(surrogate, width=surrogate_width)
    train = ("tau_mem",) if train_tau else ()

    def neurons() -> SpikingLayer:
        if neuron == "iaf":
            return IAF(min_v_mem=min_v_mem, surrogate=slope)
        return LIF(tau_mem, dt, min_v_mem=min_v_mem, surrogate=slope, norm_input=False, train=train)

    layers: OrderedDict[str, nn.Module] = OrderedDict()
    for i, (out, kernel, stride, padding, pool) in enumerate(stages, 1):
        layers[f"conv{i}"] = nn.Conv2d(depth, out, kernel, stride, padding, bias=False)
        layers[f"{neuron}{i}"] = neurons()
        if pool > 1:
            layers[f"pool{i}"] = nn.AvgPool2d(pool)
        depth = out
        height, width = (
            ((size + 2 * padding - kernel) // stride + 1) // pool for size in (height, width)
        )
    if height < 1 or width < 1:
        message = f"a frame of {input_shape[1:]} is pooled away by {strides=} and {pools=}"
        raise InvalidInput(message, hint="use fewer strides or smaller pools")
    layers["flatten"] = nn.Flatten()
    if dropout > 0:
        layers["dropout"] = nn.Dropout(dropout)
    layers["readout"] = nn.Linear(depth * height * width, n_classes, bias=False)
    layers[neuron] = neurons()
    _spread_weights(layers.values())
    return SpikingSequential(layers)


def _stages(*lists: Sequence[int]) -> list[tuple[int, ...]]:
    if len({len(one) for one in lists}) != 1:
        message = f"channels, kernel_sizes, strides, paddings and pools differ in length: {lists}"
        raise InvalidInput(message, hint="give one number per convolution in each")
    return list(zip(*lists, strict=True))


def _spread_weights(layers: Iterable[nn.Module]) -> None:
    """Draw weights wide enough for the first spikes to reach the output: sparse input is weak."""
    for depth, layer in enumerate(m for m in layers if isinstance(m, nn.Conv2d | nn.Linear)):
        nn.init.kaiming_normal_(layer.weight)
        if depth == 0:
            layer.weight.data.mul_(1.5)
