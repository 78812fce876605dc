"""All that a network breaks on the chip, and what else is worth knowing, at once."""

import numpy as np

from devices.dynapse.chip import DynapseSpec
from devices.dynapse.coded import CodedNet
from devices.dynapse.layer_rules import GRAPH_RULES, LAYER_RULES
from devices.dynapse.net import DynapseNet, net_of
from devices.dynapse.quantize import clusters_of, quantize_net
from devices.dynapse.routing import route
from devices.nodes import Graph
from eventstore.findings import Finding, Severity, error_at, finding_at, has_errors

SHARED = 0.05
"""Relative change of a bias current from which on it is worth a warning."""

COARSE = 0.1
"""Root-mean-square change of weights, as a share of theirs, from which on it is worth one."""


def check_graph(graph: Graph, spec: DynapseSpec) -> list[Finding]:
    """Return every limit that a network breaks, and what sharing and rounding cost.

    Args:
        graph: the network.
        spec: the chip.

    Examples:
        >>> from devices.dynapse.chip import DYNAPSE2
        >>> [finding.check for finding in check_graph(Graph.chain((16,), ()), DYNAPSE2)]
        ['order']
    """
    findings = [
        finding
        for node in graph
        for rule in LAYER_RULES
        for finding in rule.findings(node, spec, node.name)
    ]
    for graph_rule in GRAPH_RULES:
        findings += graph_rule.findings(graph, spec, "network")
    return findings if has_errors(findings) else findings + check_net(net_of(graph), spec)


def check_net(net: DynapseNet, spec: DynapseSpec) -> list[Finding]:
    """Return what a network of the right kind breaks, and what sharing and rounding cost."""
    coded = quantize_net(net, spec)
    return [*check_coded(coded, spec), *_sharing(net, spec), *_rounding(net, coded)]


def check_coded(net: CodedNet, spec: DynapseSpec) -> list[Finding]:
    """Return what a network in codes breaks: synapses, places, tags and destinations."""
    findings = []
    for one in net.populations:
        worst = int(one.fan_in.max(initial=0))
        if worst > spec.synapses_per_neuron:
            n_over = int((one.fan_in > spec.synapses_per_neuron).sum())
            message = f"neurons listen to {worst} sources, each has {spec.synapses_per_neuron} "
            message += f"synapses ({n_over} of {len(one.core)} neurons have too few)"
            fix = "use fewer inputs or neurons in the layer before, or set small weights to 0"
            findings.append(error_at(one.name, message, "fan-in", fix))
        silent = int((one.fan_in == 0).sum())
        if silent:
            message = f"{silent} of {len(one.core)} neurons have no synapse left"
            fix = "train again, or leave them out"
            findings.append(finding_at(Severity.WARNING, one.name, message, "no-synapse", fix))
    routing = route(net, spec)
    for number, count in enumerate(np.bincount(net.core, minlength=1)):
        if count > spec.neurons_per_core:
            message = f"{count} neurons on core {number}, which has {spec.neurons_per_core}"
            findings.append(error_at("network", message, "core-neurons", "quantise again"))
    n_tags = int(routing.tag.max(initial=-1)) + 1
    if n_tags > spec.n_tags:
        message = f"{n_tags:,} tags to tell sources apart, there are {spec.n_tags:,}"
        fix = "use fewer inputs and neurons, or layers that reach fewer cores"
        findings.append(error_at("network", message, "tags", fix))
    sent = int(routing.n_sent.max(initial=0))
    if sent > spec.destinations_per_neuron:
        message = f"spikes of a neuron go to {sent} destinations, it has "
        message += f"{spec.destinations_per_neuron}"
        fix = "let output neurons feed fewer chips: no recurrence there"
        findings.append(error_at("network", message, "destinations", fix))
    return findings


def _sharing(net: DynapseNet, spec: DynapseSpec) -> list[Finding]:
    clusters = clusters_of(net, spec)
    if clusters.deviation <= SHARED:
        return []
    n_cores = clusters.currents.shape[1]
    message = f"neurons of a core share their bias currents: on {n_cores} cores currents change "
    message += f"by up to {100 * clusters.deviation:.0f} %"
    fix = "train one current a layer, not one a neuron"
    return [finding_at(Severity.WARNING, "network", message, "shared-currents", fix)]


def _rounding(net: DynapseNet, coded: CodedNet) -> list[Finding]:
    findings = []
    for before, after in zip(net.populations, coded.decoded().populations, strict=True):
        size = float(np.sqrt(np.mean(before.weight.astype(np.float64) ** 2))) or 1.0
        change = float(np.sqrt(np.mean((before.weight - after.weight).astype(np.float64) ** 2)))
        share = change / size
        message = f"four bits change weights by {100 * share:.1f} % of their size (rms)"
        coarse = share > COARSE
        severity = Severity.WARNING if coarse else Severity.INFO
        fix = "train with noise, or with fewer weights a core" if coarse else ""
        findings.append(finding_at(severity, before.name, message, "rounding", fix))
    return findings
