"""What would be lost of a graph, or change its meaning, in each program that reads it."""

from collections.abc import Iterator
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from typing import Any

import numpy as np

from eventstore.findings import Finding, Severity, finding_at
from snn.nir.kept import KEY, kept_in
from snn.nir.nodes import Conv1d, Conv2d, NIRGraph, Node
from snn.nir.peers import NEURONS, Peer, peer_named

ERROR, WARNING, INFO = Severity.ERROR, Severity.WARNING, Severity.INFO


def check_nir(graph: NIRGraph, peer: str) -> list[Finding]:
    """Return what a program would lose of a graph, refuse in it or run otherwise.

    Errors are what it refuses, drops, or runs as something else; warnings what is near; the rest is
    of interest to training alone.

    Args:
        graph: the graph, from `to_nir` or `read_nir`.
        peer: ``"sinabs"``, ``"norse"``, ``"snntorch"``, ``"spikingjelly"``, ``"rockpool"`` or
            ``"lava"``.

    Raises:
        NotFound: the program is unknown.
        InvalidInput: our metadata in the graph are damaged.

    Examples:
        >>> from snn import LIF, SpikingSequential
        >>> from snn.nir import to_nir
        >>> graph = to_nir(SpikingSequential(LIF()), (3,))
        >>> [finding.check for finding in check_nir(graph, "rockpool")]
        ['nir-dialect', 'nir-dt', 'nir-training', 'nir-peer']
    """
    reader = peer_named(peer)
    if not reader.kinds:
        return [_at(one.severity, "graph", one.message, "peer", one.fix) for one in reader.remarks]
    found = [*_check_graph(graph, reader)]
    for place in _places(graph, ""):
        found += _check_kind(place, reader)
        found += _check_remarks(place, reader)
        found += _check_kept(place, reader)
        found += _check_shape(place)
    for name, inner in _graphs(graph, ""):
        found += _check_wiring(name, inner, reader)
    return found


@dataclass(frozen=True, slots=True)
class _Place:
    """A node, where it is, and what we keep beside it."""

    where: str
    node: Node
    kept: dict[str, Any] | None


def _at(severity: Severity, where: str, message: str, check: str, fix: str = "") -> Finding:
    return finding_at(severity, where, message, f"nir-{check}", fix)


def _places(graph: NIRGraph, prefix: str) -> Iterator[_Place]:
    """Walk over the nodes, those within subgraphs by dotted names."""
    for name, node in graph.nodes.items():
        if isinstance(node, NIRGraph):
            yield from _places(node, f"{prefix}{name}.")
        else:
            where = prefix + name
            yield _Place(where, node, kept_in(node, f"node {where!r} ({node.kind})"))


def _graphs(graph: NIRGraph, name: str) -> Iterator[tuple[str, NIRGraph]]:
    yield name or "graph", graph
    for inner, node in graph.nodes.items():
        if isinstance(node, NIRGraph):
            yield from _graphs(node, f"{name}.{inner}" if name else inner)


def _check_graph(graph: NIRGraph, peer: Peer) -> Iterator[Finding]:
    resets = [
        (place.where, value)
        for place in _places(graph, "")
        if (value := getattr(place.node, "v_reset", None)) is not None
    ]
    if resets and not peer.v_reset:
        other = [where for where, value in resets if np.any(value)]
        fix = "write it in the older dialect: v_reset=False, or --dialect older"
        if other:
            fix = f"let {', '.join(other)} be reset to 0; then the older dialect can be written"
        message = f"{peer.title} needs nir 1.0.4 or older, which refuses files with v_reset"
        yield _at(ERROR, "graph", message, "dialect", fix)
    kept = kept_in(graph, "the graph")
    if kept is not None and kept.get("dt") is not None:
        message = f"made for steps of {kept['dt']:g} s, which NIR does not say"
        yield _at(WARNING, "graph", message, "dt", f"run it at {kept['dt']:g} s there")
    if kept is not None and kept.get("left_out"):
        message = f"dropout is not in the graph: {', '.join(kept['left_out'])}"
        yield _at(INFO, "graph", message, "training")
    spiking = [place.where for place in _places(graph, "") if "surrogate" in (place.kept or {})]
    if spiking:
        message = f"how {', '.join(spiking)} are trained is lost: surrogates, and what is fixed"
        yield _at(INFO, "graph", message, "training", "choose it again to go on training there")


def _check_kind(place: _Place, peer: Peer) -> Iterator[Finding]:
    if place.node.kind not in peer.kinds:
        message = f"{peer.title} does not read {place.node.kind}"
        fix = f"it reads {', '.join(sorted(peer.kinds - {'Input', 'Output', 'NIRGraph'}))}"
        yield _at(ERROR, place.where, message, "kind", fix)


def _check_remarks(place: _Place, peer: Peer) -> Iterator[Finding]:
    for remark in peer.remarks:
        if place.node.kind not in remark.kinds:
            continue
        differ = [
            f"{name} is {value.flat[np.abs(value - wanted).argmax()]:g}"
            for name, wanted in remark.unless.items()
            if not np.allclose(value := getattr(place.node, name), wanted)
        ]
        if differ or not remark.unless:
            said = f" ({', '.join(differ)})" if differ else ""
            message = f"{peer.title} {remark.message}{said}"
            yield _at(remark.severity, place.where, message, "peer", remark.fix)


def _check_kept(place: _Place, peer: Peer) -> Iterator[Finding]:
    """Compare what we know of neurons, or what NIR says of others', with what a peer runs."""
    node, kept = place.node, place.kept
    options: dict[str, Any] = (kept or {}).get("options") or {}
    if node.kind in NEURONS & peer.kinds:
        yield from _check_spikes(place, peer, options)
    if options.get("min_v_mem") is not None:
        message = f"the lower bound {options['min_v_mem']:g} of its potential is lost"
        yield _at(ERROR, place.where, message, "bound", "train it with min_v_mem=None")
    layer = (kept or {}).get("layer")
    if layer == "ALIF":
        message = "its threshold, which rises with spikes, stays where it is"
        yield _at(ERROR, place.where, message, "private", "use LIF")
    taus = np.asarray(
        node.metadata.get(f"{KEY}_tau_syn", node.metadata.get(f"{KEY}_log_tau_syn", 0))
    )
    if layer == "CubaLIF" and taus.ndim and len(taus) > 1:
        message = f"of its {len(taus)} synapses for each neuron there is one"
        yield _at(ERROR, place.where, message, "private", "use one synapse")
    if layer == "Unflatten":
        message = "its axis stays in one piece"
        yield _at(ERROR, place.where, message, "private", "use layers that need no Unflatten")


def _check_spikes(place: _Place, peer: Peer, options: dict[str, Any]) -> Iterator[Finding]:
    reset = options.get("reset", "set")
    if peer.after_spike == "late":
        message = f"{peer.title} takes the threshold off in the step after a spike"
        fix = "compare spikes after loading, or train it on there"
        yield _at(WARNING, place.where, message, "reset", fix)
    elif reset != peer.after_spike:
        does = {"set": "sets potentials to v_reset", "subtract": "subtracts the threshold"}
        message = f"{peer.title} {does[peer.after_spike]} after a spike, and it was {reset!r} here"
        fix = f"train it with reset={peer.after_spike!r}" if options else ""
        yield _at(ERROR, place.where, message, "reset", fix)
    most = options.get("max_spikes", None if options else 1)
    if most != 1 and not peer.many_spikes:
        message = f"{peer.title} has at most one spike a step, here {most or 'any number'}"
        yield _at(ERROR, place.where, message, "spikes", "train it with max_spikes=1")
    elif most is not None and peer.many_spikes:
        message = f"{peer.title} has any number of spikes a step, here at most {most}"
        yield _at(WARNING, place.where, message, "spikes", "limit spikes there after loading")


def _check_shape(place: _Place) -> Iterator[Finding]:
    """Name what the package of NIR, which all peers read with, takes for another shape."""
    node = place.node
    if not isinstance(node, Conv1d | Conv2d):
        return
    kernel = node.weight.shape[2:]
    odd = (
        "groups"
        if node.groups != 1
        else "a kernel that is not square"
        if len(set(kernel)) > 1
        else ""
    )
    if odd and node.input_shape is not None:
        message = f"nir's check of shapes (1.0.8) is wrong about {odd}, and refuses the file"
        yield _at(ERROR, place.where, message, "shape", "read it with type_check=False there")


def _check_wiring(name: str, graph: NIRGraph, peer: Peer) -> Iterator[Finding]:
    before: dict[str, list[str]] = {node: [] for node in graph.nodes}
    for a, b in graph.edges:
        before[b].append(a)
    cycle = _cycle(before)
    kinds = {graph.nodes[node].kind for node in cycle} & NEURONS
    if cycle and (not kinds or kinds - peer.recurrent):
        back = " and ".join(sorted(kinds)) or "neurons"
        message = f"{peer.title} is not known to read spikes that go back to {back}"
        yield _at(ERROR, name, message, "recurrent", "use layers without a weight back")
    meet = [b for b, sources in before.items() if len(sources) > 1 and b not in cycle]
    if meet and not peer.branches:
        message = f"whether {peer.title} sums the paths that meet at {', '.join(meet)} is not known"
        yield _at(WARNING, name, message, "branches", "compare outputs after loading")


def _cycle(before: dict[str, list[str]]) -> list[str]:
    try:
        TopologicalSorter(before).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []
