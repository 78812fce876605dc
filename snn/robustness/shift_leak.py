r"""Neurons that leak by shifting bits, in integers of 16 bits: what Xylo computes.

$$
i_k &\leftarrow i_k + x_k, \quad i_k \leftarrow i_k - decay(i_k, d_k) \\
v &\leftarrow v - decay(v, d) + \textstyle\sum_k i_k + c
$$

with $decay(u, d) = u \gg d$, or the sign of u where that is 0: what leaks always reaches 0. Every
sum saturates. Then a neuron spikes as often as the threshold goes into v, and loses it each time.

The gradient is that of neurons with the same rate of leak, $1 - 2^{-d}$, at the potentials of the
integers: `guide` is the current that leads those there.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from eventstore.jit import kernel

LOWEST, HIGHEST = -(1 << 15), (1 << 15) - 1

ABOVE = 0.25
"""How far guided potentials lie above integers, so that no rounding of floats turns a spike."""

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]


class ShiftLeak(NamedTuple):
    """Constants of neurons, all integers.

    Args:
        threshold: of each neuron, ``(N,)``.
        bias: added in each step, ``(N,)``.
        leak: bits that the potential is shifted by, ``(N,)``.
        leak_syn: bits that each synapse's current is shifted by, ``(S, N)``.
        weight: of recurrent neurons, ``(N, S·N)``: from their spikes a step ago; else ``(0, 0)``.
        max_spikes: most spikes in one step.
    """

    threshold: Integers
    bias: Integers
    leak: Integers
    leak_syn: Integers
    weight: Integers
    max_spikes: int


class Trace(NamedTuple):
    """What neurons did.

    Args:
        spikes: of each step, ``(B, T, N)``.
        guide: current of each step that takes floats to the integers' potentials, ``(B, T, N)``.
        v_mem: potential after the last step, ``(B, N)``.
        i_syn: current of each synapse after the last step, ``(B, S, N)``.
    """

    spikes: Floats
    guide: Floats
    v_mem: Integers
    i_syn: Integers


def run_shift_leak(
    x: Floats,
    constants: ShiftLeak,
    v_mem: Integers,
    i_syn: Integers,
    spikes: Integers,
) -> Trace:
    """Advance neurons over all time steps.

    A chip adds one weight after the other, saturating each time. Here they come summed: the
    outcome is the same unless a partial sum leaves 16 bits.

    Args:
        x: sum of the weights that spiked, whole numbers, ``(B, T, S, N)``.
        constants: of the neurons.
        v_mem: potentials to begin with, ``(B, N)``.
        i_syn: currents to begin with, ``(B, S, N)``.
        spikes: of the step before, ``(B, N)``; of recurrent neurons.

    Examples:
        >>> def ints(*values):
        ...     return np.array(values, np.int64)
        >>> none = np.empty((0, 0), np.int64)
        >>> one = ShiftLeak(ints(4), ints(0), ints(1), ints([1]), none, 31)
        >>> x, rest = np.array([[[[9.0]], [[0.0]], [[0.0]], [[0.0]]]]), ints([0])
        >>> run_shift_leak(x, one, rest, ints([[0]]), rest).spikes.ravel()  # v: 5, 3, 4, 1
        array([1., 0., 1., 0.])
    """
    n_batch, n_steps, _, n_neurons = x.shape
    trace = Trace(
        spikes=np.empty((n_batch, n_steps, n_neurons)),
        guide=np.empty((n_batch, n_steps, n_neurons)),
        v_mem=v_mem.astype(np.int64),
        i_syn=i_syn.astype(np.int64),
    )
    _run(np.ascontiguousarray(x), constants, spikes.astype(np.int64), trace)
    return trace


@kernel
def _run(x: Floats, constants: ShiftLeak, before: Integers, trace: Trace) -> None:
    n_batch, n_steps, n_syn, n_neurons = x.shape
    threshold, bias, leak = constants.threshold, constants.bias, constants.leak
    v_mem, i_syn = trace.v_mem, trace.i_syn
    arriving = np.empty((n_syn, n_neurons), np.int64)
    smooth = np.empty((n_syn, n_neurons))  # currents and potentials of the guided floats
    led = np.empty(n_neurons)
    share = 1.0 - 2.0**-leak
    share_syn = 1.0 - 2.0**-constants.leak_syn
    for b in range(n_batch):
        smooth[:] = i_syn[b]
        led[:] = v_mem[b] + ABOVE
        for t in range(n_steps):
            for k in range(n_syn):
                for n in range(n_neurons):
                    arriving[k, n] = np.int64(np.rint(x[b, t, k, n]))
            if constants.weight.size:
                _send_back(before[b], constants.weight, arriving)
            for n in range(n_neurons):
                total, smooth_total = 0, 0.0
                for k in range(n_syn):
                    current = _within(i_syn[b, k, n] + arriving[k, n])
                    current -= _decay(current, constants.leak_syn[k, n])
                    i_syn[b, k, n] = current
                    total += current
                    smooth[k, n] = share_syn[k, n] * (smooth[k, n] + arriving[k, n])
                    smooth_total += smooth[k, n]
                v = v_mem[b, n]
                v = _within(v + _within(_within(total - _decay(v, leak[n])) + bias[n]))
                trace.guide[b, t, n] = v + ABOVE - (share[n] * led[n] + smooth_total + bias[n])
                count = 0
                while v >= threshold[n] and count < constants.max_spikes:
                    v -= threshold[n]
                    count += 1
                led[n] = v + ABOVE
                v_mem[b, n] = v
                trace.spikes[b, t, n] = count
                before[b, n] = count


@kernel
def _send_back(spikes: Integers, weight: Integers, arriving: Integers) -> None:
    n_syn, n_neurons = arriving.shape
    for m in range(len(spikes)):
        if spikes[m]:
            for k in range(n_syn):
                for n in range(n_neurons):
                    arriving[k, n] += spikes[m] * weight[m, k * n_neurons + n]


@kernel
def _decay(value: int, bits: int) -> int:
    shifted = value >> bits
    if shifted == 0:
        return (value > 0) - (value < 0)
    return shifted


@kernel
def _within(value: int) -> int:
    return min(max(value, LOWEST), HIGHEST)
