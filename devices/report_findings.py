"""What a report finds worth a word: silent and saturated layers, and where accuracy goes."""

from collections.abc import Sequence

from devices.fidelity import LayerFidelity, Report, Way
from eventstore.findings import Finding, Severity

ORDER_COSTS = 0.02
"""Accuracy lost by taking events one by one that is worth a warning."""


def noticed(report: Report) -> list[Finding]:
    """Return what is worth a word in a report that has its numbers."""
    found = activity_findings(report.layers)
    if report.integer_way is not None and report.event_way is not None:
        found += order_findings(report.integer_way, report.event_way)
    return found + worst_findings(report)


def activity_findings(layers: Sequence[LayerFidelity]) -> list[Finding]:
    """Return layers in which nothing fires, or everything always."""
    findings = []
    for layer in layers:
        if layer.silent:
            message = (
                f"no neuron fired in integers, {layer.float_spikes:.1f} spikes a sample in floats"
            )
            fix = "lower the threshold, or train with noise on the weights"
            findings.append(_warning(layer.name, "silent-layer", message, fix))
        if layer.saturated:
            message = f"{layer.rate:.2f} spikes a neuron and time step: the layer is always on"
            fix = "raise the threshold, or train with a penalty on spikes"
            findings.append(_warning(layer.name, "saturated-layer", message, fix))
    return findings


def order_findings(stepped: Way, by_event: Way) -> list[Finding]:
    """Return whether taking events one by one costs accuracy."""
    if stepped.accuracy - by_event.accuracy <= ORDER_COSTS:
        return []
    message = (
        f"event by event {by_event.accuracy:.1%} are right, time step by time step "
        f"{stepped.accuracy:.1%}: the order of events within a step matters"
    )
    fix = "spikelake chip tune trains it on in finer time steps"
    return [_warning("network", "event-order", message, fix)]


def worst_findings(report: Report) -> list[Finding]:
    """Return the layer that loses most, with what it loses."""
    worst = report.worst_layer
    if worst is None or worst.event_loss is None:
        return []
    loss = worst.event_loss
    message = (
        f"loses most: with this layer alone in integers, event by event, {loss.accuracy:.1%} are "
        f"right (model {report.float_accuracy:.1%}), {loss.changed:.1%} of decisions change and "
        f"outputs move by {loss.shift:.1%}"
    )
    fix = "spikelake chip tune trains it on in finer time steps" if loss.lost > 0 else ""
    severity = Severity.WARNING if loss.lost > ORDER_COSTS else Severity.INFO
    check = "layer-loses-most"
    return [Finding(severity=severity, where=worst.name, message=message, check=check, fix=fix)]


def _warning(where: str, check: str, message: str, fix: str) -> Finding:
    return Finding(severity=Severity.WARNING, where=where, message=message, check=check, fix=fix)
