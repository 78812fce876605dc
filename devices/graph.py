"""From a torch model to a `Graph`: where chips meet torch modules.

Batch normalisation is folded into the layer before it, dropout disappears. A module that has no
counterpart is refused by name, before any chip is asked.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, TypeAlias, cast

import numpy as np
from torch import Tensor, nn

from devices.nodes import (
    Conv,
    Flatten,
    Graph,
    Linear,
    Node,
    Pair,
    Pool,
    Shape,
    Spiking,
    size_of,
    window_count,
)
from eventstore.errors import InvalidInput
from snn.conversion.batch_norm import affine_of
from snn.layers import SpikingLayer
from snn.sequential import modules_in_order

Converter: TypeAlias = Callable[[str, Any, Shape], Node]


def graph_from_model(model: nn.Module, input_shape: Shape) -> Graph:
    """Return the graph of a sequential model.

    Args:
        model: ``snn.SpikingSequential`` or a torch ``Sequential`` of convolutions, pooling,
            flatten, linear and spiking layers.
        input_shape: shape of one time step of one sample, such as ``(2, 34, 34)``.

    Raises:
        InvalidInput: a module has no counterpart in a graph, or shapes do not fit together.

    Examples:
        >>> import snn
        >>> from torch import nn
        >>> net = snn.SpikingSequential(nn.Conv2d(2, 4, 3), snn.IAF(), nn.AvgPool2d(2))
        >>> [type(node).__name__ for node in graph_from_model(net, (2, 10, 10))]
        ['Conv', 'Spiking', 'Pool']
    """
    nodes: list[Node] = []
    shape = tuple(int(size) for size in input_shape)
    for path, module in _leaves(model, ""):
        if isinstance(module, (nn.BatchNorm1d, nn.BatchNorm2d)):
            if not nodes:
                raise _refused(path, module, "put it after a convolution or linear layer")
            nodes[-1] = _fold_batch_norm(nodes[-1], path, module)
        elif not isinstance(module, _WITHOUT_EFFECT):
            node = _converter(path, module)(path, module, shape)
            _check_not_empty(node, module)
            nodes.append(node)
            shape = node.output_shape
    return Graph.chain(tuple(input_shape), tuple(nodes))


def _leaves(module: nn.Module, path: str) -> Iterator[tuple[str, nn.Module]]:
    if isinstance(module, nn.Sequential):
        for name, child in modules_in_order(module):
            yield from _leaves(child, f"{path}.{name}" if path else name)
    else:
        yield path or "model", module


def _converter(path: str, module: nn.Module) -> Converter:
    for kind, converter in _CONVERTERS.items():
        if isinstance(module, kind):
            return converter
    known = ", ".join(sorted(kind.__name__ for kind in (*_CONVERTERS, *_WITHOUT_EFFECT)))
    if next(module.children(), None) is not None:
        hint = "write the network as snn.SpikingSequential(…) or nn.Sequential(…)"
        raise _refused(path, module, hint)
    raise _refused(path, module, f"build the network from {known}, BatchNorm1d, BatchNorm2d")


def _refused(path: str, module: nn.Module, hint: str, why: str = "") -> InvalidInput:
    message = f"module {path!r} ({type(module).__name__}) cannot go on a chip"
    return InvalidInput(f"{message}: {why}" if why else message, hint=hint)


def _conv(path: str, module: nn.Conv2d, shape: Shape) -> Conv:
    if len(shape) != 3 or shape[0] != module.in_channels:
        why = f"it takes ({module.in_channels}, H, W), what comes in is {shape}"
        raise _refused(path, module, "check input_shape and the layer before", why)
    if module.padding_mode != "zeros":
        why = f"its padding mode is {module.padding_mode!r}"
        raise _refused(path, module, "pad with zeros: padding_mode='zeros'", why)
    kernel, stride, dilation = (
        _pair(p) for p in (module.kernel_size, module.stride, module.dilation)
    )
    padding = _padding(path, module, kernel, dilation)
    height, width = (
        window_count(size, kernel=k, stride=s, padding=p, dilation=d)
        for size, k, s, p, d in zip(shape[1:], kernel, stride, padding, dilation, strict=True)
    )
    return Conv(
        name=path,
        input_shape=shape,
        output_shape=(module.out_channels, height, width),
        weight=_array(module.weight),
        bias=_optional_array(module.bias),
        stride=stride,
        padding=padding,
        dilation=dilation,
        groups=module.groups,
    )


def _padding(path: str, module: nn.Conv2d, kernel: Pair, dilation: Pair) -> Pair:
    if module.padding == "valid":
        return (0, 0)
    if module.padding == "same":
        total = tuple(d * (k - 1) for k, d in zip(kernel, dilation, strict=True))
        if any(extra % 2 for extra in total):
            why = f"padding='same' is lopsided for a kernel of {kernel}"
            raise _refused(path, module, "use an odd kernel or give padding as numbers", why)
        return (total[0] // 2, total[1] // 2)
    return _pair(cast("int | tuple[int, ...]", module.padding))


def _linear(path: str, module: nn.Linear, shape: Shape) -> Linear:
    if len(shape) != 1 or shape[0] != module.in_features:
        why = f"it takes ({module.in_features},), what comes in is {shape}"
        hint = "put nn.Flatten() before it" if len(shape) > 1 else "check in_features"
        raise _refused(path, module, hint, why)
    return Linear(
        name=path,
        input_shape=shape,
        output_shape=(module.out_features,),
        weight=_array(module.weight),
        bias=_optional_array(module.bias),
    )


def _average_pool(path: str, module: nn.AvgPool2d, shape: Shape) -> Pool:
    if module.ceil_mode or _pair(module.padding) != (0, 0):
        why = "it pads or rounds its output size up"
        raise _refused(path, module, "use padding=0 and ceil_mode=False", why)
    if module.divisor_override not in {None, 1}:
        why = f"its divisor is {module.divisor_override}"
        raise _refused(path, module, "use divisor_override=None (mean) or 1 (sum)", why)
    kernel, stride = _pair(module.kernel_size), _pair(module.stride)
    return Pool(
        name=path,
        input_shape=shape,
        output_shape=_pooled(path, module, (kernel, stride), shape),
        kind="average" if module.divisor_override is None else "sum",
        kernel=kernel,
        stride=stride,
    )


def _sum_pool(path: str, module: nn.LPPool2d, shape: Shape) -> Pool:
    if module.norm_type != 1 or module.ceil_mode:
        why = f"its norm is {module.norm_type}, ceil_mode {module.ceil_mode}"
        raise _refused(path, module, "sum pooling is nn.LPPool2d(1, kernel)", why)
    kernel = _pair(module.kernel_size)
    stride = _pair(cast("int | None", module.stride) or kernel)
    out = _pooled(path, module, (kernel, stride), shape)
    return Pool(
        name=path, input_shape=shape, output_shape=out, kind="sum", kernel=kernel, stride=stride
    )


def _pooled(path: str, module: nn.Module, window: tuple[Pair, Pair], shape: Shape) -> Shape:
    if len(shape) != 3:
        why = f"it takes (C, H, W), what comes in is {shape}"
        raise _refused(path, module, "pool before nn.Flatten()", why)
    sizes = (
        window_count(size, kernel=k, stride=s)
        for size, k, s in zip(shape[1:], *window, strict=True)
    )
    return (shape[0], *sizes)


def _flatten(path: str, module: nn.Flatten, shape: Shape) -> Flatten:
    if module.start_dim != 1 or module.end_dim != -1:
        why = f"it flattens axes {module.start_dim} … {module.end_dim}"
        raise _refused(path, module, "use nn.Flatten() with its defaults", why)
    return Flatten(name=path, input_shape=shape, output_shape=(size_of(shape),))


def _spiking(path: str, module: SpikingLayer, shape: Shape) -> Spiking:
    neuron, threshold = module.neuron, module.spike_threshold
    if threshold is not None and threshold.numel() > 1:
        why = f"its neurons have {threshold.numel()} thresholds"
        raise _refused(path, module, "give one spike_threshold for all of them", why)
    return Spiking(
        name=path,
        input_shape=shape,
        output_shape=shape,
        kind=type(module).__name__,
        spike_threshold=None if threshold is None else threshold.item(),
        min_v_mem=neuron.min_v_mem,
        reset=neuron.reset,
        v_reset=neuron.v_reset,
        max_spikes=neuron.max_spikes,
    )


_CONVERTERS: dict[type[nn.Module], Converter] = {
    nn.Conv2d: _conv,
    nn.Linear: _linear,
    nn.AvgPool2d: _average_pool,
    nn.LPPool2d: _sum_pool,
    nn.Flatten: _flatten,
    SpikingLayer: _spiking,
}
_WITHOUT_EFFECT = (nn.Dropout, nn.Dropout1d, nn.Dropout2d, nn.Identity)


def _fold_batch_norm(
    node: Node, path: str, module: nn.BatchNorm1d | nn.BatchNorm2d
) -> Conv | Linear:
    """Return the layer that computes ``module(node(x))``, with the module in evaluation."""
    if not isinstance(node, (Conv, Linear)):
        hint = "put it right after a convolution or linear layer, before the neurons"
        raise _refused(path, module, hint, f"it follows {type(node).__name__} {node.name!r}")
    if module.running_mean is None or module.running_var is None:
        raise _refused(path, module, "train it with track_running_stats=True", "it keeps no mean")
    gain, shift = (t.cpu().numpy() for t in affine_of(module))
    weight = node.weight * gain.reshape(-1, *(1,) * (node.weight.ndim - 1))
    shifted = shift + (0.0 if node.bias is None else node.bias) * gain
    return replace(node, weight=weight.astype(np.float32), bias=shifted.astype(np.float32))


def _check_not_empty(node: Node, module: nn.Module) -> None:
    if min(node.output_shape, default=1) < 1:
        why = f"nothing is left of {node.input_shape}: its output would be {node.output_shape}"
        raise _refused(node.name, module, "use a smaller kernel or a larger input", why)


def _pair(value: int | tuple[int, ...]) -> Pair:
    return (value, value) if isinstance(value, int) else (int(value[0]), int(value[1]))


def _array(tensor: Tensor) -> np.ndarray:
    return np.array(tensor.detach().float().cpu().numpy())


def _optional_array(tensor: Tensor | None) -> np.ndarray | None:
    return None if tensor is None else _array(tensor)
