"""What rounding to integers has spoilt in a Xylo network, told layer by layer."""

from collections.abc import Iterator

import numpy as np

from devices.xylo.chip import XyloSpec
from devices.xylo.layer import XyloLayer
from devices.xylo.net import XyloNet
from devices.xylo.quantize import BY_CHANNEL, Rounding, Scales, choose_scales, incoming
from devices.xylo.specification import XyloSpecification
from eventstore.findings import Finding, Severity, error_at, finding_at

COARSE_WEIGHT = 32
"""Weights that reach less than a quarter of their range are rounded coarsely."""


def check_rounded(
    floats: XyloSpecification, net: XyloNet, spec: XyloSpec, rounding: Rounding = BY_CHANNEL
) -> list[Finding]:
    """Return what is worth knowing of a network in integers, against its floats.

    Args:
        floats: the network before.
        net: the same after `quantize`.
        spec: the chip.
        rounding: how it was rounded.
    """
    scales = choose_scales(floats, spec, rounding)
    return [
        finding for layer in floats.layers for finding in _check_layer(layer, floats, net, scales)
    ]


def _check_layer(
    layer: XyloLayer, floats: XyloSpecification, net: XyloNet, scales: Scales
) -> Iterator[Finding]:
    out, ids = layer.is_output, layer.ids
    threshold = (net.threshold_out if out else net.threshold)[ids]
    before = (floats.w_out if out else incoming(floats))[:, ids]
    scaled = np.abs(before) * (scales.output if out else scales.hidden)[ids]
    silent = int((threshold < 1).sum())
    if silent:
        message = f"{silent} of {layer.n_neurons} thresholds round to 0: the neurons never stop"
        fix = "use larger thresholds, or rounding by channel: at least 1/127 of the largest weight"
        yield error_at(layer.name, message, "threshold-rounds-to-zero", fix)
    clipped = int((np.round(scaled) > np.iinfo(np.int8).max).sum())
    if clipped:
        message = f"{clipped:,} of {np.count_nonzero(before):,} weights are clipped"
        fix = "use a higher percentile where that costs too much"
        yield finding_at(Severity.INFO, layer.name, message, "clipped-weights", fix)
    top = scaled.max(axis=0, initial=0.0)
    coarse = int(((top > 0) & (top < COARSE_WEIGHT)).sum())
    if coarse:
        message = f"{coarse} of {layer.n_neurons} neurons have no weight above "
        message += f"{COARSE_WEIGHT} of 127"
        fix = "round by channel, or train with thresholds and biases closer to the weights"
        yield finding_at(Severity.WARNING, layer.name, message, "coarse-weights", fix)
    lost = int(((before != 0) & (np.round(scaled) == 0)).sum())
    if lost > np.count_nonzero(before) // 4:
        message = f"{lost:,} of {np.count_nonzero(before):,} weights round to 0"
        fix = "round by channel, or clip the largest: Rounding(percentile=99)"
        yield finding_at(Severity.WARNING, layer.name, message, "weights-round-to-zero", fix)
