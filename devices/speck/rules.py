"""Every limit of the chip as one named rule; a check reports all that are broken, not the first.

Rules look at the layers that cores would compute and the links between them
(`devices.speck.cores`): those of a single layer are in `devices.speck.layer_rules`, of a single
link in `devices.speck.link_rules`, those of camera and readout in `devices.speck.edge_rules`, those
of the whole network here.
"""

from devices.nodes import Graph
from devices.rule import Broken, Rule
from devices.speck.chip import SpeckSpec
from devices.speck.cores import CorePlan, plan_cores
from devices.speck.edge_rules import (
    readout_channels,
    readout_classes,
    readout_missing,
    sensor_input,
    sensor_missing,
)
from devices.speck.layer_rules import LAYER_RULES, words_of
from devices.speck.link_rules import LINK_RULES
from devices.speck.mapping import assign_cores, describe_conflict
from eventstore.findings import Finding, Severity


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
    plan = plan_cores(graph)
    findings = _check_fan_out(plan, spec) + list(plan.findings)
    for layer in plan.layers:
        for rule in LAYER_RULES:
            findings += rule.findings(layer, spec, layer.name)
    for link in plan.links:
        for link_rule in LINK_RULES:
            findings += link_rule.findings(link, spec, link.source or "input")
    last = plan.layers[-1].name if plan.layers else "network"
    for net_rule in NET_RULES:
        findings += net_rule.findings(plan, spec, last)
    return findings


def _check_fan_out(plan: CorePlan, spec: SpeckSpec) -> list[Finding]:
    found = []
    for name in (None, *(layer.name for layer in plan.layers)):
        targets = [link.target for link in plan.out_of(name)]
        if len(targets) > spec.max_destinations:
            sender = "the sensor" if name is None else "a core"
            listed = ", ".join(targets)
            message = f"feeds {len(targets)} layers ({listed}), {sender} sends to at most "
            message += f"{spec.max_destinations}"
            broken = Broken(message, "repeat the layer, or chain the branches")
            found.append(
                Finding(
                    severity=Severity.ERROR,
                    where="input" if name is None else name,
                    message=broken.message,
                    fix=broken.fix,
                    check="fan-out",
                )
            )
    return found


def _no_layers(plan: CorePlan, _: SpeckSpec) -> Broken | None:
    if plan.layers:
        return None
    return Broken("there is no layer with weights", "add a convolution or linear layer with IAF")


def _layer_count(plan: CorePlan, spec: SpeckSpec) -> Broken | None:
    if len(plan.layers) <= spec.n_cores:
        return None
    message = f"{len(plan.layers)} layers, one core each, but {spec.name} has {spec.n_cores} cores"
    return Broken(message, f"use at most {spec.n_cores} convolution and linear layers")


def _assignment(plan: CorePlan, spec: SpeckSpec) -> Broken | None:
    candidates = [words_of(layer).candidates(spec) for layer in plan.layers]
    hopeless = len(plan.layers) > spec.n_cores or not all(candidates)
    if hopeless or assign_cores(candidates, spec.n_cores) is not None:
        return None  # said by layer-count and the rules on memory
    names = [layer.name for layer in plan.layers]
    return Broken(*describe_conflict(names, [words_of(layer) for layer in plan.layers], spec))


def _several_outputs(plan: CorePlan, _: SpeckSpec) -> Broken | None:
    names = plan.output_names
    if len(names) < 2:
        return None
    return Broken(
        f"{len(names)} layers feed no other: {', '.join(names)}; a network has one output",
        "merge the branches before the last layer, or remove all but one of them",
    )


NET_RULES: tuple[Rule[CorePlan, SpeckSpec], ...] = (
    Rule(name="no-layers", test=_no_layers),
    Rule(name="layer-count", test=_layer_count),
    Rule(name="core-assignment", test=_assignment),
    Rule(name="several-outputs", test=_several_outputs),
    Rule(name="sensor-input", test=sensor_input, severity=Severity.INFO, where="input"),
    Rule(name="sensor-missing", test=sensor_missing, severity=Severity.INFO, where="input"),
    Rule(name="readout-missing", test=readout_missing, severity=Severity.INFO),
    Rule(name="readout-classes", test=readout_classes, severity=Severity.WARNING),
    Rule(name="readout-channels", test=readout_channels, severity=Severity.INFO),
)
"""Limits of the network as a whole."""
