"""From a graph to layers in order: subgraphs opened, thresholds joined, loops and forks found."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from heapq import heappop, heappush
from itertools import pairwise, takewhile

import numpy as np

from eventstore.errors import InvalidInput
from snn.nir.kept import kept_in
from snn.nir.nodes import Input, NIRGraph, Node, Output, Scale, Threshold

WEIGHTS = ("Linear", "Affine", "Scale")
INTEGRATORS = ("LI", "I", "CubaLI")
SPIKING = ("IF", "LIF", "CubaLIF")
INPUT = "input"
"""What goes into a `Fork`, among its sources."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Link:
    """One layer.

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


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Fork:
    """Paths that part and meet.

    Args:
        name: of the subgraph they lie in, else ``"branches"``.
        links: the layers, each after its sources.
        sources: for each layer what it takes the sum of, ``"input"`` among them.
        outputs: what is summed to the output of the whole.
    """

    name: str
    links: tuple[Link, ...]
    sources: Mapping[str, tuple[str, ...]]
    outputs: tuple[str, ...]


@dataclass(slots=True)
class _Flat:
    """A graph without subgraphs, taken apart step by step; edges keep the order of the file.

    ``whole`` are names of subgraphs that stay one layer, however their paths run.
    """

    nodes: dict[str, Node] = field(default_factory=dict)
    edges: dict[tuple[str, str], None] = field(default_factory=dict)
    whole: set[str] = field(default_factory=set)

    def before(self, name: str) -> list[str]:
        return [a for a, b in self.edges if b == name]

    def after(self, name: str) -> list[str]:
        return [b for a, b in self.edges if a == name]

    def remove(self, name: str) -> Node:
        self.edges = {edge: None for edge in self.edges if name not in edge}
        return self.nodes.pop(name)

    def contract(self, name: str) -> None:
        """Take out a node that adds up its inputs; what it feeds takes their sum instead."""
        before = self.before(name)
        edges: dict[tuple[str, str], None] = {}
        for a, b in self.edges:
            if b == name:
                continue
            for edge in [(source, b) for source in before] if a == name else [(a, b)]:
                if edge in edges or (edge in self.edges and edge != (a, b)):
                    message = f"two ways lead from {edge[0]!r} to {edge[1]!r}"
                    hint = "a layer of ours takes each source once: put a Scale of 2 between"
                    raise InvalidInput(message, hint=hint)
                edges[edge] = None
        self.edges = edges
        del self.nodes[name]


def layers_of(graph: NIRGraph, *, trust: bool = True) -> list[Link | Fork]:
    """Return the layers from a graph's input to its output, in order.

    Args:
        graph: the graph.
        trust: let subgraphs that our metadata call one layer be one.

    Raises:
        InvalidInput: it has several inputs or outputs, a node beside the way between them, or a
            cycle that is no recurrent layer.

    Examples:
        >>> ends = {"in": Input(shape=(1,)), "out": Output(shape=(1,))}
        >>> nodes = ends | {"s": Scale(scale=np.ones(1))}
        >>> graph = NIRGraph(nodes=nodes, edges=(("in", "s"), ("s", "out")))
        >>> [layer.name for layer in layers_of(graph)]
        ['s']
    """
    flat = _Flat()
    _open(graph, "", flat, trust=trust)
    first, last = _ends(graph)
    thresholds = _join_thresholds(flat)
    feedback = _take_feedback(flat, thresholds)
    _refuse_cycles(flat)
    _refuse_lost(flat, first, last)
    order, cuts = _cuts(flat)
    for name in order:
        if isinstance(flat.nodes[name], Output) and name not in cuts:
            flat.contract(name)
    order, cuts = _cuts(flat)

    def link(name: str) -> Link:
        node, threshold = flat.nodes[name], thresholds.get(name)
        return Link(name=name, node=node, threshold=threshold, feedback=feedback.get(name))

    found: list[Link | Fork] = []
    at = [order.index(name) for name in cuts]
    for start, stop in pairwise(at):
        within = order[start + 1 : stop + 1]
        names = [name for name in within if not isinstance(flat.nodes[name], Output)]
        if len(within) > 1:
            ends = within[-1:] if names == within else flat.before(within[-1])
            sources = {name: flat.before(name) for name in names}
            prefix = within[-1].rpartition(".")[0]
            prefix = prefix if prefix in flat.whole else _shared_prefix(names)
            found.append(
                _fork(prefix, [link(name) for name in names], sources, (order[start], ends))
            )
        else:
            found.extend(link(name) for name in names)
    return found


def _shared_prefix(names: list[str]) -> str:
    """Return the subgraph that all nodes lie in; empty: there is none."""
    levels = zip(*(name.split(".")[:-1] for name in names), strict=False)
    return ".".join(level[0] for level in takewhile(lambda same: len(set(same)) == 1, levels))


def _fork(
    prefix: str,
    links: list[Link],
    sources: Mapping[str, list[str]],
    ends: tuple[str, list[str]],
) -> Fork:
    entry, outputs = ends
    short = {link.name: link.name.removeprefix(f"{prefix}.") for link in links} | {entry: INPUT}
    return Fork(
        name=prefix or "branches",
        links=tuple(
            Link(
                name=short[link.name],
                node=link.node,
                threshold=link.threshold,
                feedback=link.feedback,
            )
            for link in links
        ),
        sources={short[name]: tuple(short[a] for a in given) for name, given in sources.items()},
        outputs=tuple(short[name] for name in outputs),
    )


def _open(graph: NIRGraph, prefix: str, flat: _Flat, *, trust: bool) -> None:
    """Add a graph's nodes and edges; of those within it, outputs that sum stay."""
    for name, node in graph.nodes.items():
        if isinstance(node, NIRGraph):
            _open(node, f"{prefix}{name}.", flat, trust=trust)
        else:
            flat.nodes[prefix + name] = node
    for a, b in graph.edges:
        start, end = graph.nodes[a], graph.nodes[b]
        leaves = _end(start, Output, a) if isinstance(start, NIRGraph) else ""
        enters = _end(end, Input, b) if isinstance(end, NIRGraph) else ""
        flat.edges[prefix + a + leaves, prefix + b + enters] = None
    for name, node in graph.nodes.items():
        if isinstance(node, NIRGraph):
            flat.contract(prefix + name + _end(node, Input, name))
            last = prefix + name + _end(node, Output, name)
            kept = (kept_in(node, f"subgraph {prefix + name!r}") or {}) if trust else {}
            if kept.get("layer") == "Branching":
                flat.whole.add(prefix + name)
            elif len(flat.before(last)) < 2:
                flat.contract(last)


def _end(graph: NIRGraph, kind: type[Node], name: str) -> str:
    found = [inner for inner, node in graph.nodes.items() if isinstance(node, kind)]
    if len(found) != 1:
        message = f"subgraph {name!r} has {len(found)} {kind.__name__} nodes"
        raise InvalidInput(message, hint="a layer of ours has one way in and one out")
    return f".{found[0]}"


def _ends(graph: NIRGraph) -> tuple[str, str]:
    found = []
    for kind in (Input, Output):
        names = [name for name, node in graph.nodes.items() if isinstance(node, kind)]
        if len(names) != 1:
            said = f": {', '.join(names)}" if names else ""
            message = f"the graph has {len(names)} {kind.__name__} nodes{said}"
            raise InvalidInput(message, hint="a network here has one input and one output")
        found.append(names[0])
    return found[0], found[1]


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
            hint = "neurons here put out spikes or potentials, not both: use two nodes"
            raise InvalidInput(message, hint=hint)
        neurons = before[0]
        flat.contract(name)
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
    for a, b in list(flat.edges):
        if a == b:
            keep(a, Scale(scale=np.ones((), np.float32)))
            del flat.edges[a, b]
    return found


def _refuse_cycles(flat: _Flat) -> None:
    try:
        TopologicalSorter({name: flat.before(name) for name in flat.nodes}).prepare()
    except CycleError as error:
        cycle = " → ".join(error.args[1])
        message = f"the cycle {cycle} is no recurrent layer"
        hint = "one is neurons and a single weight back to them; no other cycle can be run"
        raise InvalidInput(message, hint=hint) from error


def _refuse_lost(flat: _Flat, first: str, last: str) -> None:
    """Refuse what no data reach, and what reaches no output."""
    ways = ((first, flat.after, "nothing reaches"), (last, flat.before, "nothing comes out of"))
    for start, step, why in ways:
        reached, front = {start}, [start]
        while front:
            front = [b for a in front for b in step(a) if b not in reached]
            reached.update(front)
        lost = [name for name in flat.nodes if name not in reached]
        if lost:
            message = f"{why} {', '.join(map(repr, lost))}"
            hint = "connect it between the input and the output, or take it out of the graph"
            raise InvalidInput(message, hint=hint)


def _cuts(flat: _Flat) -> tuple[list[str], list[str]]:
    """Return the nodes in order, and those of them that every path crosses."""
    order = _in_order(flat)
    place = {name: i for i, name in enumerate(order)}
    cuts, furthest = [], 0
    for i, name in enumerate(order):
        inside = name.rpartition(".")[0] in flat.whole and not isinstance(flat.nodes[name], Output)
        if furthest <= i and not inside:
            cuts.append(name)
        furthest = max([furthest, *(place[b] for b in flat.after(name))])
    return order, cuts


def _in_order(flat: _Flat) -> list[str]:
    """Return each node after those before it; of those that could be next, the file's first."""
    names = list(flat.nodes)
    waits = {name: len(flat.before(name)) for name in names}
    ready = [i for i, name in enumerate(names) if not waits[name]]
    place = {name: i for i, name in enumerate(names)}
    order = []
    while ready:
        name = names[heappop(ready)]
        order.append(name)
        for after in flat.after(name):
            waits[after] -= 1
            if not waits[after]:
                heappush(ready, place[after])
    return order
