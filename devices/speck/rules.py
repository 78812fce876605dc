"""Every limit of the chip as one named rule; a check reports all that are broken, not the first.

Rules look at the layers that cores would compute (`devices.speck.cores`): those of a single
layer are in `devices.speck.layer_rules`, those of the whole network here.
"""

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from devices.nodes import Graph
from devices.speck.chip import SpeckSpec
from devices.speck.cores import CoreLayer, plan_cores
from devices.speck.layer_rules import LAYER_RULES, Broken, LayerRule, words_of
from devices.speck.mapping import assign_cores, explain_conflict
from eventstore.findings import Finding, Severity

NetTest: TypeAlias = Callable[[Sequence[CoreLayer], SpeckSpec], Broken | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class NetRule:
    """A limit that all layers must keep together.

    Args:
        name: stable name of the check.
        test: returns how the layers break the rule, or None.
        severity: how much it matters.
    """

    name: str
    test: NetTest
    severity: Severity = Severity.ERROR


def check_graph(graph: Graph, spec: SpeckSpec) -> list[Finding]:
    """Return all limits of a chip that a network breaks, and what else is worth knowing.

    Args:
        graph: the network.
        spec: the chip.

    Examples:
        >>> from devices.speck.chip import SPECK2F
        >>> [finding.check for finding in check_graph(Graph.chain((2, 8, 8), ()), SPECK2F)]
        ['no-layers']
    """
    layers, findings = plan_cores(graph)
    findings = _check_edges(graph, spec) + findings
    for layer in layers:
        for rule in LAYER_RULES:
            broken = rule.test(layer, spec)
            if broken:
                findings.append(_finding(rule, layer.name, broken))
    for net_rule in NET_RULES:
        broken = net_rule.test(layers, spec)
        if broken:
            findings.append(_finding(net_rule, layers[-1].name if layers else "network", broken))
    return findings


def _finding(rule: LayerRule | NetRule, where: str, broken: Broken) -> Finding:
    return Finding(
        severity=rule.severity,
        where=where,
        message=broken.message,
        fix=broken.fix,
        check=rule.name,
    )


def _check_edges(graph: Graph, spec: SpeckSpec) -> list[Finding]:
    error = Severity.ERROR
    found = []
    fan_out = Counter(source for source, _ in graph.edges)
    for name, targets in fan_out.items():
        if targets > spec.max_destinations:
            message = f"feeds {targets} layers, a core sends to at most {spec.max_destinations}"
            fix = "repeat the layer, or chain the branches"
            found.append(
                Finding(severity=error, where=name, message=message, fix=fix, check="fan-out")
            )
    if not graph.is_chain:
        message = "the network branches; only chains of layers are placed on cores"
        fix = "write it as one sequence of layers"
        found.append(
            Finding(severity=error, where="network", message=message, fix=fix, check="branch")
        )
    return found


def _no_layers(layers: Sequence[CoreLayer], _: SpeckSpec) -> Broken | None:
    if layers:
        return None
    return Broken("there is no layer with weights", "add a convolution or linear layer with IAF")


def _layer_count(layers: Sequence[CoreLayer], spec: SpeckSpec) -> Broken | None:
    if len(layers) <= spec.n_cores:
        return None
    message = f"{len(layers)} layers, one core each, but {spec.name} has {spec.n_cores} cores"
    return Broken(message, f"use at most {spec.n_cores} convolution and linear layers")


def _assignment(layers: Sequence[CoreLayer], spec: SpeckSpec) -> Broken | None:
    candidates = [words_of(layer).candidates(spec) for layer in layers]
    hopeless = len(layers) > spec.n_cores or not all(candidates)
    if hopeless or assign_cores(candidates, spec.n_cores) is not None:
        return None  # said by layer-count and the rules on memory
    conflict = explain_conflict([layer.name for layer in layers], candidates, spec.n_cores)
    return Broken(conflict, "make one of these layers smaller, or remove one")


def _pool_after_last(layers: Sequence[CoreLayer], _: SpeckSpec) -> Broken | None:
    if not layers or not layers[-1].pools:
        return None
    names = ", ".join(repr(pool.name) for pool in layers[-1].pools)
    return Broken(
        f"pooling {names} after the last layer: a core pools only what it sends to another",
        "remove it, or use a linear layer at the end",
    )


def _readout_classes(layers: Sequence[CoreLayer], spec: SpeckSpec) -> Broken | None:
    outputs = math.prod(layers[-1].conv.output_shape) if layers else 0
    if outputs <= spec.readout_classes:
        return None
    return Broken(
        f"{outputs} outputs, the on-chip readout tells {spec.readout_classes} classes apart",
        "read the spikes of the last core from its monitor instead",
    )


def _readout_channels(layers: Sequence[CoreLayer], spec: SpeckSpec) -> Broken | None:
    step = spec.readout_channel_step
    if not layers or not 1 < math.prod(layers[-1].conv.output_shape) <= spec.readout_classes:
        return None
    message = f"the on-chip readout sees only channels 0, {step}, {2 * step}, … of the last core"
    return Broken(message, "read the spikes of the last core from its monitor, as config() sets up")


NET_RULES: tuple[NetRule, ...] = (
    NetRule(name="no-layers", test=_no_layers),
    NetRule(name="layer-count", test=_layer_count),
    NetRule(name="core-assignment", test=_assignment),
    NetRule(name="pool-after-last", test=_pool_after_last),
    NetRule(name="readout-classes", test=_readout_classes, severity=Severity.WARNING),
    NetRule(name="readout-channels", test=_readout_channels, severity=Severity.INFO),
)
"""Limits of the network as a whole."""
