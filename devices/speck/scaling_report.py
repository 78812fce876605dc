"""What a chosen scale gains over the documented rule, and what it clips: findings with numbers."""

from collections.abc import Mapping

import numpy as np

from devices.nodes import Graph
from devices.speck.chip import SpeckSpec
from devices.speck.cores import CoreLayer, plan_cores
from devices.speck.quantize import floats_of, scaling_of
from devices.speck.scaling import RULE, LayerFloats, Scaling, choose_scale, rounding_error
from eventstore.findings import Finding, Severity, finding_at


def check_scaling(
    graph: Graph, spec: SpeckSpec, scaling: Scaling | Mapping[str, Scaling]
) -> list[Finding]:
    """Return what a choice of scales changes: one finding for each layer of another scale.

    A threshold that saturates is a warning, for its neurons fire earlier than the model's.

    Args:
        graph: a network that the chip can compute.
        spec: the chip.
        scaling: what may be clipped, in all layers or by name of the layer.
    """
    found = []
    for layer in plan_cores(graph).layers:
        found += _check_layer(layer, spec, scaling_of(scaling, layer.name))
    return found


def _check_layer(layer: CoreLayer, spec: SpeckSpec, scaling: Scaling) -> list[Finding]:
    floats = floats_of(layer)
    joint, scale = choose_scale(floats, spec, RULE), choose_scale(floats, spec, scaling)
    if scale == joint:
        return []
    before, after = (rounding_error(floats, spec, s) for s in (joint, scale))
    message = f"scale {scale:.4g} in place of {joint:.4g}, relative error {np.sqrt(after):.2%} in "
    message += f"place of {np.sqrt(before):.2%}{_clipped(floats, spec, scale)}"
    early = floats.threshold * scale > spec.state_range[1] + 0.5
    severity = Severity.WARNING if early else Severity.INFO
    fix = "compare accuracy: spikelake chip report" if early else ""
    return [finding_at(severity, layer.name, message, "scale-chosen", fix)]


def _clipped(floats: LayerFloats, spec: SpeckSpec, scale: np.float32) -> str:
    """Return what is clipped at a scale, in words."""
    said = ""
    low, high = spec.weight_range
    scaled = np.rint(floats.weights * scale)
    beyond = int(((scaled < low) | (scaled > high)).sum())
    if beyond:
        said += (
            f"; {beyond:,} of {scaled.size:,} weights and biases saturate at ±{high / scale:.4g}"
        )
    least, most = spec.state_range
    if floats.threshold * scale > most + 0.5:
        said += f"; threshold {floats.threshold:.4g} becomes {most / scale:.4g}"
    if floats.lower_bound is not None and floats.lower_bound * scale < least - 0.5:
        said += f"; lower bound {floats.lower_bound:.4g} becomes {least / scale:.4g}, exact while "
        said += "no membrane falls below that"
    return said
