r"""Float parameters to the integers of a core.

Per layer, with one scale s for all of weights, biases and thresholds, since they meet in one sum:

$$ s = \min(s_8(w), s_8(b), s_{16}(\{threshold, lower\ bound\})), \quad q = round(s \cdot o) $$

where s_n(o) is the largest factor that keeps o within n bits. All is computed in float32 and
rounded half to even, as the vendor's open-source tools do, so that the integers agree bit for bit.
Two of their traps are mended: a layer without lower bound takes the smallest state, which does not
join the scale (else all weights round to zero), and batch normalisation is folded with its epsilon.
States are no part of a graph, so that a forward pass before does not change the integers. Where the
joint scale spoils a layer, `devices.speck.scaling` has an option for it.
"""

from collections.abc import Mapping

import numpy as np

from devices.nodes import Graph
from devices.results import Link, QuantizedGraph, QuantizedLayer
from devices.speck.chip import SpeckSpec
from devices.speck.cores import CoreLayer, plan_cores
from devices.speck.rules import check_graph
from devices.speck.scaling import (
    RULE,
    LayerFloats,
    Scaling,
    choose_scale,
    to_integers,
)
from eventstore.errors import DoesNotFit, NotFound
from eventstore.findings import Finding, Severity

COARSE_WEIGHT = 16
"""A layer whose largest weight is below this has lost more than 3 of its 8 bits."""


def quantize_graph(
    graph: Graph, spec: SpeckSpec, scaling: Scaling | Mapping[str, Scaling] = RULE
) -> QuantizedGraph:
    """Return the network in integers.

    Args:
        graph: a network that the chip can compute.
        spec: the chip.
        scaling: what may be clipped to win finer weights, in all layers or by name of the layer;
            by default nothing, as the documented rule has it (`devices.speck.scaling`).

    Raises:
        DoesNotFit: the network breaks a rule of the chip; lists all that are broken.
    """
    errors = [finding for finding in check_graph(graph, spec) if finding.is_error]
    if errors:
        listed = "; ".join(f"{e.where}: {e.message} ({e.check})" for e in errors)
        rules = "1 rule" if len(errors) == 1 else f"{len(errors)} rules"
        message = f"the network breaks {rules} of {spec.name}: {listed}"
        raise DoesNotFit(message, hint=f"{errors[0].where}: {errors[0].fix}")
    plan = plan_cores(graph)
    names = [layer.name for layer in plan.layers]
    for name in () if isinstance(scaling, Scaling) else scaling:
        if name not in names:
            raise NotFound.among("layer", name, names)  # noqa: EM101 (a word of the message)
    return QuantizedGraph(
        chip=spec.name,
        input_shape=graph.input_shape,
        layers=tuple(
            _quantize_layer(layer, spec, scaling_of(scaling, layer.name)) for layer in plan.layers
        ),
        links=tuple(
            Link(
                source=link.source,
                target=link.target,
                pool=link.pool[0],
                feature_shift=link.feature_shift,
            )
            for link in plan.links
        ),
    )


def scaling_of(scaling: Scaling | Mapping[str, Scaling], name: str) -> Scaling:
    """Return what may be clipped in a layer; layers that are not named follow the rule."""
    return scaling if isinstance(scaling, Scaling) else scaling.get(name, RULE)


def floats_of(layer: CoreLayer) -> LayerFloats:
    """Return the parameters of a layer that share a scale.

    Raises:
        DoesNotFit: it has no neurons that fire.
    """
    conv, spiking = layer.conv, layer.spiking
    if spiking is None or spiking.spike_threshold is None:
        message = f"layer {layer.name!r} has no neurons that fire"
        raise DoesNotFit(message, hint="put snn.IAF() after it")
    return LayerFloats(
        weight=conv.weight * np.float32(layer.rescale),
        bias=conv.bias,
        threshold=spiking.spike_threshold,
        lower_bound=spiking.min_v_mem,
    )


def _quantize_layer(layer: CoreLayer, spec: SpeckSpec, scaling: Scaling) -> QuantizedLayer:
    conv, spiking, floats = layer.conv, layer.spiking, floats_of(layer)
    scale = choose_scale(floats, spec, scaling)
    states = np.array([floats.threshold, floats.lower_bound or 0.0], np.float32)
    threshold, low = (int(state) for state in to_integers(states, scale, spec.state_range))
    weight = to_integers(floats.weight, scale, spec.weight_range).astype(np.int8)
    bias = None
    if floats.bias is not None:
        bias = to_integers(floats.bias, scale, spec.weight_range).astype(np.int8)
    return QuantizedLayer(
        name=layer.name,
        spiking_name=spiking.name if spiking else layer.name,
        input_shape=(conv.input_shape[0], conv.input_shape[1], conv.input_shape[2]),
        weight=weight,
        bias=bias,
        stride=conv.stride,
        padding=conv.padding,
        threshold=threshold,
        lower_bound=spec.state_range[0] if floats.lower_bound is None else low,
        reset="zero" if spiking and spiking.reset == "set" else "subtract",
        scale=float(scale),
        rescale=layer.rescale,
    )


def check_quantized(q: QuantizedGraph) -> list[Finding]:
    """Return what rounding to integers has spoilt."""
    findings = []
    for layer in q.layers:
        largest = int(np.abs(layer.weight.astype(np.int16)).max())
        if layer.threshold < 1:
            findings.append(
                Finding(
                    severity=Severity.ERROR,
                    where=layer.name,
                    message=f"the threshold rounds to {layer.threshold} at scale {layer.scale:.4g}",
                    fix="use a larger threshold: it must be at least 1/127 of the largest weight",
                    check="threshold-rounds-to-zero",
                )
            )
        if largest < COARSE_WEIGHT:
            findings.append(
                Finding(
                    severity=Severity.WARNING,
                    where=layer.name,
                    message=f"the largest weight becomes {largest} of 127: the threshold or "
                    "the lower bound sets the scale",
                    fix="lower threshold and |min_v_mem| to within 256 times the largest weight, "
                    "or quantise with Scaling(clip_lower_bound=True)",
                    check="coarse-weights",
                )
            )
    return findings
