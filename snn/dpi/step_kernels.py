"""One step of a block of neurons, forwards and backwards: what the scans of `kernel` consist of."""

from typing import TypeAlias

import numpy as np

from eventstore.jit import inlined_kernel, kernel
from snn.dpi.logarithm import log_above_one
from snn.kernels.exponential import Number, exp_negative
from snn.kernels.neuron import ONE, ZERO, count_spikes, spike_slope

Array: TypeAlias = np.ndarray
Solved: TypeAlias = tuple[Number, Number, Number, Number, Number, Number, Number]


@kernel
def exp_positive(x: Number, double: bool) -> Number:
    """Return exp(x) of an x >= 0, in either precision."""
    return np.exp(x) if double else ONE / exp_negative(-x)


@kernel
def log_of(x: Number, double: bool) -> Number:
    """Return ln(x) of an x >= 1, in either precision."""
    return np.log(x) if double else log_above_one(x)


@kernel
def solve(z: Number, state: Array, rows: Array, i: int, double: bool) -> Solved:
    """Return what a step of neuron i comes to, as far as both directions need it.

    Returns: current of the synapse, current of the adaptation and input before their bounds, the
    pull on the membrane, its feedback, and its current before the bound and before the step.
    """
    i_mem = state[2, i]
    i_syn = rows[0, i] * state[0, i] + max(rows[1, i] * z, rows[2, i])
    raw = rows[3, i] * state[1, i] + max(rows[4, i] * state[5, i], rows[5, i])
    i_ahp = max(raw, ONE)
    base, gain = rows[6, i], rows[8, i]
    leak = base + i_ahp
    given = ONE if state[4, i] > ZERO else i_syn - leak + rows[7, i]
    i_in = max(given, ONE)
    drag = gain / base * (i_in - leak) - i_mem * (ONE + i_ahp / base)
    lift = exp_positive(rows[10, i] * state[3, i], double)
    grown = leak * i_mem / (i_mem + gain) * drag + i_mem * lift
    return i_syn, raw, given, drag, lift, i_mem + rows[9, i] * grown, i_mem


@inlined_kernel
def advance(z: Array, state: Array, rows: Array, double: bool) -> None:
    """Advance neurons by one step.

    Args:
        z: weighted input of each.
        state: rows of `snn.dpi.dynamics`, changed in place.
        rows: their constants.
        double: whether numbers are of double precision.
    """
    for i in range(state.shape[1]):
        i_syn, raw, _, _, _, after, _ = solve(z[i], state, rows, i, double)
        after = max(after, ONE)
        v = log_of(after, double)
        s = count_spikes(v / rows[11, i], ONE)
        fired = s > ZERO
        state[0, i] = i_syn
        state[1, i] = max(raw, ONE)
        state[2, i] = ONE if fired else after
        state[3, i] = v
        state[4, i] = rows[12, i] if fired else max(state[4, i] - ONE, ZERO)
        state[5, i] = s


@kernel
def learn(
    grad_rows: Array,
    i: int,
    given: tuple[Number, Array, Array],
    solved: Solved,
    found: tuple[Number, Number, Number, Number, Number, Number],
) -> None:
    """Add one step's gradients to the constants of neuron i.

    Args:
        grad_rows: gradients to the constants.
        i: which neuron.
        given: weighted input, state before the step, constants.
        solved: what the step came to.
        found: gradients to the membrane before its bound, the pull on it, the leak, the input
            before its bound, and the currents of synapse and adaptation.
    """
    z, before, rows = given
    _, raw, i_in, drag, lift, after, i_mem = solved
    g, g_drag, g_leak, g_given, g_syn, g_ahp = found
    base, gain, rate = rows[6, i], rows[8, i], rows[9, i]
    surplus = max(i_in, ONE) - base - max(raw, ONE)
    drives, jumps = rows[1, i] * z > rows[2, i], rows[4, i] * before[5, i] > rows[5, i]
    grad_rows[0, i] += g_syn * before[0, i]
    grad_rows[1 if drives else 2, i] += g_syn * (z if drives else ONE)
    grad_rows[3, i] += g_ahp * before[1, i]
    grad_rows[4 if jumps else 5, i] += g_ahp * (before[5, i] if jumps else ONE)
    mend = i_mem * max(raw, ONE) - gain * surplus
    grad_rows[6, i] += g_leak + g_drag / (base * base) * mend
    grad_rows[7, i] += g_given
    grad_rows[8, i] += g_drag * surplus / base - g_drag * drag / (i_mem + gain)
    grad_rows[9, i] += g * (after - i_mem) / rate
    grad_rows[10, i] += g * rate * i_mem * lift * before[3, i]


@inlined_kernel
def retreat(  # noqa: PLR0917 # one formula a line; a kernel takes no keywords
    z: Array,
    before: Array,
    rows: Array,
    slope_numbers: tuple[Number, ...],
    grad_y: Array,
    grad_z: Array,
    grad: Array,
    grad_rows: Array,
    options: tuple[bool, int, bool, bool],
) -> None:
    """Take gradients back through one step.

    Args:
        z: weighted input of each neuron.
        before: state before the step.
        rows: constants.
        slope_numbers: those of the surrogate.
        grad_y: gradient to the spikes, as far as they are the output.
        grad_z: takes the gradient to the weighted input.
        grad: gradient to the state, after the step on entry and before it on return.
        grad_rows: gradients to the constants, where they learn: those of this step are added.
        options: detached, surrogate, learns, double.
    """
    detached, surrogate, learns, double = options
    for i in range(before.shape[1]):
        solved = solve(z[i], before, rows, i, double)
        _, raw, given, drag, lift, after, i_mem = solved
        base, gain, rate, threshold = rows[6, i], rows[8, i], rows[9, i], rows[11, i]
        i_ahp = max(raw, ONE)
        leak, bounded = base + i_ahp, max(after, ONE)
        v = log_of(bounded, double)
        r = v / threshold
        s = count_spikes(r, ONE)
        g_s, g_m = grad_y[i] + grad[5, i], grad[2, i]
        if not detached:
            g_s += g_m * (ONE - bounded)
        e = g_s * (spike_slope(r, slope_numbers, surrogate, double) / threshold)
        g = g_m * (ONE - s) + (grad[3, i] + e) / bounded
        g = g if after > ONE else ZERO * g
        total = i_mem + gain
        share = i_mem / total
        g_drag = g * rate * leak * share
        g_in = g_drag * gain / base
        g_in = g_in if given > ONE else ZERO * g_in
        g_given = ZERO * g_in if before[4, i] > ZERO else g_in
        g_leak = g * rate * share * drag - g_drag * gain / base - g_given
        g_ahp = grad[1, i] + g_leak - g_drag * i_mem / base
        g_ahp = g_ahp if raw > ONE else ZERO * g_ahp
        g_syn = grad[0, i] + g_given
        drives, jumps = rows[1, i] * z[i] > rows[2, i], rows[4, i] * before[5, i] > rows[5, i]
        g_up = g_syn * rows[1, i] if drives else ZERO * g_syn
        if learns:
            found = (g, g_drag, g_leak, g_given, g_syn, g_ahp)
            learn(grad_rows, i, (z[i], before, rows), solved, found)
            grad_rows[11, i] -= r * e
        grad_z[i] = g_up
        grad[5, i] = g_ahp * rows[4, i] if jumps else ZERO * g_ahp
        grad[4, i] = ZERO * g_up
        grad[3, i] = g * rate * i_mem * rows[10, i] * lift
        curve = leak * gain * drag / (total * total) + lift
        grad[2, i] = g * (ONE + rate * curve) - g_drag * (ONE + i_ahp / base)
        grad[1, i] = g_ahp * rows[3, i]
        grad[0, i] = g_syn * rows[0, i]
