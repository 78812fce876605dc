"""Modules without memory, as NIR nodes and back."""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from eventstore.errors import InvalidInput
from snn.nir.kept import as_array, keep, kept_in
from snn.nir.nodes import (
    Affine,
    Array,
    AvgPool2d,
    Conv1d,
    Conv2d,
    Flatten,
    Linear,
    Node,
    Shape,
    SumPool2d,
)


def stateless_node(name: str, module: nn.Module, shape: Shape) -> Node:
    """Return a module without memory as a node.

    Args:
        name: the module's name, for messages.
        module: one of `STATELESS` or `PRIVATE`.
        shape: shape of one frame of its input.

    Raises:
        InvalidInput: it has an option that NIR has no word for.

    Examples:
        >>> stateless_node("pool", nn.AvgPool2d(2, divisor_override=1), (1, 4, 4)).kind
        'SumPool2d'
    """
    node: Node = {**STATELESS, **PRIVATE}[type(module)](name, module, shape)
    return node


def _linear_node(name: str, module: nn.Linear, shape: Shape) -> Node:
    if len(shape) != 1:
        message = f"module {name!r} (Linear) takes frames of shape {shape}, and NIR's one axis"
        raise InvalidInput(message, hint="put nn.Flatten() before it")
    arrays = {name: as_array(value) for name, value in module.named_parameters()}
    if "bias" in arrays:
        return Affine(weight=arrays["weight"], bias=arrays["bias"])
    return Linear(weight=arrays["weight"])


def _conv_node(name: str, module: nn.Conv1d | nn.Conv2d, shape: Shape) -> Node:
    if module.padding_mode != "zeros":
        _refuse_option(name, module, f"padding_mode {module.padding_mode!r}", "pad with zeros")
    weight = as_array(module.weight)
    bias = np.zeros(len(weight), weight.dtype) if module.bias is None else as_array(module.bias)
    kind = Conv1d if isinstance(module, nn.Conv1d) else Conv2d
    metadata = keep({"layer": kind.__name__, "bias": False}) if module.bias is None else {}
    return kind(
        input_shape=shape[1:],
        weight=weight,
        stride=module.stride,
        padding=module.padding,
        dilation=module.dilation,
        groups=module.groups,
        bias=bias,
        metadata=metadata,
    )


def _pool_node(name: str, module: nn.AvgPool2d, _: Shape) -> Node:
    kernel, padding = _pair(module.kernel_size), _pair(module.padding)
    if module.ceil_mode:
        _refuse_option(name, module, "ceil_mode", "pad the frame instead")
    if any(padding) and not module.count_include_pad:
        _refuse_option(name, module, "count_include_pad=False", "count the padding, or do not pad")
    if module.divisor_override not in (None, 1):
        said = f"divisor_override {module.divisor_override}"
        _refuse_option(name, module, said, "scale the weights of the layer after it")
    kind = SumPool2d if module.divisor_override == 1 else AvgPool2d
    return kind(kernel_size=kernel, stride=_pair(module.stride), padding=padding)


def _pair(value: Any) -> tuple[int, int]:  # noqa: ANN401 # as torch has it
    first, second = _each(value, 2) if isinstance(value, tuple) else (value, value)
    return int(first), int(second)


def _power_pool_node(name: str, module: nn.LPPool2d, _: Shape) -> Node:
    if module.norm_type != 1:
        said = f"norm_type {module.norm_type:g}"
        _refuse_option(name, module, said, "norm_type 1 is a sum, which it has")
    if module.ceil_mode:
        _refuse_option(name, module, "ceil_mode", "pad the frame instead")
    kernel = _pair(module.kernel_size)
    stride = _pair(module.stride or kernel)  # None: as wide as the window
    kept = keep({"layer": "LPPool2d"})
    return SumPool2d(kernel_size=kernel, stride=stride, padding=(0, 0), metadata=kept)


def _unflatten_node(name: str, module: nn.Unflatten, shape: Shape) -> Node:
    """Return what splits an axis as a node that leaves the numbers alone, for our own reader."""
    dim: int | str = module.dim
    if not isinstance(dim, int) or dim < 1:
        hint = "count axes from 1, the first of a frame"
        _refuse_option(name, module, f"dim {dim!r}", hint)
    said = {"layer": "Unflatten", "dim": dim, "sizes": list(module.unflattened_size)}
    return Flatten(input_type=shape, start_dim=0, end_dim=0, metadata=keep(said))


def _flatten_node(name: str, module: nn.Flatten, shape: Shape) -> Node:
    if module.start_dim == 0:
        _refuse_option(name, module, "start_dim 0", "it would join the batch to the frame")
    start, end = (dim - 1 if dim > 0 else dim for dim in (module.start_dim, module.end_dim))
    return Flatten(input_type=shape, start_dim=start, end_dim=end)


def _refuse_option(name: str, module: nn.Module, option: str, hint: str) -> None:
    message = f"module {name!r} ({type(module).__name__}): NIR has no word for {option}"
    raise InvalidInput(message, hint=hint)


def module_of(name: str, node: Node) -> nn.Module:
    """Return a node without memory as a module.

    Raises:
        InvalidInput: its numbers make none.

    Examples:
        >>> module_of("fc", Linear(weight=np.ones((2, 3), np.float32)))
        Linear(in_features=3, out_features=2, bias=False)
    """
    try:
        return MAKERS[node.kind](name, node)
    except (RuntimeError, ValueError, LookupError, TypeError) as error:
        said = error.message if isinstance(error, InvalidInput) else str(error)
        message = f"node {name!r} ({node.kind}) makes no layer: {said}"
        hint = error.hint if isinstance(error, InvalidInput) else "look at its shapes"
        raise InvalidInput(message, hint=hint) from error


def _linear(_: str, node: Linear | Affine) -> nn.Module:
    if node.weight.ndim != 2:
        message = f"weights of shape {node.weight.shape} are no matrix"
        raise InvalidInput(message, hint="reshape them to (out, in)")
    out, n = node.weight.shape
    arrays = {"weight": node.weight}
    if isinstance(node, Affine):
        arrays["bias"] = node.bias
    return _filled(nn.Linear(n, out, bias=len(arrays) == 2, device="meta"), arrays)


def _conv(name: str, node: Conv1d | Conv2d) -> nn.Module:
    kept = kept_in(node, f"node {name!r}") or {}
    with_bias = bool(kept.get("bias", True))
    if not with_bias and node.bias.any():
        message = "its metadata say that it has no bias, and it has one"
        raise InvalidInput(message, hint="delete the metadata 'spikelake' of this node")
    make: Callable[..., nn.Module] = nn.Conv1d if isinstance(node, Conv1d) else nn.Conv2d
    n_dims = 1 if isinstance(node, Conv1d) else 2
    out, n, *kernel = node.weight.shape
    if len(kernel) != n_dims:
        message = f"weights of shape {node.weight.shape} are not of {n_dims + 2} axes"
        raise InvalidInput(message, hint="they are (out, in / groups, …)")
    module = make(
        n * node.groups,
        out,
        tuple(kernel),
        _each(node.stride, n_dims),
        node.padding if isinstance(node.padding, str) else _each(node.padding, n_dims),
        _each(node.dilation, n_dims),
        node.groups,
        with_bias,
        device="meta",
    )
    arrays = {"weight": node.weight} | ({"bias": node.bias} if with_bias else {})
    return _filled(module, arrays)


def _each(numbers: Shape, n_dims: int) -> Shape:
    return numbers * n_dims if len(numbers) == 1 else numbers


def _filled(module: nn.Module, arrays: Mapping[str, Array]) -> nn.Module:
    """Return a module with these weights, of their precision."""
    state: OrderedDict[str, Tensor] = OrderedDict()
    for name, array in arrays.items():
        state[name] = torch.from_numpy(np.array(array, order="C"))
    module.load_state_dict(state, assign=True)
    for parameter in module.parameters():
        parameter.requires_grad_()
    return module


def _pool(name: str, node: SumPool2d | AvgPool2d) -> nn.Module:
    kernel, stride, padding = map(_pair, (node.kernel_size, node.stride, node.padding))
    if (kept_in(node, f"node {name!r}") or {}).get("layer") == "LPPool2d" and not any(padding):
        return nn.LPPool2d(1, kernel, stride)
    divisor = 1 if isinstance(node, SumPool2d) else None
    return nn.AvgPool2d(kernel, stride, padding, divisor_override=divisor)


def _flatten(name: str, node: Flatten) -> nn.Module:
    kept = kept_in(node, f"node {name!r}") or {}
    if kept.get("layer") == "Unflatten":
        return nn.Unflatten(kept["dim"], tuple(kept["sizes"]))
    start, end = (dim + 1 if dim >= 0 else dim for dim in (node.start_dim, node.end_dim))
    return nn.Flatten(start, end)


STATELESS: Mapping[type[nn.Module], Callable[..., Node]] = {
    nn.Linear: _linear_node,
    nn.Conv1d: _conv_node,
    nn.Conv2d: _conv_node,
    nn.AvgPool2d: _pool_node,
    nn.LPPool2d: _power_pool_node,
    nn.Flatten: _flatten_node,
}
"""Modules that have a node; sums over windows are means divided by 1, or norms of power 1."""

PRIVATE: Mapping[type[nn.Module], Callable[..., Node]] = {nn.Unflatten: _unflatten_node}
"""Modules that only our reader makes again."""

MAKERS: Mapping[str, Callable[..., nn.Module]] = {
    "Linear": _linear,
    "Affine": _linear,
    "Conv1d": _conv,
    "Conv2d": _conv,
    "SumPool2d": _pool,
    "AvgPool2d": _pool,
    "Flatten": _flatten,
}
