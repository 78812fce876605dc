r"""Float parameters to the integers of a core.

Per layer, with one scale s for all of weights, biases and thresholds, since they meet in one sum:

$$ s = \min(s_8(w), s_8(b), s_{16}(\{threshold, lower\ bound\})), \quad q = round(s \cdot o) $$

where s_n(o) is the largest factor that keeps o within n bits. All is computed in float32 and
rounded half to even, as the vendor's open-source tools do, so that the integers agree bit for bit.
Two of their traps are mended: a layer without lower bound takes the smallest state, which does not
join the scale (else all weights round to zero), and batch normalisation is folded with its epsilon.
"""

import numpy as np

from devices.nodes import Graph
from devices.results import Link, QuantizedGraph, QuantizedLayer
from devices.speck.chip import SpeckSpec, signed_range
from devices.speck.cores import CoreLayer, plan_cores
from devices.speck.rules import check_graph
from eventstore.errors import DoesNotFit
from eventstore.findings import Finding, Severity

COARSE_WEIGHT = 16
"""A layer whose largest weight is below this has lost more than 3 of its 8 bits."""


def quantize_graph(graph: Graph, spec: SpeckSpec) -> QuantizedGraph:
    """Return the network in integers.

    Args:
        graph: a network that the chip can compute.
        spec: the chip.

    Raises:
        DoesNotFit: the network breaks a rule of the chip; lists all that are broken.
    """
    errors = [finding for finding in check_graph(graph, spec) if finding.is_error]
    if errors:
        listed = "; ".join(f"{e.where}: {e.message} ({e.check})" for e in errors)
        message = f"the network breaks {len(errors)} rules of {spec.name}: {listed}"
        raise DoesNotFit(message, hint=f"{errors[0].where}: {errors[0].fix}")
    plan = plan_cores(graph)
    return QuantizedGraph(
        chip=spec.name,
        input_shape=graph.input_shape,
        layers=tuple(_quantize_layer(layer, spec) for layer in plan.layers),
        links=tuple(
            Link(source=link.source, target=link.target, pool=link.pool[0]) for link in plan.links
        ),
    )


def largest_scale(values: np.ndarray, bits: int) -> np.float32:
    """Return the largest factor that keeps all values within so many bits; infinite for zeros.

    Examples:
        >>> float(largest_scale(np.array([-1.0, 0.5], np.float32), 8))
        128.0
    """
    low, high = (np.float32(bound) for bound in signed_range(bits))
    least, most = np.float32(values.min()), np.float32(values.max())
    if abs(least) <= abs(most) * abs(low / high):
        return np.float32(np.inf) if most == 0 else np.float32(abs(high / most))
    return np.float32(abs(low / least))


def _quantize_layer(layer: CoreLayer, spec: SpeckSpec) -> QuantizedLayer:
    conv, spiking = layer.conv, layer.spiking
    if spiking is None or spiking.spike_threshold is None:
        message = f"layer {layer.name!r} has no neurons that fire"
        raise DoesNotFit(message, hint="put snn.IAF() after it")
    weight = conv.weight * np.float32(layer.rescale)
    states = [n for n in (spiking.min_v_mem, spiking.spike_threshold) if n is not None]
    scale = min(
        largest_scale(weight, spec.weight_bits),
        largest_scale(np.array(states, np.float32), spec.state_bits),
    )
    if conv.bias is not None:
        scale = min(scale, largest_scale(conv.bias, spec.weight_bits))
    return QuantizedLayer(
        name=layer.name,
        spiking_name=spiking.name,
        input_shape=(conv.input_shape[0], conv.input_shape[1], conv.input_shape[2]),
        weight=np.rint(weight * scale).astype(np.int8),
        bias=None if conv.bias is None else np.rint(conv.bias * scale).astype(np.int8),
        stride=conv.stride,
        padding=conv.padding,
        threshold=int(np.rint(np.float32(spiking.spike_threshold) * scale)),
        lower_bound=spec.state_range[0]
        if spiking.min_v_mem is None
        else int(np.rint(np.float32(spiking.min_v_mem) * scale)),
        reset="zero" if spiking.reset == "set" else "subtract",
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
                    fix="lower threshold and |min_v_mem| to within 256 times the largest weight",
                    check="coarse-weights",
                )
            )
    return findings
