"""Every limit of a single layer as one named rule: what is the case, the limit, the remedy."""

from collections.abc import Sequence

import numpy as np

from devices.rule import Broken, Rule
from devices.speck.chip import SpeckSpec
from devices.speck.core_words import Words
from devices.speck.cores import CoreLayer
from eventstore.findings import Severity


def words_of(layer: CoreLayer) -> Words:
    """Return the memory that a layer needs."""
    conv = layer.conv
    shape = (conv.weight.shape[0], conv.input_shape[0], *conv.weight.shape[2:])
    return Words.of(shape, conv.output_shape, has_bias=conv.bias is not None)


def _kernel_size(layer: CoreLayer, spec: SpeckSpec) -> Broken | None:
    height, width = layer.conv.weight.shape[2:]
    if max(height, width) <= spec.max_kernel:
        return None
    fix = f"use a kernel of at most {spec.max_kernel}; before a linear layer, pool until the map is"
    return Broken(
        f"kernel {width} × {height} is larger than {spec.max_kernel} × {spec.max_kernel}",
        f"{fix} that small",
    )


def _kernel_square(layer: CoreLayer, _: SpeckSpec) -> Broken | None:
    height, width = layer.conv.weight.shape[2:]
    if height == width:
        return None
    fix = "pad the kernel with zeros to a square; before a linear layer, crop the input to a square"
    return Broken(f"kernel {width} × {height} is not square", fix)


def _stride(layer: CoreLayer, spec: SpeckSpec) -> Broken | None:
    if all(step in spec.strides for step in layer.conv.stride):
        return None
    height, width = layer.conv.stride
    return Broken(
        f"stride {width} × {height} is not made of {choices(spec.strides)}",
        "use one of these strides, followed by pooling where the map must shrink more",
    )


def _padding(layer: CoreLayer, spec: SpeckSpec) -> Broken | None:
    height, width = layer.conv.padding
    if max(height, width) <= spec.max_padding:
        return None
    return Broken(
        f"padding {width} × {height} is more than {spec.max_padding}",
        f"pad by at most {spec.max_padding}",
    )


def _dilation(layer: CoreLayer, _: SpeckSpec) -> Broken | None:
    if layer.conv.dilation == (1, 1):
        return None
    height, width = layer.conv.dilation
    return Broken(
        f"dilation {width} × {height}: kernels have no gaps",
        "use dilation=1, or write the gaps as zeros of a larger kernel",
    )


def _groups(layer: CoreLayer, _: SpeckSpec) -> Broken | None:
    if layer.conv.groups == 1:
        return None
    return Broken(
        f"{layer.conv.groups} groups: every output feature sees every input feature",
        "use groups=1, or write the missing connections as zero weights",
    )


def _features(layer: CoreLayer, spec: SpeckSpec) -> Broken | None:
    inputs, outputs = layer.conv.input_shape[0], layer.conv.output_shape[0]
    if max(inputs, outputs) <= spec.max_features:
        return None
    return Broken(
        f"{inputs} input and {outputs} output features, at most {spec.max_features} each",
        "use fewer features; before a linear layer, flatten a map instead of single values",
    )


def _input_size(layer: CoreLayer, spec: SpeckSpec) -> Broken | None:
    _, height, width = layer.conv.input_shape
    if max(height, width) <= spec.max_input:
        return None
    return Broken(
        f"input map {width} × {height} is larger than {spec.max_input} × {spec.max_input}",
        "shrink the input in the pipeline: the transforms Downsample or CropSpace",
    )


def _output_size(layer: CoreLayer, spec: SpeckSpec) -> Broken | None:
    _, height, width = layer.conv.output_shape
    if max(height, width) <= spec.max_output:
        return None
    return Broken(
        f"output map {width} × {height} is larger than {spec.max_output} × {spec.max_output}",
        "use a stride of 2 and more: the limit is on the map before pooling",
    )


def _neurons(layer: CoreLayer, _: SpeckSpec) -> Broken | None:
    if layer.spiking is not None:
        return None
    return Broken("no neurons come after these weights", "put snn.IAF() after them")


def _neuron_kind(layer: CoreLayer, _: SpeckSpec) -> Broken | None:
    if layer.spiking is None or layer.spiking.kind == "IAF":
        return None
    return Broken(
        f"neurons {layer.spiking.name!r} are {layer.spiking.kind}, the chip has IAF: no such leak",
        "train with snn.IAF(); a negative bias is a leak by a constant",
    )


def _recurrence(layer: CoreLayer, _: SpeckSpec) -> Broken | None:
    if layer.spiking is None or layer.spiking.recurrent is None:
        return None
    return Broken(
        f"neurons {layer.spiking.name!r} receive their own spikes, a core sends to others alone",
        "train without snn.Recurrent, or choose a chip that has recurrence: xylo_audio3",
    )


def _one_threshold(layer: CoreLayer, _: SpeckSpec) -> Broken | None:
    if layer.spiking is None or layer.spiking.thresholds is None:
        return None
    different = len(np.unique(layer.spiking.thresholds))
    return Broken(
        f"neurons {layer.spiking.name!r} have {different} thresholds, a core has one",
        "give one spike_threshold for all of them",
    )


def _single_spike(layer: CoreLayer, _: SpeckSpec) -> Broken | None:
    if layer.spiking is None or layer.spiking.max_spikes is None:
        return None
    most = layer.spiking.max_spikes
    return Broken(
        f"neurons {layer.spiking.name!r} fire at most {most} × a time step, the chip's do not stop",
        "train with snn.IAF(max_spikes=None), or with shorter time steps",
    )


def _reset(layer: CoreLayer, _: SpeckSpec) -> Broken | None:
    spiking = layer.spiking
    if spiking is None or spiking.spike_threshold is None or spiking.reset == "subtract":
        return None
    if spiking.reset == "set" and spiking.v_reset == 0:
        return None
    does = f"set to {spiking.v_reset}" if spiking.reset == "set" else "do not reset"
    return Broken(
        f"neurons {spiking.name!r} {does} after a spike, the chip's subtract or return to zero",
        "train with reset='subtract', or reset='set' and v_reset=0",
    )


def _threshold(layer: CoreLayer, _: SpeckSpec) -> Broken | None:
    spiking = layer.spiking
    if spiking is None or spiking.spike_threshold is None or spiking.spike_threshold > 0:
        return None
    return Broken(
        f"spike threshold {spiking.spike_threshold} of {spiking.name!r} is not positive",
        "use a positive threshold: neurons start at zero",
    )


def _lower_bound(layer: CoreLayer, _: SpeckSpec) -> Broken | None:
    low = layer.spiking.min_v_mem if layer.spiking else None
    if low is None or low <= 0:
        return None
    return Broken(
        f"min_v_mem {low} is above zero, where neurons start", "use min_v_mem ≤ 0 or None"
    )


def _finite(layer: CoreLayer, _: SpeckSpec) -> Broken | None:
    spiking = layer.spiking
    state = (spiking.spike_threshold, spiking.min_v_mem) if spiking else ()
    numbers = (layer.conv.weight, layer.conv.bias, *state)
    if all(np.isfinite(n).all() for n in numbers if n is not None):
        return None
    fix = "the training has diverged: lower the learning rate, clip gradients"
    return Broken("weights, biases or thresholds are infinite or not a number", fix)


def _kernel_memory(layer: CoreLayer, spec: SpeckSpec) -> Broken | None:
    need, most = words_of(layer).kernel, max(core.kernel_words for core in spec.cores)
    if need <= most:
        return None
    outputs = _fitting(len(layer.conv.weight), need, most)
    return Broken(
        f"weights need {need:,} words, the largest core has {most:,}",
        f"use fewer features or a smaller kernel (both count in powers of two){outputs}",
    )


def _neuron_memory(layer: CoreLayer, spec: SpeckSpec) -> Broken | None:
    need, most = words_of(layer).neuron, max(core.neuron_words for core in spec.cores)
    if need <= most:
        return None
    outputs = _fitting(len(layer.conv.weight), need, most)
    return Broken(
        f"membrane states need {need:,} words, the largest core has {most:,}",
        f"use fewer features or a larger stride (the map counts in powers of two){outputs}",
    )


def _bias_memory(layer: CoreLayer, spec: SpeckSpec) -> Broken | None:
    need, most = words_of(layer).bias, max(core.bias_words for core in spec.cores)
    if need <= most:
        return None
    fix = "use fewer features, or bias=False"
    return Broken(f"biases need {need:,} words, the largest core has {most:,}", fix)


def _neuron_address(layer: CoreLayer, spec: SpeckSpec) -> Broken | None:
    features, height, width = layer.conv.output_shape
    bits = [(size - 1).bit_length() for size in (width, height, features)]
    if sum(bits) <= spec.address_bits:
        return None
    message = f"{width} × {height} neurons of {features} features take {' + '.join(map(str, bits))}"
    return Broken(
        f"{message} = {sum(bits)} bits of address, a core has {spec.address_bits}",
        "use fewer features or a larger stride (each axis counts in powers of two)",
    )


def _core_memory(layer: CoreLayer, spec: SpeckSpec) -> Broken | None:
    need = words_of(layer)
    too_large = any(test(layer, spec) for test in (_kernel_memory, _neuron_memory, _bias_memory))
    if too_large or need.candidates(spec):
        return None
    return Broken(
        f"no single core has {need.kernel:,} words of weights and {need.neuron:,} of states",
        "cores with much weight memory have little state memory: shrink one of the two",
    )


def _bias_clock(layer: CoreLayer, _: SpeckSpec) -> Broken | None:
    if layer.conv.bias is None or not layer.conv.bias.any():
        return None
    return Broken(
        "biases are added once per tick of the chip's slow clock, in the model once a time step",
        "set the slow clock to one tick per time step, or convert with on_slow_clock(q, dt, tick)",
    )


def _fitting(outputs: int, need: int, most: int) -> str:
    """Return how many output features would just fit, if any."""
    fitting = 1 << ((outputs - 1).bit_length())
    while fitting and need > most:
        fitting, need = fitting // 2, need // 2
    return f"; up to {fitting} output features fit" if 0 < fitting < outputs else ""


def choices(numbers: Sequence[int]) -> str:
    """Return numbers as a list in words."""
    return ", ".join(str(number) for number in numbers)


LAYER_RULES: tuple[Rule[CoreLayer, SpeckSpec], ...] = (
    Rule(name="kernel-size", test=_kernel_size),
    Rule(name="kernel-square", test=_kernel_square),
    Rule(name="stride", test=_stride),
    Rule(name="padding", test=_padding),
    Rule(name="dilation", test=_dilation),
    Rule(name="groups", test=_groups),
    Rule(name="features", test=_features),
    Rule(name="input-size", test=_input_size),
    Rule(name="output-size", test=_output_size),
    Rule(name="neurons-missing", test=_neurons),
    Rule(name="neuron-kind", test=_neuron_kind),
    Rule(name="recurrence", test=_recurrence),
    Rule(name="one-threshold", test=_one_threshold),
    Rule(name="single-spike", test=_single_spike, severity=Severity.WARNING),
    Rule(name="reset", test=_reset),
    Rule(name="threshold", test=_threshold),
    Rule(name="lower-bound", test=_lower_bound),
    Rule(name="finite", test=_finite),
    Rule(name="kernel-memory", test=_kernel_memory),
    Rule(name="neuron-memory", test=_neuron_memory),
    Rule(name="bias-memory", test=_bias_memory),
    Rule(name="neuron-address", test=_neuron_address),
    Rule(name="core-memory", test=_core_memory),
    Rule(name="bias-clock", test=_bias_clock, severity=Severity.INFO),
)
"""Limits of a single layer."""
