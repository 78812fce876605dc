"""From a graph to a chain: subgraphs opened, thresholds joined to neurons, loops found."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter

import numpy as np

from eventstore.errors import InvalidInput
from snn.nir.nodes import Input, NIRGraph, Node, Output, Scale, Threshold

WEIGHTS = ("Linear", "Affine", "Scale")
INTEGRATORS = ("LI", "I", "CubaLI")
SPIKING = ("IF", "LIF", "CubaLIF")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Link:
    """One layer of a chain.

    Args:
        name: its name; of nodes within subgraphs with a dot.
        node: what it is.
        threshold: of integrators whose potential is compared with it.
        feedback: what their spikes cross on their way back to their input.
    """

    name: str
    node: Node
    threshold: Threshold | None = None
    feedback: Node | None = None


@dataclass(slots=True)
class _Flat:
    """A graph without subgraphs, taken apart step by step."""

    nodes: dict[str, Node] = field(default_factory=dict)
    edges: set[tuple[str, str]] = field(default_factory=set)

    def before(self, name: str) -> list[str]:
        return sorted(a for a, b in self.edges if b == name)

    def after(self, name: str) -> list[str]:
        return sorted(b for a, b in self.edges if a == name)

    def remove(self, name: str) -> Node:
        self.edges = {edge for edge in self.edges if name not in edge}
        return self.nodes.pop(name)


def chain_of(graph: NIRGraph) -> list[Link]:
    """Return the layers from a graph's input to its output.

    Raises:
        InvalidInput: the graph branches, or has a cycle that is no recurrent layer.

    Examples:
        >>> nodes = {"in": Input(shape=(1,)), "s": Scale(scale=np.ones(1)), "out": Output(shape=(1,))}
        >>> [link.name for link in chain_of(NIRGraph(nodes=nodes, edges=(("in", "s"), ("s", "out"))))]
        ['s']
    """
    flat = _Flat()
    _open(graph, "", flat)
    thresholds = _join_thresholds(flat)
    feedback = _take_feedback(flat, thresholds)
    _refuse_cycles(flat)
    return [
        Link(
            name=name,
            node=flat.nodes[name],
            threshold=thresholds.get(name),
            feedback=feedback.get(name),
        )
        for name in _walk(flat)
    ]


def _open(graph: NIRGraph, prefix: str, flat: _Flat) -> None:
    """Add a graph's nodes and edges; of those within it, the ends become edges."""
    for name, node in graph.nodes.items():
        if isinstance(node, NIRGraph):
            _open(node, f"{prefix}{name}.", flat)
        else:
            flat.nodes[prefix + name] = node
    for a, b in graph.edges:
        start, end = graph.nodes[a], graph.nodes[b]
        leaves = _end(start, Output, a) if isinstance(start, NIRGraph) else ""
        enters = _end(end, Input, b) if isinstance(end, NIRGraph) else ""
        flat.edges.add((prefix + a + leaves, prefix + b + enters))
    for name, node in graph.nodes.items():
        if isinstance(node, NIRGraph):
            for kind in (Input, Output):
                _contract(flat, prefix + name + _end(node, kind, name))


def _end(graph: NIRGraph, kind: type[Node], name: str) -> str:
    found = [inner for inner, node in graph.nodes.items() if isinstance(node, kind)]
    if len(found) != 1:
        message = f"subgraph {name!r} has {len(found)} {kind.__name__} nodes"
        raise InvalidInput(message, hint="a layer of ours has one way in and one out")
    return f".{found[0]}"


def _contract(flat: _Flat, name: str) -> None:
    before, after = flat.before(name), flat.after(name)
    flat.remove(name)
    flat.edges |= {(a, b) for a in before for b in after}


def _join_thresholds(flat: _Flat) -> dict[str, Threshold]:
    """Take out thresholds that follow an integrator: together they are neurons without a reset."""
    found: dict[str, Threshold] = {}
    for name, node in list(flat.nodes.items()):
        if not isinstance(node, Threshold):
            continue
        before = flat.before(name)
        if len(before) != 1 or flat.nodes[before[0]].kind not in INTEGRATORS:
            message = f"threshold {name!r} follows {', '.join(before) or 'nothing'}"
            raise InvalidInput(message, hint="one that follows an LI, I or CubaLI can be read")
        if flat.after(before[0]) != [name]:
            message = f"{before[0]!r} feeds {', '.join(flat.after(before[0]))}, not {name!r} alone"
            raise InvalidInput(message, hint="a network here is a chain: split the graph")
        neurons, after = before[0], flat.after(name)
        flat.remove(name)
        flat.edges |= {(neurons, b) for b in after}
        found[neurons] = node
    return found


def _take_feedback(flat: _Flat, thresholds: Mapping[str, Threshold]) -> dict[str, Node]:
    """Take out weights from neurons back to themselves, and edges that do so directly."""
    found: dict[str, Node] = {}

    def keep(neurons: str, node: Node) -> None:
        spikes = flat.nodes[neurons].kind in SPIKING or neurons in thresholds
        if neurons in found or not spikes:
            why = "more than one way back" if spikes else "a way back and no spikes"
            message = f"{neurons!r} ({flat.nodes[neurons].kind}) has {why}"
            raise InvalidInput(message, hint="a recurrent layer is spiking neurons and one weight")
        found[neurons] = node

    for name, node in list(flat.nodes.items()):
        before = flat.before(name)
        if node.kind in WEIGHTS and len(before) == 1 and before == flat.after(name):
            keep(before[0], flat.remove(name))
    for a, b in sorted(flat.edges):
        if a == b:
            keep(a, Scale(scale=np.ones((), np.float32)))
            flat.edges.discard((a, b))
    return found


def _refuse_cycles(flat: _Flat) -> None:
    try:
        TopologicalSorter({name: flat.before(name) for name in flat.nodes}).prepare()
    except CycleError as error:
        cycle = " → ".join(error.args[1])
        message = f"the cycle {cycle} is no recurrent layer"
        hint = "one is neurons and a single weight back to them; more cannot be a chain"
        raise InvalidInput(message, hint=hint) from error


def _walk(flat: _Flat) -> list[str]:
    ends = {
        kind: [name for name, node in flat.nodes.items() if isinstance(node, kind)]
        for kind in (Input, Output)
    }
    for kind, names in ends.items():
        if len(names) != 1:
            message = f"the graph has {len(names)} {kind.__name__} nodes: {', '.join(names)}"
            raise InvalidInput(message, hint="a network here has one input and one output")
    name, order = ends[Input][0], []
    while name != ends[Output][0]:
        after = flat.after(name)
        if len(after) != 1:
            message = f"{name!r} feeds {' and '.join(map(repr, after)) or 'nothing'}"
            raise InvalidInput(message, hint="a network here is a chain: split the graph")
        (name,) = after
        if len(flat.before(name)) != 1:
            joined = " and ".join(map(repr, flat.before(name)))
            message = f"{name!r} is fed by {joined}"
            raise InvalidInput(message, hint="a network here is a chain: split the graph")
        order.append(name)
    lost = sorted(set(flat.nodes) - {*order, ends[Input][0]})
    if lost:
        message = f"{', '.join(map(repr, lost))}: not between the input and the output"
        raise InvalidInput(message, hint="connect them, or take them out of the graph")
    return order[:-1]
