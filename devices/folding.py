r"""Fold what scales and shifts channels into weights: exact, also where branches part and meet.

$$ y_c = g_c\, x_c + h_c $$

Batch normalisation in evaluation is this. After weights it scales their outputs,
$w \leftarrow g w$, $b \leftarrow g b + h$, in each of the layers that meet in a sum before it, the
shift in one. Where what comes before has no weights, or feeds others too, it goes into all the
weights that follow: exact unless zeros are padded in between to a shifted map.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from jaxtyping import Float64

from devices.nodes import INPUT, Conv, Flatten, Graph, Linear, Merge, Node, Pool, size_of
from eventstore.errors import InvalidInput


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ChannelAffine(Node):
    """Each channel scaled and shifted; no graph holds one once it is built.

    Args:
        kind: class of the module.
        gain: factor of each channel.
        shift: what is added to each channel.
    """

    kind: str
    gain: Float64[np.ndarray, " c"]
    shift: Float64[np.ndarray, " c"]


def fold_affine(graph: Graph) -> Graph:
    """Return the graph in which weights do what normalisations did.

    Raises:
        InvalidInput: one cannot be folded exactly; says which and why.

    Examples:
        >>> gain, shift = np.array([2.0]), np.array([1.0])
        >>> conv = Conv(name="a", input_shape=(1, 2, 2), output_shape=(1, 2, 2),
        ...     weight=np.ones((1, 1, 1, 1), np.float32), bias=None)
        >>> norm = ChannelAffine(name="b", input_shape=(1, 2, 2), output_shape=(1, 2, 2),
        ...     kind="BatchNorm2d", gain=gain, shift=shift)
        >>> [node.name for node in fold_affine(Graph.chain((1, 2, 2), (conv, norm)))]
        ['a']
    """
    for name in [node.name for node in graph]:
        norm = graph[name]  # as it is by now: an earlier one may have gone into it
        if isinstance(norm, ChannelAffine):
            graph = _fold(graph, norm)
    return graph


class _Step(NamedTuple):
    """What a node takes or puts out is scaled and shifted by."""

    node: Node
    gain: np.ndarray
    shift: np.ndarray


def _fold(graph: Graph, norm: ChannelAffine) -> Graph:
    before = _producers(graph, norm.name)
    changed: list[Node]
    if before:
        shifts = [norm.shift, *(np.zeros_like(norm.shift) for _ in before[1:])]
        changed = [
            _outputs_scaled(layer, norm.gain, shift)
            for layer, shift in zip(before, shifts, strict=True)
        ]
    else:
        changed = [
            _inputs_scaled(edit)
            for edit in _consumers(graph, norm, _Step(norm, norm.gain, norm.shift))
        ]
    return _without(graph, norm.name, {node.name: node for node in changed})


def _producers(graph: Graph, name: str) -> list[Conv | Linear]:
    """Return the layers whose sum a node takes, if nothing else takes any of it; else none."""
    found: list[Conv | Linear] = []
    if graph.reads_input(name):
        return []
    for source in graph.sources(name):
        node = graph[source]
        if len(graph.targets(source)) > 1:
            return []
        if isinstance(node, Conv | Linear):
            found.append(node)
        elif isinstance(node, Merge) or (isinstance(node, Flatten) and _is_squeeze(node)):
            inner = _producers(graph, source)
            if not inner:
                return []
            found += inner
        else:
            return []
    return found


def _is_squeeze(node: Flatten) -> bool:
    return node.input_shape[0] == size_of(node.input_shape)


def _consumers(graph: Graph, norm: ChannelAffine, at: _Step) -> Iterator[_Step]:
    """Iterate over the layers that take what a normalisation makes, with what they take it by."""
    targets = graph.targets(at.node.name)
    if not targets:
        raise _refused(graph, norm, "nothing with weights follows it")
    for target in targets:
        node = graph[target]
        step = at._replace(node=node)
        match node:
            case Conv() if at.shift.any() and any(node.padding):
                why = f"{target!r} after it pads with zeros, which the shift would have to reach"
                raise _refused(graph, norm, why)
            case Conv() | Linear() | ChannelAffine():
                yield step
            case Pool():
                windows = node.kernel[0] * node.kernel[1] if node.kind == "sum" else 1
                yield from _consumers(graph, norm, step._replace(shift=at.shift * windows))
            case Flatten():
                yield from _consumers(graph, norm, _flattened(step))
            case _:
                why = f"{type(node).__name__} {target!r} stands between it and weights"
                raise _refused(graph, norm, why)


def _flattened(step: _Step) -> _Step:
    each = size_of(step.node.input_shape) // len(step.gain)
    return _Step(step.node, np.repeat(step.gain, each), np.repeat(step.shift, each))


def _refused(graph: Graph, norm: ChannelAffine, why: str) -> InvalidInput:
    sources = graph.sources(norm.name)
    follows = [f"{type(graph[source]).__name__} {source!r}" for source in sources]
    shared = sources and len(graph.targets(sources[0])) > 1
    said = f"it follows {follows[0] if follows else 'the input'}"
    said += ", which feeds others too" if shared else ""
    message = f"module {norm.name!r} ({norm.kind}) cannot go on a chip: {said}, and {why}"
    hint = "put it right after a convolution or linear layer, before the neurons"
    return InvalidInput(message, hint=hint)


def _outputs_scaled(node: Conv | Linear, gain: np.ndarray, shift: np.ndarray) -> Node:
    weight = node.weight * gain.reshape(-1, *(1,) * (node.weight.ndim - 1))
    bias = shift if node.bias is None else node.bias * gain + shift
    kept = node.bias is not None or shift.any()
    return replace(
        node, weight=weight.astype(np.float32), bias=bias.astype(np.float32) if kept else None
    )


def _inputs_scaled(step: _Step) -> Node:
    match step.node:
        case ChannelAffine() as node:
            shift = node.gain * step.shift + node.shift
            return replace(node, gain=node.gain * step.gain, shift=shift)
        case Conv() as node:
            return _weights_scaled(node, step, node.groups)
        case Linear() as node:
            return _weights_scaled(node, step, 1)
    return step.node


def _weights_scaled(node: Conv | Linear, step: _Step, groups: int) -> Node:
    outputs, ones = len(node.weight), (1,) * (node.weight.ndim - 2)
    gain, shift = (
        np.repeat(each.reshape(groups, -1), outputs // groups, axis=0)
        for each in (step.gain, step.shift)
    )
    weight = (node.weight * gain.reshape(*gain.shape, *ones)).astype(np.float32)
    if not step.shift.any():
        return replace(node, weight=weight)
    moved = (node.weight * shift.reshape(*shift.shape, *ones)).reshape(outputs, -1).sum(axis=1)
    bias = moved + (0.0 if node.bias is None else node.bias)
    return replace(node, weight=weight, bias=bias.astype(np.float32))


def _without(graph: Graph, name: str, changed: dict[str, Node]) -> Graph:
    """Return the graph without a node that has one source; what it fed takes that source."""
    (source,) = graph.sources(name) or (INPUT,)
    edges = []
    for a, b in graph.edges:
        if a != name:
            edges += [(a, b)] if b != name else []
        elif source != INPUT or isinstance(graph[b], Merge):
            edges.append((source, b))
    nodes = tuple(changed.get(node.name, node) for node in graph if node.name != name)
    return Graph(input_shape=graph.input_shape, nodes=nodes, edges=tuple(edges))
