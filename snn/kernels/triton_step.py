"""One step of a block of neurons on a GPU: twins in Triton of `neuron`, `membrane` and `synapse`.

Everything here is folded into the two kernels of `snn.kernels.triton_template`. A neuron's kind is
a constant of the compiler, so that branches on it vanish. State, inputs and constants are tuples of
blocks, which live in registers: a state is potential, current of each synapse, adaptation, as far
as the neuron has them.

Every operation rounds as in torch (exact division, no fused multiply-add), so that spikes are those
of the reference.
"""

from typing import Any, TypeAlias

import triton
import triton.language as tl

from snn.kernels import neuron

Block: TypeAlias = Any
"""A block of numbers in registers. Triton has no types; it reads annotations as text."""

Blocks: TypeAlias = Any
"""A tuple of them."""

SUBTRACT = tl.constexpr(neuron.SUBTRACT)
SET = tl.constexpr(neuron.SET)
SINGLE_EXPONENTIAL = tl.constexpr(neuron.SINGLE_EXPONENTIAL)
PERIODIC_EXPONENTIAL = tl.constexpr(neuron.PERIODIC_EXPONENTIAL)
HEAVISIDE = tl.constexpr(neuron.HEAVISIDE)
GAUSSIAN = tl.constexpr(neuron.GAUSSIAN)
MULTI_GAUSSIAN = tl.constexpr(neuron.MULTI_GAUSSIAN)
FAST_SIGMOID = tl.constexpr(neuron.FAST_SIGMOID)
ARC_TAN = tl.constexpr(neuron.ARC_TAN)
TRIANGULAR = tl.constexpr(neuron.TRIANGULAR)
ALPHA, GAIN, THRESHOLD, BIAS = (tl.constexpr(row) for row in range(4))
RHO, ADAPT_SCALE, BETA = (tl.constexpr(row) for row in range(4, 7))
V_MIN, V_RESET, REACH, HEIGHT = (tl.constexpr(place) for place in range(4))
LOBE_REACH, LOBE_HEIGHT, LOBE_OFFSET, MOST = (tl.constexpr(place) for place in range(4, 8))
"""Places in the tuple of numbers: those of `snn.kernels.kinds.Numbers`, then most spikes."""


@triton.jit
def divide(a: "Block", b: "Block") -> "Block":
    """Return the quotient, rounded as IEEE 754 wants it."""
    if a.dtype == tl.float64:
        return a / b
    else:  # noqa: RET505 # Triton compiles both unless one is the other's else
        return tl.div_rn(a, b)


@triton.jit
def count_spikes(r: "Block", most: "Block") -> "Block":
    """Return how many spikes a potential of r thresholds makes; what is no number stays none."""
    count = tl.maximum(tl.floor(r), 0.0, propagate_nan=tl.PropagateNan.ALL)
    return tl.minimum(count, most, propagate_nan=tl.PropagateNan.ALL)


@triton.jit
def after_reset(
    u: "Block", spikes: "Block", threshold: "Block", v_reset: "Block", KIND: tl.constexpr
) -> "Block":
    """Return the potential after its spikes were taken off."""
    if KIND.reset == SUBTRACT:
        u = u - threshold * spikes
    elif KIND.reset == SET:
        fired = tl.minimum(spikes, 1.0, propagate_nan=tl.PropagateNan.ALL)
        u = u * (1.0 - fired) + v_reset * fired
    return u


@triton.jit
def bell(x: "Block") -> "Block":
    """Return exp(−x² / 2)."""
    return tl.exp(-0.5 * x * x)


@triton.jit
def spike_slope(r: "Block", numbers: "Blocks", KIND: tl.constexpr) -> "Block":
    """Return the surrogate's ds/dr at a potential of r thresholds."""
    reach, height = numbers[REACH], numbers[HEIGHT]
    if KIND.surrogate == SINGLE_EXPONENTIAL:
        slope = height * tl.exp(-tl.abs(r - 1.0) * reach)
    elif KIND.surrogate == PERIODIC_EXPONENTIAL:
        distance = tl.where(r < 1.0, 1.0 - r, 2.0 * tl.abs(r - tl.floor(r + 0.5)))
        slope = height * tl.exp(-distance * reach)
    elif KIND.surrogate == HEAVISIDE:
        slope = tl.where(r >= reach, height, 0.0)
    elif KIND.surrogate == GAUSSIAN:
        slope = height * bell((r - 1.0) * reach)
    elif KIND.surrogate == MULTI_GAUSSIAN:
        x = r - 1.0
        wide, offset = numbers[LOBE_REACH], numbers[LOBE_OFFSET]
        lobes = bell((x - offset) * wide) + bell((x + offset) * wide)
        slope = height * bell(x * reach) - numbers[LOBE_HEIGHT] * lobes
    elif KIND.surrogate == FAST_SIGMOID:
        stretched = 1.0 + tl.abs(r - 1.0) * reach
        slope = height / (stretched * stretched)
    elif KIND.surrogate == ARC_TAN:
        stretched = (r - 1.0) * reach
        slope = height / (1.0 + stretched * stretched)
    elif KIND.surrogate == TRIANGULAR:
        slope = height * tl.maximum(1.0 - tl.abs(r - 1.0) * reach, 0.0)
    else:
        slope = height + 0.0 * r
    return slope


@triton.jit
def take_in(inputs: "Blocks", state: "Blocks", constants: "Blocks", KIND: tl.constexpr) -> "Blocks":
    """Return the current into the membranes, each synapse's own, and that before it decays."""
    currents = ()
    fills = ()
    source = inputs[0]
    for k in tl.static_range(0, tl.constexpr(KIND.n_synapses)):
        fill = state[1 + k] + inputs[k]
        current = constants[BETA + k] * fill
        source = current if k == 0 else source + current
        currents = currents + (current,)
        fills = fills + (fill,)
    return source, currents, fills


@triton.jit
def charge(source: "Block", v_mem: "Block", constants: "Blocks") -> "Block":
    """Return the potential before any reset."""
    return constants[ALPHA] * v_mem + constants[GAIN] * source + constants[BIAS]


@triton.jit
def threshold_of(state: "Blocks", constants: "Blocks", KIND: tl.constexpr) -> "Block":
    """Return the threshold of a step, from the state before it."""
    threshold = constants[THRESHOLD]
    if KIND.adaptive:
        threshold = threshold + constants[ADAPT_SCALE] * state[1 + KIND.n_synapses]
    return threshold


@triton.jit
def advance(
    inputs: "Blocks", state: "Blocks", constants: "Blocks", numbers: "Blocks", KIND: tl.constexpr
) -> "Blocks":
    """Return output and state of the next step."""
    source, currents, _ = take_in(inputs, state, constants, KIND)
    u = charge(source, state[0], constants)
    adapted = ()
    y = u
    if KIND.spiking:
        threshold = threshold_of(state, constants, KIND)
        y = count_spikes(divide(u, threshold), numbers[MOST])
        u = after_reset(u, y, threshold, numbers[V_RESET], KIND)
        if KIND.adaptive:
            stay = constants[RHO]
            adapted = (stay * state[1 + KIND.n_synapses] + (1.0 - stay) * y,)
    if KIND.bounded:
        lifted = u - numbers[V_MIN]
        u = tl.maximum(lifted, 0.0, propagate_nan=tl.PropagateNan.ALL) + numbers[V_MIN]
    if not KIND.spiking:
        y = u
    return y, (u,) + currents + adapted


@triton.jit
def retreat(
    inputs: "Blocks",
    state: "Blocks",
    grad_y: "Block",
    carried: "Blocks",
    constants: "Blocks",
    numbers: "Blocks",
    KIND: tl.constexpr,
) -> "Blocks":
    """Take gradients back through one step; the recurrence is that of `snn.kernels.template`.

    Args:
        inputs: of the step.
        state: before it.
        grad_y: gradient to its output.
        carried: gradients to the state after it.
        constants: rows of them.
        numbers: bound, reset, surrogate, most spikes.
        KIND: the neuron.

    Returns: gradients to the inputs, to the state before, and to each row of the constants.
    """
    source, _, fills = take_in(inputs, state, constants, KIND)
    u = charge(source, state[0], constants)
    if KIND.spiking:
        d, raised, s = retreat_spikes(u, state, grad_y, carried, constants, numbers, KIND)
    else:
        d = carried[0] + grad_y
        if KIND.bounded:
            d = tl.where(u > numbers[V_MIN], d, 0.0 * d)
        raised = 0.0 * d
    to_rho = 0.0 * d
    to_scale = 0.0 * d
    adapted = ()
    if KIND.adaptive:
        adaptation = state[1 + KIND.n_synapses]
        q = carried[1 + KIND.n_synapses]
        to_rho = q * (adaptation - s)
        to_scale = raised * adaptation
        adapted = (constants[RHO] * q + constants[ADAPT_SCALE] * raised,)
    to_inputs, currents, to_betas = take_out(constants[GAIN] * d, carried, fills, constants, KIND)
    to_membrane = (d * state[0], d * source, raised, d, to_rho, to_scale)
    return to_inputs, (constants[ALPHA] * d,) + currents + adapted, to_membrane + to_betas


@triton.jit
def retreat_spikes(
    u: "Block",
    state: "Blocks",
    grad_y: "Block",
    carried: "Blocks",
    constants: "Blocks",
    numbers: "Blocks",
    KIND: tl.constexpr,
) -> "Blocks":
    """Return gradients to the potential before the reset and to the threshold, and the spikes."""
    threshold = threshold_of(state, constants, KIND)
    r = divide(u, threshold)
    s = count_spikes(r, numbers[MOST])
    c = carried[0]
    g = grad_y
    if KIND.adaptive:
        g = g + (1.0 - constants[RHO]) * carried[1 + KIND.n_synapses]
    if KIND.bounded:
        after = after_reset(u, s, threshold, numbers[V_RESET], KIND)
        c = tl.where(after > numbers[V_MIN], c, 0.0 * c)
    if not KIND.detached:
        if KIND.reset == SUBTRACT:
            g = g - threshold * c
        elif KIND.reset == SET:
            g = g + (numbers[V_RESET] - u) * c
    e = g * (spike_slope(r, numbers, KIND) / threshold)
    raised = -r * e
    if KIND.reset == SUBTRACT:
        raised = raised - s * c
    elif KIND.reset == SET:
        c = tl.where(s == 0.0, c, 0.0 * c)
    return c + e, raised, s


@triton.jit
def take_out(
    to_source: "Block",
    carried: "Blocks",
    fills: "Blocks",
    constants: "Blocks",
    KIND: tl.constexpr,
) -> "Blocks":
    """Return gradients to the inputs, to the currents before, and to their decays."""
    to_inputs = ()
    to_betas = ()
    if KIND.n_synapses == 0:
        to_inputs = (to_source,)
    currents = ()
    for k in tl.static_range(0, tl.constexpr(KIND.n_synapses)):
        filled = carried[1 + k] + to_source
        decayed = constants[BETA + k] * filled
        to_inputs = to_inputs + (decayed,)
        currents = currents + (decayed,)
        to_betas = to_betas + (filled * fills[k],)
    return to_inputs, currents, to_betas
