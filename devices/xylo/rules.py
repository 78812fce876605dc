"""All that a network breaks on a chip of the family, and what else is worth knowing, at once."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from devices.nodes import Graph
from devices.xylo.chip import XyloSpec
from devices.xylo.layer_rules import HIDDEN_RULES, LAYER_RULES
from devices.xylo.layout import lay_out
from devices.xylo.net_rules import NET_RULES
from devices.xylo.plan import plan_layers
from eventstore.findings import Finding

NAMED = 3
"""So many layers of which the same is said are named; the others are counted."""


def check_graph(graph: Graph, spec: XyloSpec) -> list[Finding]:
    """Return all limits of a chip that a network breaks, and what else is worth knowing.

    Args:
        graph: the network.
        spec: the chip.

    Examples:
        >>> from devices.xylo.chip import XYLO_AUDIO3
        >>> [finding.check for finding in check_graph(Graph.chain((16,), ()), XYLO_AUDIO3)]
        ['no-layers']
    """
    plan = plan_layers(graph)
    layout = lay_out(plan, spec)
    findings = list(plan.findings)
    for layer in plan.layers:
        hidden = () if layer is plan.output else HIDDEN_RULES
        for rule in (*LAYER_RULES, *hidden):
            findings += rule.findings(layer, spec, layer.name)
    last = plan.layers[-1].name if plan.layers else "network"
    for net_rule in NET_RULES:
        findings += net_rule.findings(layout, spec, last)
    return _grouped(findings)


def _grouped(findings: Iterable[Finding]) -> list[Finding]:
    """Return findings with what is said of several layers in the same words said once."""
    places: dict[tuple[object, ...], list[Finding]] = {}
    for finding in findings:
        said = (finding.check, finding.message, finding.severity)
        places.setdefault(said, []).append(finding)
    return [replace(same[0], where=_places(same)) for same in places.values()]


def _places(same: Sequence[Finding]) -> str:
    more = f" and {len(same) - NAMED} more" if len(same) > NAMED else ""
    return ", ".join(finding.where for finding in same[:NAMED]) + more
