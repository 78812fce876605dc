"""One step of a block of neurons, forwards and backwards: what the scans of `template` consist of.

These are copied into the loops that call them before anything is compiled, so that their options,
which are constants there, leave straight loops that become vector instructions. A block's constants
are rows of one number for each neuron, or of one for all (``each`` tells which).
"""

from typing import TypeAlias

import numpy as np

from eventstore.jit import inlined_kernel, inner_kernel
from snn.kernels.exponential import Number
from snn.kernels.neuron import (
    ONE,
    SET,
    SUBTRACT,
    ZERO,
    after_reset,
    count_spikes,
    spike_slope,
)

Array: TypeAlias = np.ndarray
Numbers: TypeAlias = tuple[Number, ...]


@inner_kernel
def pick(row: Array, i: int, each: bool) -> Number:
    """Return a constant of neuron i."""
    return row[i if each else 0]


@inlined_kernel
def advance(  # noqa: PLR0917 # a kernel takes no keywords
    state: tuple[Array, Array],
    source: Array,
    constants: Array,
    numbers: Numbers,
    y: Array,
    u_out: Array,
    options: tuple[bool, bool, int, bool, bool],
    keep: bool,
    put_out: bool,
) -> None:
    """Advance the membranes by one step.

    Args:
        state: potential, and adaptation where there is one.
        source: current into each membrane.
        constants: rows alpha, gain, threshold, bias, rho, adapt_scale.
        numbers: lower bound, potential after a reset, most spikes.
        y: takes the output.
        u_out: takes the potential before the reset, where ``keep`` says so.
        options: spiking, adaptive, reset, bounded, each.
        keep: whether to keep that potential.
        put_out: whether the output is wanted.
    """
    v, adaptation = state
    alpha, gain, base, bias = constants[0], constants[1], constants[2], constants[3]
    rho, lift = constants[4], constants[5]
    v_min, v_reset, most = numbers
    spiking, adaptive, reset, bounded, each = options
    for i in range(len(v)):
        u = pick(alpha, i, each) * v[i] + pick(gain, i, each) * source[i] + pick(bias, i, each)
        if keep:
            u_out[i] = u
        s = ZERO
        if spiking:
            threshold = pick(base, i, each)
            if adaptive:
                threshold += pick(lift, i, each) * adaptation[i]
            s = count_spikes(u / threshold, most)
            u = after_reset(u, s, threshold, v_reset, reset)
            if adaptive:
                stay = pick(rho, i, each)
                adaptation[i] = stay * adaptation[i] + (ONE - stay) * s
        if bounded:
            u = max(u - v_min, ZERO) + v_min
        if put_out:
            y[i] = s if spiking else u
        v[i] = u


@inlined_kernel
def retreat(  # noqa: C901, PLR0912, PLR0915, PLR0917 # a kernel takes no keywords
    u_in: Array,
    grad_y: Array,
    carried: tuple[Array, Array, Array],
    adaptation: Array,
    constants: Array,
    numbers: Numbers,
    slope_numbers: Numbers,
    found: tuple[Array, Array],
    grad: Array,
    options: tuple[bool, bool, int, bool, bool],
    choices: tuple[bool, bool, int, bool, bool, bool],
) -> None:
    """Take gradients back through one step of the membranes.

    Args:
        u_in: potential before the reset.
        grad_y: gradient to the output.
        carried: gradients to potential and adaptation, after the step on entry and before it on
            return; and to the spikes, as far as they went to the next step.
        adaptation: adaptation before the step.
        constants: rows alpha, gain, threshold, bias, rho, adapt_scale.
        numbers: lower bound, potential after a reset, most spikes.
        slope_numbers: those of the surrogate.
        found: take the gradients to the potential before the reset, and to the threshold; the
            latter only where constants learn.
        grad: rows of gradients to the constants, where they learn; takes those to rho.
        options: spiking, adaptive, reset, bounded, each.
        choices: recurrent, detached, surrogate, learns, double, direct: whether the first found
            are the gradients to the inputs.
    """
    c_v, c_q, c_s = carried
    alpha, gain, base = constants[0], constants[1], constants[2]
    rho, lift = constants[4], constants[5]
    v_min, v_reset, most = numbers
    d, raised = found
    spiking, adaptive, reset, bounded, each = options
    recurrent, detached, surrogate, learns, double, direct = choices
    for i in range(len(d)):
        u, g, c = u_in[i], grad_y[i], c_v[i]
        if spiking:
            threshold = pick(base, i, each)
            if adaptive:
                threshold += pick(lift, i, each) * adaptation[i]
                g += (ONE - pick(rho, i, each)) * c_q[i]
            if recurrent:
                g += c_s[i]
            r = u / threshold
            s = count_spikes(r, most)
            if bounded:
                c = c if after_reset(u, s, threshold, v_reset, reset) > v_min else ZERO * c
            if reset == SUBTRACT and not detached:
                g -= threshold * c
            if reset == SET and not detached:
                g += (v_reset - u) * c
            e = g * (spike_slope(r, slope_numbers, surrogate, double) * (ONE / threshold))
            f = -r * e - s * c if reset == SUBTRACT else -r * e
            if learns:
                raised[i] = f
            if adaptive:
                if learns:
                    grad[4, i] += c_q[i] * (adaptation[i] - s)
                c_q[i] = pick(rho, i, each) * c_q[i] + pick(lift, i, each) * f
            if reset == SET:
                c = c if s == ZERO else ZERO * c
            c += e
        else:
            c += g
            if bounded:
                c = c if u > v_min else ZERO * c
        d[i] = pick(gain, i, each) * c if direct else c
        c_v[i] = pick(alpha, i, each) * c


@inlined_kernel
def learn(  # a kernel takes no keywords
    grad: Array,
    found: tuple[Array, Array],
    before: tuple[Array, Array],
    source: Array,
    options: tuple[bool, bool, int, bool, bool],
) -> None:
    """Add one step's gradients to the membranes' constants.

    Args:
        grad: rows of gradients, in the order of the constants.
        found: gradients to the potential before the reset, and to the threshold.
        before: potential and adaptation before the step.
        source: current into each membrane.
        options: spiking, adaptive, reset, bounded, each.
    """
    d, raised = found
    v, adaptation = before
    spiking, adaptive = options[0], options[1]
    add_product(grad[0], d, v)
    add_product(grad[1], d, source)
    add(grad[3], d)
    if spiking:
        add(grad[2], raised)
    if adaptive:
        add_product(grad[5], raised, adaptation)


@inner_kernel
def copy(x: Array, into: Array) -> None:
    """Copy each x; an array that is assigned to a slice would have the compiler make another."""
    for i in range(len(x)):
        into[i] = x[i]


@inner_kernel
def copy_rows(x: Array, start: int, length: int, into: Array, at: int) -> None:
    """Copy a run of each row of x, from ``start``, into the same row of ``into``, from ``at``."""
    for k in range(len(x)):
        for i in range(length):
            into[k, at + i] = x[k, start + i]


@inner_kernel
def add(total: Array, x: Array) -> None:
    """Add each x to its total."""
    for i in range(len(x)):
        total[i] += x[i]


@inner_kernel
def add_product(total: Array, x: Array, y: Array) -> None:
    """Add each x · y to its total."""
    for i in range(len(x)):
        total[i] += x[i] * y[i]
