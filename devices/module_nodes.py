"""Leaf modules of torch and snn as nodes; what has no counterpart is refused by name."""

from collections.abc import Callable
from typing import Any, TypeAlias, cast

import numpy as np
from torch import Tensor, nn

from devices.dpi_nodes import dpi_node, signed_node
from devices.nodes import (
    Conv,
    Flatten,
    Linear,
    Node,
    Pair,
    Pool,
    Shape,
    Unflatten,
    size_of,
    window_count,
)
from devices.refusal import refused
from devices.spiking_nodes import spiking_node
from snn.dpi.layer import DPI
from snn.dpi.signed_linear import SignedLinear
from snn.layers import SpikingLayer, StatefulLayer

Converter: TypeAlias = Callable[[str, Any, Shape], Node]

WITHOUT_EFFECT = (
    nn.Dropout,
    nn.Dropout1d,
    nn.Dropout2d,
    nn.Dropout3d,
    nn.AlphaDropout,
    nn.Identity,
)
"""Modules that do nothing in evaluation."""


def node_of(path: str, module: nn.Module, shape: Shape) -> Node:
    """Return a module as a node.

    Args:
        path: name of the node.
        module: a leaf: it holds no other modules that compute.
        shape: shape of one time step going in.

    Raises:
        InvalidInput: the module has no counterpart, or does not take such a shape.

    Examples:
        >>> node_of("pool", nn.AvgPool2d(2), (3, 8, 6)).output_shape
        (3, 4, 3)
    """
    kind = next((kind for kind in _CONVERTERS if isinstance(module, kind)), None)
    if kind is None:
        known = ", ".join(sorted({kind.__name__ for kind in _CONVERTERS} - {"SpikingLayer"}))
        hint = f"build the network from {known}, BatchNorm1d, BatchNorm2d, Dropout and snn.IAF"
        raise refused(path, module, hint)
    if type(module).forward is not kind.forward:
        why = f"it computes something else than {kind.__name__}, of which it is a kind"
        raise refused(path, module, f"use {kind.__name__} itself", why)
    node = _CONVERTERS[kind](path, module, shape)
    if min(node.output_shape, default=1) < 1:
        why = f"nothing is left of {shape}: its output would be {node.output_shape}"
        raise refused(path, module, "use a smaller kernel or a larger input", why)
    return node


def has_node(module: nn.Module) -> bool:
    """Say whether a module is of a kind that becomes a node, or disappears."""
    return isinstance(module, (*_CONVERTERS, *WITHOUT_EFFECT, nn.BatchNorm1d, nn.BatchNorm2d))


def is_foreign_leaf(module: nn.Module) -> bool:
    """Say whether a module is one of torch's or snn's own that computes, rather than a user's."""
    package = type(module).__module__
    if isinstance(module, StatefulLayer):
        return True
    containers = nn.Sequential | nn.ModuleList | nn.ModuleDict
    ours = package.startswith(("torch.nn.modules.", "snn.")) and type(module) is not nn.Module
    return ours and not isinstance(module, containers)


def _conv(path: str, module: nn.Conv2d, shape: Shape) -> Conv:
    if len(shape) != 3 or shape[0] != module.in_channels:
        why = f"it takes ({module.in_channels}, H, W), what comes in is {shape}"
        raise refused(path, module, "check input_shape and the layer before", why)
    if module.padding_mode != "zeros":
        why = f"its padding mode is {module.padding_mode!r}"
        raise refused(path, module, "pad with zeros: padding_mode='zeros'", why)
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
            raise refused(path, module, "use an odd kernel or give padding as numbers", why)
        return (total[0] // 2, total[1] // 2)
    return _pair(cast("int | tuple[int, ...]", module.padding))


def _linear(path: str, module: nn.Linear, shape: Shape) -> Linear:
    if len(shape) != 1 or shape[0] != module.in_features:
        why = f"it takes ({module.in_features},), what comes in is {shape}"
        hint = "put nn.Flatten() before it" if len(shape) > 1 else "check in_features"
        raise refused(path, module, hint, why)
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
        raise refused(path, module, "use padding=0 and ceil_mode=False", why)
    if module.divisor_override not in {None, 1}:
        why = f"its divisor is {module.divisor_override}"
        raise refused(path, module, "use divisor_override=None (mean) or 1 (sum)", why)
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
        raise refused(path, module, "sum pooling is nn.LPPool2d(1, kernel)", why)
    kernel = _pair(module.kernel_size)
    stride = _pair(cast("int | None", module.stride) or kernel)
    out = _pooled(path, module, (kernel, stride), shape)
    return Pool(
        name=path, input_shape=shape, output_shape=out, kind="sum", kernel=kernel, stride=stride
    )


def _pooled(path: str, module: nn.Module, window: tuple[Pair, Pair], shape: Shape) -> Shape:
    if len(shape) != 3:
        why = f"it takes (C, H, W), what comes in is {shape}"
        raise refused(path, module, "pool before nn.Flatten()", why)
    sizes = (
        window_count(size, kernel=k, stride=s)
        for size, k, s in zip(shape[1:], *window, strict=True)
    )
    return (shape[0], *sizes)


def _flatten(path: str, module: nn.Flatten, shape: Shape) -> Flatten:
    if module.start_dim != 1 or module.end_dim != -1:
        why = f"it flattens axes {module.start_dim} … {module.end_dim}"
        raise refused(path, module, "use nn.Flatten() with its defaults", why)
    return Flatten(name=path, input_shape=shape, output_shape=(size_of(shape),))


def _unflatten(path: str, module: nn.Unflatten, shape: Shape) -> Unflatten:
    sizes = module.unflattened_size
    made = tuple(sizes) if all(isinstance(size, int) for size in sizes) else ()
    if len(shape) != 1 or module.dim not in {1, -1} or len(made) != 2 or -1 in made:
        why = f"it lays axis {module.dim} of {shape} out as {tuple(sizes)}"
        hint = "a chip lays features out as synapse × neuron alone: nn.Unflatten(1, (2, 16))"
        raise refused(path, module, hint, why)
    if size_of(made) != shape[0]:
        why = f"{shape[0]} features are not {made[0]} × {made[1]}"
        raise refused(path, module, "give the layer before it synapses × neurons outputs", why)
    return Unflatten(name=path, input_shape=shape, output_shape=made)


_CONVERTERS: dict[type[nn.Module], Converter] = {
    nn.Conv2d: _conv,
    nn.Linear: _linear,
    nn.AvgPool2d: _average_pool,
    nn.LPPool2d: _sum_pool,
    nn.Flatten: _flatten,
    nn.Unflatten: _unflatten,
    SpikingLayer: spiking_node,
    DPI: dpi_node,
    SignedLinear: signed_node,
}


def _pair(value: int | tuple[int, ...]) -> Pair:
    return (value, value) if isinstance(value, int) else (int(value[0]), int(value[1]))


def _array(tensor: Tensor) -> np.ndarray:
    return np.array(tensor.detach().float().cpu().numpy())


def _optional_array(tensor: Tensor | None) -> np.ndarray | None:
    return None if tensor is None else _array(tensor)
