"""Limits of the layers of a network, each a named rule; all are told at once."""

import numpy as np

from devices.dpi_nodes import DpiNeurons
from devices.dynapse.chip import DynapseSpec
from devices.dynapse.net import USED, WEIGHTS
from devices.nodes import Graph, Linear, Node
from devices.rule import Broken, Rule
from snn.dpi.inhibition import ROW_COUNTS


def _node_kind(node: Node, _: DynapseSpec) -> Broken | None:
    if isinstance(node, USED):
        return None
    kind = getattr(node, "kind", type(node).__name__)
    return Broken(
        f"{kind}: the chip has synapses from all to all and DPI neurons",
        "build the network of nn.Linear(…, bias=False) and snn.dpi.layer.DPI(…)",
    )


def _bias(node: Node, _: DynapseSpec) -> Broken | None:
    if not isinstance(node, Linear) or node.bias is None or not node.bias.any():
        return None
    return Broken(
        f"{np.count_nonzero(node.bias)} biases: synapses have weights alone",
        "use nn.Linear(…, bias=False); a constant input is the neurons' current idc",
    )


def _not_finite(node: Node, _: DynapseSpec) -> Broken | None:
    arrays = [node.weight] if isinstance(node, WEIGHTS) else []
    if isinstance(node, DpiNeurons):
        arrays = [node.currents] + ([] if node.recurrent is None else [node.recurrent])
    if all(np.isfinite(array).all() for array in arrays):
        return None
    return Broken("numbers that are not finite", "train again: the model diverged")


LAYER_RULES: tuple[Rule[Node, DynapseSpec], ...] = (
    Rule(name="node-kind", test=_node_kind),
    Rule(name="bias", test=_bias),
    Rule(name="not-finite", test=_not_finite),
)
"""Rules of a node by itself."""


def _order(graph: Graph, _: DynapseSpec) -> Broken | None:
    kinds = [type(node) for node in graph if isinstance(node, (*WEIGHTS, DpiNeurons))]
    pairs = list(zip(kinds[::2], kinds[1::2], strict=False))
    in_turn = all(one in WEIGHTS and other is DpiNeurons for one, other in pairs)
    if kinds and len(kinds) % 2 == 0 and in_turn:
        return None
    said = ", ".join(kind.__name__ for kind in kinds) or "none"
    return Broken(
        f"layers are not weights and neurons in turn: {said}",
        "put DPI neurons after each nn.Linear, and weights before all neurons",
    )


def _chain(graph: Graph, _: DynapseSpec) -> Broken | None:
    if graph.is_chain:
        return None
    return Broken(
        "the network branches: its layers are not one after the other",
        "make it a chain; sums of branches can be written as weights",
    )


def _one_step(graph: Graph, _: DynapseSpec) -> Broken | None:
    neurons = [node for node in graph if isinstance(node, DpiNeurons)]
    facts = {(node.dt, node.i_scale, node.circuit) for node in neurons}
    if len(facts) <= 1:
        return None
    said = ", ".join(f"dt={dt:g} i_scale={i_scale:g}" for dt, i_scale, _ in sorted(facts, key=str))
    return Broken(
        f"layers differ in time step, scale of weights or circuit: {said}",
        "give all DPI layers the same dt, i_scale and circuit",
    )


def _inhibition(graph: Graph, _: DynapseSpec) -> Broken | None:
    neurons = [node for node in graph if isinstance(node, DpiNeurons)]
    without = [node.name for node in neurons if len(node.currents) == ROW_COUNTS[0]]
    if len(without) in {0, len(neurons)}:
        return None
    return Broken(
        f"neurons of {', '.join(without)} have no inhibitory synapses of their own, others have",
        "give all DPI layers inhibition=…, after SignedLinear(…), or none",
    )


def _neurons(graph: Graph, spec: DynapseSpec) -> Broken | None:
    n = sum(node.n_neurons for node in graph if isinstance(node, DpiNeurons))
    if n <= spec.n_neurons:
        return None
    return Broken(f"{n:,} neurons, the stack has {spec.n_neurons:,}", "use fewer neurons a layer")


GRAPH_RULES: tuple[Rule[Graph, DynapseSpec], ...] = (
    Rule(name="order", test=_order, where="network"),
    Rule(name="chain", test=_chain, where="network"),
    Rule(name="one-step", test=_one_step, where="network"),
    Rule(name="inhibition", test=_inhibition, where="network"),
    Rule(name="neurons", test=_neurons, where="network"),
)
"""Rules of a whole network."""
