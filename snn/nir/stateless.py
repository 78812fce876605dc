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

STATELESS: tuple[type[nn.Module], ...] = (
    nn.Linear,
    nn.Conv1d,
    nn.Conv2d,
    nn.AvgPool2d,
    nn.Flatten,
)
"""Modules that have a node; sums over windows are means that are divided by 1."""


def stateless_node(name: str, module: nn.Module, shape: Shape) -> Node:
    """Return a module without memory as a node.

    Args:
        name: the module's name, for messages.
        module: one of `STATELESS`.
        shape: shape of one frame of its input.

    Raises:
        InvalidInput: it has an option that NIR has no word for.

    Examples:
        >>> stateless_node("pool", nn.AvgPool2d(2, divisor_override=1), (1, 4, 4)).kind
        'SumPool2d'
    """
    if isinstance(module, nn.Linear):
        weight = as_array(module.weight)
        if module.bias is None:
            return Linear(weight=weight)
        return Affine(weight=weight, bias=as_array(module.bias))
    if isinstance(module, nn.Conv1d | nn.Conv2d):
        return _conv_node(name, module, shape)
    if isinstance(module, nn.AvgPool2d):
        return _pool_node(name, module)
    if isinstance(module, nn.Flatten):
        return _flatten_node(name, module, shape)
    message = f"module {name!r} ({type(module).__name__}): NIR has no node for it"
    raise InvalidInput(message, hint="replace it")


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


def _pool_node(name: str, module: nn.AvgPool2d) -> Node:
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


def _pair(value: Any) -> Shape:  # noqa: ANN401 # as torch has it
    first, second = value if isinstance(value, tuple) else (value, value)
    return int(first), int(second)


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
    except (RuntimeError, ValueError, IndexError, TypeError) as error:
        said = error.message if isinstance(error, InvalidInput) else str(error)
        message = f"node {name!r} ({node.kind}) makes no layer: {said}"
        hint = error.hint if isinstance(error, InvalidInput) else "look at its shapes"
        raise InvalidInput(message, hint=hint) from error


def _linear(_: str, node: Node) -> nn.Module:
    assert isinstance(node, Linear | Affine)
    if node.weight.ndim != 2:
        message = f"weights of shape {node.weight.shape} are no matrix"
        raise InvalidInput(message, hint="reshape them to (out, in)")
    out, n = node.weight.shape
    arrays = {"weight": node.weight}
    if isinstance(node, Affine):
        arrays["bias"] = node.bias
    return _filled(nn.Linear(n, out, bias=len(arrays) == 2, device="meta"), arrays)


def _conv(name: str, node: Node) -> nn.Module:
    assert isinstance(node, Conv1d | Conv2d)
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


def _pool(_: str, node: Node) -> nn.Module:
    assert isinstance(node, SumPool2d | AvgPool2d)
    kernel, stride, padding = (
        _each(numbers, 2) for numbers in (node.kernel_size, node.stride, node.padding)
    )
    divisor = 1 if isinstance(node, SumPool2d) else None
    return nn.AvgPool2d(kernel, stride, padding, divisor_override=divisor)


def _flatten(_: str, node: Node) -> nn.Module:
    assert isinstance(node, Flatten)
    start, end = (dim + 1 if dim >= 0 else dim for dim in (node.start_dim, node.end_dim))
    return nn.Flatten(start, end)


MAKERS: Mapping[str, Callable[[str, Node], nn.Module]] = {
    "Linear": _linear,
    "Affine": _linear,
    "Conv1d": _conv,
    "Conv2d": _conv,
    "SumPool2d": _pool,
    "AvgPool2d": _pool,
    "Flatten": _flatten,
}
