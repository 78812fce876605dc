"""A graph built node by node, as a model is walked: by its structure, or by running it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from torch import nn

from devices.folding import ChannelAffine, fold_affine
from devices.module_nodes import WITHOUT_EFFECT, node_of
from devices.nodes import INPUT, Graph, Merge, Node, Shape
from devices.refusal import refused
from eventstore.errors import InvalidInput
from snn.conversion.batch_norm import affine_of
from snn.nir.scale import Scale


@dataclass(frozen=True, slots=True)
class Value:
    """What goes along an edge.

    Args:
        name: the node that makes it, or `INPUT`.
        shape: shape of one time step; it may differ from the node's by axes of size 1.
    """

    name: str
    shape: Shape


@dataclass(slots=True)
class GraphBuilder:
    """Nodes so far, and which feeds which.

    Args:
        input_shape: shape of one time step of input.

    Examples:
        >>> builder = GraphBuilder((2, 4, 4))
        >>> pooled = builder.module("pool", nn.AvgPool2d(2), builder.input)
        >>> builder.graph(pooled).output_shape
        (2, 2, 2)
    """

    input_shape: Shape
    nodes: dict[str, Node] = field(default_factory=dict)
    edges: list[tuple[str, str]] = field(default_factory=list)

    @property
    def input(self) -> Value:
        """What goes into the network."""
        return Value(INPUT, self.input_shape)

    def module(self, path: str, module: nn.Module, x: Value) -> Value:
        """Add a leaf module; one that does nothing in evaluation disappears.

        Raises:
            InvalidInput: the module has no counterpart, or does not take such a shape.
        """
        if isinstance(module, WITHOUT_EFFECT):
            return x
        name = self.free_name(path)
        if isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d):
            return self.add(_norm_node(name, module, x.shape), x)
        if isinstance(module, Scale):
            return self.add(_scale_node(name, module, x.shape), x)
        return self.add(node_of(name, module, x.shape), x)

    def merge(self, name: str, values: Sequence[Value], where: str = "") -> Value:
        """Add the sum of values; of a single one, that one itself.

        Args:
            name: name of the sum.
            values: what is summed.
            where: of messages, what the user wrote.

        Raises:
            InvalidInput: values of unequal shape, or one twice.
        """
        if len(values) == 1:
            return values[0]
        where = where or f"the sum {name!r}"
        shapes = [value.shape for value in values]
        if len(set(shapes)) > 1:
            said = " and ".join(map(str, shapes))
            hint = "give the branches that meet the same number of features, rows and columns"
            message = f"{where} is of unequal shapes, {said}"
            raise InvalidInput(message, hint=hint)
        names = [value.name for value in values]
        if len(set(names)) < len(names):
            message = f"{where} adds something to itself"
            raise InvalidInput(message, hint="double the weights of the layer after it instead")
        node = Merge(name=self.free_name(name), input_shape=shapes[0], output_shape=shapes[0])
        return self.add(node, *values)

    def add(self, node: Node, *sources: Value) -> Value:
        """Add a node that takes these values."""
        self.nodes[node.name] = node
        alone = len(sources) == 1
        for source in sources:
            if not (alone and source.name == INPUT):
                self.edges.append((source.name, node.name))
        return Value(node.name, node.output_shape)

    def free_name(self, name: str) -> str:
        """Return a name that no node has yet: a module may be used more than once."""
        number, free = 1, name
        while free in self.nodes:
            number += 1
            free = f"{name}#{number}"
        return free

    def graph(self, output: Value) -> Graph:
        """Return the graph of what reaches the output, with normalisation folded into weights.

        Raises:
            InvalidInput: a normalisation cannot be folded exactly.
        """
        reaches = {output.name}
        for source, target in reversed(self.edges):  # each was added with its target
            if target in reaches:
                reaches.add(source)
        kept = Graph(
            input_shape=self.input_shape,
            nodes=tuple(node for name, node in self.nodes.items() if name in reaches),
            edges=tuple(edge for edge in self.edges if edge[1] in reaches),
        )
        return fold_affine(kept)


def _norm_node(name: str, module: nn.BatchNorm1d | nn.BatchNorm2d, shape: Shape) -> ChannelAffine:
    if module.running_mean is None or module.running_var is None:
        raise refused(name, module, "train it with track_running_stats=True", "it keeps no mean")
    if module.num_features != shape[0]:
        why = f"it takes {module.num_features} channels, what comes in is {shape}"
        raise refused(name, module, "give it as many channels as the layer before it", why)
    gain, shift = (np.array(t.cpu().numpy(), np.float64) for t in affine_of(module))
    kind = type(module).__name__
    return ChannelAffine(
        name=name, input_shape=shape, output_shape=shape, kind=kind, gain=gain, shift=shift
    )


def _scale_node(name: str, module: Scale, shape: Shape) -> ChannelAffine:
    """Return factors of neurons: what NIR's resistances are."""
    factors = np.broadcast_to(module.scale.double().cpu().numpy(), shape).reshape(shape[0], -1)
    if not (factors == factors[:, :1]).all():
        why = "its factors differ within a channel"
        raise refused(name, module, "give all neurons of a channel the same resistance", why)
    gain = factors[:, 0].copy()
    return ChannelAffine(
        name=name,
        input_shape=shape,
        output_shape=shape,
        kind="Scale",
        gain=gain,
        shift=np.zeros_like(gain),
    )
