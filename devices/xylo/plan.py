"""Group a graph into layers of neurons with the weights that drive them, before any is numbered.

Spikes may be summed with spikes and currents with currents; spikes become currents in weights and
currents become spikes in neurons. Anything else is a finding.
"""

from collections import Counter
from dataclasses import dataclass, field

from devices.nodes import INPUT, Flatten, Graph, Linear, Merge, Node, Spiking, Unflatten
from eventstore.findings import Finding, error_at


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Drive:
    """Weights into a layer, and whose spikes they take.

    Args:
        linear: the weights.
        sources: names of neurons, or `INPUT`, by how often their spikes count.
    """

    linear: Linear
    sources: Counter[str]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PlannedLayer:
    """A layer of neurons and all that drives it.

    Args:
        spiking: the neurons.
        drives: the weights whose sums go into it.
    """

    spiking: Spiking
    drives: tuple[Drive, ...]

    @property
    def name(self) -> str:
        """Name of the first of its weights in the model."""
        return self.drives[0].linear.name if self.drives else self.spiking.name

    @property
    def sources(self) -> frozenset[str]:
        """Whose spikes drive it."""
        return frozenset(source for drive in self.drives for source in drive.sources)

    @property
    def n_synapses(self) -> int:
        """Synapses of each of its neurons; none: what comes in goes to the membrane."""
        dynamics = self.spiking.dynamics
        return 0 if dynamics is None or dynamics.tau_syn is None else len(dynamics.tau_syn)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class XyloPlan:
    """A network as layers of neurons.

    Args:
        n_inputs: inputs of the network.
        layers: in topological order, the output layer among them.
        outputs: names of the neurons whose spikes, summed, leave the network.
        findings: an error for each node that no chip of the family computes.
    """

    n_inputs: int
    layers: tuple[PlannedLayer, ...]
    outputs: Counter[str]
    findings: tuple[Finding, ...]

    @property
    def output(self) -> PlannedLayer | None:
        """The output layer, where there is one alone."""
        names = list(self.outputs.elements())
        found = [layer for layer in self.layers if [layer.spiking.name] == names]
        return found[0] if found else None

    @property
    def hidden(self) -> tuple[PlannedLayer, ...]:
        """All layers but the output."""
        return tuple(layer for layer in self.layers if layer is not self.output)

    def targets(self, name: str) -> tuple[PlannedLayer, ...]:
        """Return the layers that take the spikes of a layer, or of `INPUT`."""
        return tuple(layer for layer in self.layers if name in layer.sources)


def plan_layers(graph: Graph) -> XyloPlan:
    """Group a graph's nodes into layers of neurons and what drives them.

    Examples:
        >>> plan_layers(Graph.chain((16,), ())).layers
        ()
    """
    planning = _Planning(graph)
    for node in graph:
        planning.add(node)
    outputs: Counter[str] = Counter()
    for name in graph.output_names:
        outputs += planning.leaving(graph[name])
    n_inputs = 1
    for size in graph.input_shape:
        n_inputs *= size
    return XyloPlan(
        n_inputs=n_inputs,
        layers=tuple(planning.layers),
        outputs=outputs,
        findings=tuple(planning.findings),
    )


@dataclass(frozen=True, slots=True)
class _Stream:
    """What a node puts out: spikes by whose they are, or currents by what makes them."""

    spikes: Counter[str] = field(default_factory=Counter)
    currents: tuple[Drive, ...] = ()


@dataclass(slots=True)
class _Planning:
    """Layers so far, what each node puts out, and what could not be placed."""

    graph: Graph
    layers: list[PlannedLayer] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    streams: dict[str, _Stream] = field(default_factory=dict)

    def add(self, node: Node) -> None:
        incoming = self._incoming(node)
        match node:
            case Linear():
                made = self._weights(node, incoming)
            case Spiking():
                made = self._neurons(node, incoming)
            case Flatten() | Merge() | Unflatten():
                made = incoming
            case _:
                message = f"{type(node).__name__} has no counterpart: a chip of this family has "
                message += "no maps, kernels or pooling"
                fix = "use linear layers with snn.CubaLIF neurons: nn.Flatten() before them"
                self._refuse(node, "node-kind", message, fix)
                made = _Stream(spikes=incoming.spikes or Counter([node.name]))
        self.streams[node.name] = made

    def leaving(self, node: Node) -> Counter[str]:
        """Return whose spikes leave the network at a node; say where they are no spikes."""
        stream = self.streams[node.name]
        if stream.currents:
            message = "nothing fires after these weights: outputs are spikes of neurons"
            self._refuse(node, "neurons-missing", message, "put snn.CubaLIF() after them")
        return stream.spikes

    def _incoming(self, node: Node) -> _Stream:
        given = [self.streams[name] for name in self.graph.sources(node.name)]
        if self.graph.reads_input(node.name):
            given.append(_Stream(spikes=Counter([INPUT])))
        spikes: Counter[str] = sum((stream.spikes for stream in given), Counter())
        currents = tuple(drive for stream in given for drive in stream.currents)
        if spikes and currents:
            message = "adds spikes to what comes out of weights"
            self._refuse(node, "merge-mixed", message, "put neurons after the weights first")
            spikes = Counter()
        return _Stream(spikes=spikes, currents=currents)

    def _weights(self, node: Linear, incoming: _Stream) -> _Stream:
        if incoming.currents:
            before = ", ".join(repr(drive.linear.name) for drive in incoming.currents)
            message = f"these weights take what comes out of weights {before}"
            fix = "put snn.CubaLIF() between them, or multiply them to one matrix"
            self._refuse(node, "weights-after-weights", message, fix)
        return _Stream(currents=(Drive(linear=node, sources=incoming.spikes),))

    def _neurons(self, node: Spiking, incoming: _Stream) -> _Stream:
        if not incoming.currents:
            message = "no weights come before these neurons"
            self._refuse(node, "weights-missing", message, "put a linear layer before them")
        self.layers.append(PlannedLayer(spiking=node, drives=incoming.currents))
        return _Stream(spikes=Counter([node.name]))

    def _refuse(self, node: Node, check: str, message: str, fix: str) -> None:
        self.findings.append(error_at(node.name, message, check, fix))
