"""Group a graph into what one core computes: convolution, neurons, sum pooling."""

from dataclasses import dataclass, field, replace

from devices.nodes import Conv, Flatten, Graph, Linear, Node, Pool, Shape, Spiking
from eventstore.findings import Finding, Severity


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CoreLayer:
    """What one core is asked to compute; it need not be within the limits of a chip.

    Args:
        conv: the weights; a linear layer is a convolution whose kernel is the whole map.
        spiking: the neurons, or None where the model has none.
        pools: pooling of the spikes, in order.
        rescale: factor on the weights for averages that are computed as sums before this layer.
    """

    conv: Conv
    spiking: Spiking | None = None
    pools: tuple[Pool, ...] = ()
    rescale: float = 1.0

    @property
    def name(self) -> str:
        """Name of the convolution or linear layer in the model."""
        return self.conv.name

    @property
    def pool(self) -> tuple[int, int]:
        """Edges in y and x of all its pooling together."""
        edges = (1, 1)
        for pool in self.pools:
            edges = (edges[0] * pool.kernel[0], edges[1] * pool.kernel[1])
        return edges


@dataclass(slots=True, kw_only=True)
class _Plan:
    """Layers so far, the feature map they end in, and what could not be placed."""

    map_shape: Shape
    layers: list[CoreLayer] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def add(self, node: Node) -> None:
        match node:
            case Conv():
                self._add_weights(node)
            case Linear():
                self._add_weights(self._as_conv(node))
            case Spiking():
                self._add_neurons(node)
            case Pool():
                self._add_pool(node)
            case Flatten():
                return
            case _:
                message = f"{type(node).__name__} has no counterpart in a core"
                self._refuse(node, "node-kind", message, "use convolutions, IAF neurons, pooling")
        if not isinstance(node, Linear) and len(node.output_shape) == 3:
            self.map_shape = node.output_shape

    def _as_conv(self, node: Linear) -> Conv:
        features, height, width = self.map_shape
        outputs = node.weight.shape[0]
        conv = Conv(
            name=node.name,
            input_shape=self.map_shape,
            output_shape=(outputs, 1, 1),
            weight=node.weight.reshape(outputs, features, height, width),
            bias=node.bias,
        )
        self.map_shape = conv.output_shape
        return conv

    def _add_weights(self, conv: Conv) -> None:
        rescale = 1.0
        for pool in self.layers[-1].pools if self.layers else ():
            if pool.kind == "average":
                rescale /= pool.kernel[0] * pool.kernel[1]
        self.layers.append(CoreLayer(conv=conv, rescale=rescale))

    def _add_neurons(self, node: Spiking) -> None:
        last = self.layers[-1] if self.layers else None
        if last is None or last.spiking is not None:
            message = f"neurons {node.name!r} have no weights of their own before them"
            fix = "put a convolution or linear layer before them, or remove them"
            self._refuse(node, "neurons-without-weights", message, fix)
            return
        if last.pools:
            message = f"{last.name!r} is pooled before its neurons {node.name!r}"
            fix = "a core pools spikes: put the neurons before the pooling"
            self._refuse(node, "pool-before-neurons", message, fix)
        self.layers[-1] = replace(last, spiking=node)

    def _add_pool(self, node: Pool) -> None:
        if not self.layers:
            message = f"pooling {node.name!r} comes before the first layer"
            fix = "pool in the pipeline: the transform Downsample(factor=…)"
            self._refuse(node, "pool-before-first-layer", message, fix)
            return
        last = self.layers[-1]
        self.layers[-1] = replace(last, pools=(*last.pools, node))

    def _refuse(self, node: Node, check: str, message: str, fix: str) -> None:
        self.findings.append(
            Finding(severity=Severity.ERROR, where=node.name, message=message, check=check, fix=fix)
        )


def plan_cores(graph: Graph) -> tuple[tuple[CoreLayer, ...], list[Finding]]:
    """Group a graph's nodes into the layers that cores compute.

    Returns: the layers in order, and an error for each node that no core can compute.

    Examples:
        >>> plan_cores(Graph.chain((2, 4, 4), ()))
        ((), [])
    """
    shape = graph.input_shape
    plan = _Plan(map_shape=shape if len(shape) == 3 else (*shape, 1, 1))
    for node in graph:
        plan.add(node)
    return tuple(plan.layers), plan.findings
