"""Group a graph into what one core computes, convolution and neurons, and the links between cores.

A core sends its spikes to other cores, pooled for each of them apart; what several send to one is
summed there. So pooling, flattening and merging belong to links, not to layers.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import numpy as np

from devices.nodes import Conv, Flatten, Graph, Linear, Merge, Node, Pool, Shape, Spiking, size_of
from eventstore.findings import Finding, Severity


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CoreLayer:
    """What one core is asked to compute; it need not be within the limits of a chip.

    Args:
        conv: the weights; a linear layer is a convolution whose kernel is the whole map.
        spiking: the neurons, or None where the model has none.
        rescale: factor on the weights for averages that are computed as sums before this layer.
    """

    conv: Conv
    spiking: Spiking | None = None
    rescale: float = 1.0

    @property
    def name(self) -> str:
        """Name of the convolution or linear layer in the model."""
        return self.conv.name


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CoreLink:
    """Spikes on their way from one core to another.

    Args:
        source: name of the layer that sends them; None: the network's input.
        target: name of the layer that receives them.
        map_shape: shape of the map that is sent, before pooling.
        pools: pooling on the way, in order.
        feature_shift: added to the number of each feature.
    """

    source: str | None
    target: str
    map_shape: Shape
    pools: tuple[Pool, ...] = ()
    feature_shift: int = 0

    @property
    def pool(self) -> tuple[int, int]:
        """Edges in y and x of all its pooling together."""
        edges = (1, 1)
        for pool in self.pools:
            edges = (edges[0] * pool.kernel[0], edges[1] * pool.kernel[1])
        return edges

    @property
    def rescale(self) -> float:
        """Factor that makes up for averages that are computed as sums."""
        factor = 1.0
        for pool in self.pools:
            if pool.kind == "average":
                factor /= pool.kernel[0] * pool.kernel[1]
        return factor


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CorePlan:
    """A network as layers that cores compute.

    Args:
        layers: in topological order.
        links: which layer feeds which, in the order of the layers fed.
        findings: an error for each node that no core can compute, and what is worth knowing.
    """

    layers: tuple[CoreLayer, ...]
    links: tuple[CoreLink, ...]
    findings: tuple[Finding, ...]

    def into(self, name: str) -> tuple[CoreLink, ...]:
        """Return the links over which a layer receives spikes."""
        return tuple(link for link in self.links if link.target == name)

    def out_of(self, name: str | None) -> tuple[CoreLink, ...]:
        """Return the links over which a layer sends its spikes; None: the network's input."""
        return tuple(link for link in self.links if link.source == name)

    @property
    def output_names(self) -> tuple[str, ...]:
        """Names of the layers that feed no other."""
        feeding = {link.source for link in self.links}
        return tuple(layer.name for layer in self.layers if layer.name not in feeding)


def plan_cores(graph: Graph) -> CorePlan:
    """Group a graph's nodes into the layers that cores compute, and the links between them.

    Returns: layers, links, and an error for each node that no core can compute.

    Examples:
        >>> plan_cores(Graph.chain((2, 4, 4), ())).layers
        ()
    """
    plan = _Planning(graph)
    for node in graph:
        plan.add(node)
    for name in graph.output_names:
        plan.end(graph[name])
    return CorePlan(
        layers=tuple(plan.layers.values()), links=tuple(plan.links), findings=tuple(plan.findings)
    )


@dataclass(frozen=True, slots=True)
class _Flow:
    """What goes along an edge: the spikes of a layer (None: the input), pooled since."""

    source: str | None
    sent: Shape
    pools: tuple[Pool, ...] = ()


@dataclass(frozen=True, slots=True)
class _Stream:
    """What a node puts out: flows to be summed, as a map; ``shape`` is from before a flatten."""

    flows: tuple[_Flow, ...]
    shape: Shape


@dataclass(slots=True)
class _Planning:
    """Layers and links so far, what each node puts out, and what could not be placed."""

    graph: Graph
    layers: dict[str, CoreLayer] = field(default_factory=dict)
    links: list[CoreLink] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    streams: dict[str, _Stream] = field(default_factory=dict)

    def add(self, node: Node) -> None:
        incoming = self._incoming(node)
        match node:
            case Conv():
                made = self._add_weights(node, incoming)
            case Linear():
                made = self._add_weights(_as_conv(node, incoming.shape), incoming)
            case Spiking():
                made = self._add_neurons(node, incoming)
            case Pool():
                made = self._add_pool(node, incoming)
            case Flatten() | Merge():
                made = incoming
            case _:
                message = f"{type(node).__name__} has no counterpart in a core"
                self._refuse(node, "node-kind", message, "use convolutions, IAF neurons, pooling")
                made = _Stream(incoming.flows, (size_of(node.output_shape), 1, 1))
        self.streams[node.name] = made

    def end(self, node: Node) -> None:
        """Say what cannot be done to spikes that leave the network."""
        for flow in self.streams[node.name].flows:
            if flow.pools and flow.source is not None:
                names = ", ".join(repr(pool.name) for pool in flow.pools)
                message = f"pooling {names} after the last layer: a core pools only what it sends "
                fix = "remove it, or use a linear layer at the end"
                where = self.layers[flow.source].conv
                self._refuse(where, "pool-after-last", f"{message}to another", fix)

    def _incoming(self, node: Node) -> _Stream:
        """Return the sum of all that feeds a node."""
        streams = [self.streams[name] for name in self.graph.sources(node.name)]
        if self.graph.reads_input(node.name):
            shape = self.graph.input_shape
            shape = shape if len(shape) == 3 else (*shape, 1, 1)
            streams.append(_Stream((_Flow(None, shape),), shape))
        maps = sorted({stream.shape for stream in streams})
        if len(maps) > 1:
            said = " and ".join(str(shape) for shape in maps)
            message = f"maps of {said} were flattened to meet here: their places do not match"
            fix = "merge before nn.Flatten(), or give the branches maps of one shape"
            self._refuse(node, "merge-maps", message, fix)
        flows = tuple(flow for stream in streams for flow in stream.flows)
        return _Stream(flows, streams[0].shape)

    def _add_weights(self, conv: Conv, incoming: _Stream) -> _Stream:
        links = [
            CoreLink(source=flow.source, target=conv.name, map_shape=flow.sent, pools=flow.pools)
            for flow in incoming.flows
        ]
        self._check_links(conv, links)
        rescale = links[0].rescale
        if len({link.rescale for link in links}) > 1:
            conv, links = _side_by_side(conv, links)
            rescale = 1.0
        self.links += links
        self.layers[conv.name] = CoreLayer(conv=conv, rescale=rescale)
        return _Stream((_Flow(conv.name, conv.output_shape),), conv.output_shape)

    def _check_links(self, conv: Conv, links: list[CoreLink]) -> None:
        factors = sorted({link.rescale for link in links})
        if len(factors) > 1:
            said = " and ".join(f"1/{1 / factor:g}" for factor in factors)
            message = f"branches averaged by {said} meet ({_named(link.source for link in links)}):"
            message += " the core holds its weights once for each, side by side"
            fix = "to save memory, pool both branches alike, or with sums: nn.LPPool2d(1, kernel)"
            self._notice(conv, "merge-rescale", message, fix, Severity.INFO)
        sources = [link.source for link in links]
        twice = sorted({str(source) for source in sources if sources.count(source) > 1})
        if twice:
            message = f"the spikes of {', '.join(twice)} arrive twice, over two branches"
            self._refuse(conv, "merge-twice", message, "keep one branch and double the weights")

    def _add_neurons(self, node: Spiking, incoming: _Stream) -> _Stream:
        names = [flow.source for flow in incoming.flows]
        if len(names) > 1:
            message = f"{_named(names)} are summed before their neurons {node.name!r}"
            fix = "give each branch neurons of its own and merge their spikes"
            self._refuse(node, "merge-before-neurons", message, fix)
        last = None if names[0] is None else self.layers[names[0]]
        if last is None or last.spiking is not None:
            message = f"neurons {node.name!r} have no weights of their own before them"
            fix = "put a convolution or linear layer before them, or remove them"
            self._refuse(node, "neurons-without-weights", message, fix)
            return incoming
        if incoming.flows[0].pools:
            message = f"{last.name!r} is pooled before its neurons {node.name!r}"
            fix = "a core pools spikes: put the neurons before the pooling"
            self._refuse(node, "pool-before-neurons", message, fix)
        self.layers[last.name] = replace(last, spiking=node)
        n = size_of(node.output_shape)  # of several synapses, fewer than came in
        shape = incoming.shape if size_of(incoming.shape) == n else (n, 1, 1)
        return _Stream((_Flow(last.name, last.conv.output_shape),), shape)

    def _add_pool(self, node: Pool, incoming: _Stream) -> _Stream:
        if any(flow.source is None for flow in incoming.flows):
            message = f"pooling {node.name!r} comes before the first layer"
            fix = "pool in the pipeline: the transform Downsample(factor=…)"
            self._refuse(node, "pool-before-first-layer", message, fix)
        flows = (replace(flow, pools=(*flow.pools, node)) for flow in incoming.flows)
        return _Stream(tuple(flows), node.output_shape)

    def _refuse(self, node: Node, check: str, message: str, fix: str) -> None:
        self._notice(node, check, message, fix, Severity.ERROR)

    def _notice(self, node: Node, check: str, message: str, fix: str, severity: Severity) -> None:
        self.findings.append(
            Finding(severity=severity, where=node.name, message=message, check=check, fix=fix)
        )


def _side_by_side(conv: Conv, links: list[CoreLink]) -> tuple[Conv, list[CoreLink]]:
    """Return a layer that holds its weights once for each factor of its links, and the links.

    What is averaged over one window goes to the first features, over another to the next ones:
    each has the weights times its own factor.
    """
    factors = list(dict.fromkeys(link.rescale for link in links))
    features, *size = conv.input_shape
    weight = np.concatenate([conv.weight * np.float32(factor) for factor in factors], axis=1)
    wide = replace(conv, weight=weight, input_shape=(len(factors) * features, *size))
    shifted = [
        replace(link, feature_shift=factors.index(link.rescale) * features) for link in links
    ]
    return wide, shifted


def _as_conv(node: Linear, map_shape: Shape) -> Conv:
    features, height, width = map_shape
    outputs = node.weight.shape[0]
    return Conv(
        name=node.name,
        input_shape=map_shape,
        output_shape=(outputs, 1, 1),
        weight=node.weight.reshape(outputs, features, height, width),
        bias=node.bias,
    )


def _named(sources: Iterable[str | None]) -> str:
    return ", ".join("the input" if name is None else repr(name) for name in sources)
