"""Rules of where a network meets the outside: the camera before it, the readout after it.

None of them is an error: events may come from the host, and spikes be read from a monitor.
"""

import math

from devices.rule import Broken
from devices.speck.chip import SpeckSpec
from devices.speck.core_words import Words
from devices.speck.cores import CorePlan
from devices.speck.layer_rules import words_of
from devices.speck.mapping import assign_cores
from devices.speck.readout_spread import spread_width

SENSOR_FEATURES = (1, 2)
"""Polarities merged, or apart."""


def sensor_input(plan: CorePlan, spec: SpeckSpec) -> Broken | None:
    """Say why the camera of the chip cannot be what feeds the network."""
    first = plan.out_of(None)
    if not first or not spec.has_sensor:
        return None
    features, height, width = first[0].map_shape
    edge = spec.sensor_edge
    if features in SENSOR_FEATURES and max(height, width) <= edge:
        return None
    return Broken(
        f"input of {features} × {width} × {height}, the chip's camera gives 1 or 2 features of at "
        f"most {edge} × {edge}, summed over windows of edge "
        f"{', '.join(map(str, spec.sensor_pools))}",
        "send the events from the host, or train on maps that the camera can give",
    )


def sensor_missing(plan: CorePlan, spec: SpeckSpec) -> Broken | None:
    """Say that the chip has no camera."""
    if spec.has_sensor or not plan.layers:
        return None
    return Broken(f"{spec.name} has no camera of its own", "send the events from the host")


def readout_missing(plan: CorePlan, spec: SpeckSpec) -> Broken | None:
    """Say that the chip has no readout."""
    if spec.has_readout or not plan.layers:
        return None
    message = f"{spec.name} has no on-chip readout"
    return Broken(message, "read the spikes of the last core from its monitor")


def readout_classes(plan: CorePlan, spec: SpeckSpec) -> Broken | None:
    """Say that there are more outputs than classes."""
    outputs = math.prod(plan.layers[-1].conv.output_shape) if plan.layers else 0
    if outputs <= spec.readout_classes or not spec.has_readout:
        return None
    return Broken(
        f"{outputs} outputs, the on-chip readout tells {spec.readout_classes} classes apart",
        "read the spikes of the last core from its monitor instead",
    )


def readout_channels(plan: CorePlan, spec: SpeckSpec) -> Broken | None:
    """Say what the erratum of the readout costs, and whether the network still fits then."""
    step = spec.readout_channel_step
    shape = plan.layers[-1].conv.output_shape if plan.layers else (0,)
    if step == 1 or not spec.has_readout or not 1 < math.prod(shape) <= spec.readout_classes:
        return None
    message = f"the on-chip readout sees only channels 0, {step}, {2 * step}, … of the last core"
    monitor = "read the spikes of the last core from its monitor, as config() sets up"
    if shape[1:] != (1, 1):
        return Broken(message, monitor)
    words = [words_of(layer) for layer in plan.layers]
    words[-1] = _spread_words(plan, spec)
    possible = assign_cores([need.candidates(spec) for need in words], spec.n_cores) is not None
    channels = spread_width(shape[0], step)
    message += f"; spread over {channels} channels the last layer needs {words[-1].kernel:,} words "
    message += f"of weights, which {'fits' if possible else 'does not fit'}"
    return Broken(message, "a configuration with the readout on does that" if possible else monitor)


def _spread_words(plan: CorePlan, spec: SpeckSpec) -> Words:
    conv = plan.layers[-1].conv
    channels = spread_width(conv.output_shape[0], spec.readout_channel_step)
    weight_shape = (channels, conv.input_shape[0], *conv.weight.shape[2:])
    return Words.of(weight_shape, (channels, 1, 1), has_bias=conv.bias is not None)
