r"""One kernel template for all neurons: forward scan, and backward scan of exact BPTT in O(T).

The options of a neuron are constants of a closure, so that each variant compiles to straight code
without branches; nothing is written twice. Inputs are ``(B, T, S, N)``, contiguous: time is the
outer loop and neurons the inner one, which the compiler turns into vector instructions. A call does
the rows ``b0 … b1`` and columns ``n0 … n1``, so that threads share the work without sharing memory;
recurrent neurons need all columns.

Backward recurrence, with $r = \tilde v / \theta$ and $s' = h(r) / \theta$ the surrogate at the
potential before the reset, m = 1 where the lower bound did not act, c the gradient to the potential
after the step and q that to the adaptation (EXODUS, Bauer et al. 2023, its implicit form folded
into a reverse scan):

$$
g'_t &= g_t + (1 - \rho) q_t + \text{what the next step pulls back} \\
D_t &= s'_t (g'_t - \theta m c_t) + m c_t && \text{subtract} \\
D_t &= s'_t (g'_t + (v_{reset} - \tilde v_t) m c_t) + m c_t [s_t = 0] && \text{set} \\
D_t &= m (g_t + c_t) && \text{no spikes: } y = v \\
c_{t-1} &= \alpha D_t, \quad E_{k,t} = \beta_k (E_{k,t+1} + g D_t) \text{ to } x_{k,t} \\
\gamma_t &= -r s'_t (g'_t - \dots) - m c_t s_t \text{ to } \theta_t, \quad
q_{t-1} = \rho q_t + a \gamma_t
$$

The forward pass keeps only the state at every ``STRIDE`` steps. The backward pass recomputes the
steps in between, in cache: training's extra memory is the output, the gradient and 1/STRIDE of a
tensor.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeAlias

import numpy as np

from eventstore.jit import lean_kernel
from snn.kernels.feedback import ROWS, pull
from snn.kernels.lines import Window
from snn.kernels.membrane import Array, Numbers, advance, copy, copy_rows, learn, retreat
from snn.kernels.pooling import average, spread
from snn.kernels.prefetch import foresee, prefetch_row
from snn.kernels.synapse import take_in, take_out
from snn.kernels.working_memory import (
    BackwardMemory,
    ForwardMemory,
    Space,
    backward_memory,
    forward_memory,
)

STRIDE = 64
"""Time steps between two kept states."""

BLOCK = 512
"""Neurons that a scan advances together: their potentials stay in the first-level cache, and what
the backward scan holds of ``STRIDE`` steps in the second. Fewer cost as much to begin a step."""

Scan: TypeAlias = Callable[..., None]
Given: TypeAlias = tuple[Any, ...]
"""Arguments of a scan; they are those of numba, which types nothing."""

Part: TypeAlias = tuple[int, int, int, int]
"""Rows ``b0 … b1`` and columns ``n0 … n1``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """What distinguishes two compiled kernels.

    Args:
        n_synapses: exponential synapses; 0: the input goes to the membrane.
        adaptive: whether spikes raise the threshold.
        spiking: whether the neuron spikes at all.
        reset: ``SUBTRACT``, ``SET`` or ``NONE`` of `snn.kernels.neuron`.
        detached: whether gradients stop at the spikes of the reset.
        bounded: whether the potential has a lower bound.
        recurrent: whether spikes go back to the inputs.
        surrogate: ``code`` of the surrogate gradient.
        each: whether each neuron has constants of its own.
        learns: whether gradients to the constants are wanted.
        double: whether numbers are of double precision.
        pooled: whether spikes are averaged over windows, see `snn.kernels.pooling`.
    """

    n_synapses: int
    adaptive: bool
    spiking: bool
    reset: int
    detached: bool
    bounded: bool
    recurrent: bool
    surrogate: int
    each: bool
    learns: bool
    double: bool
    pooled: bool


@cache
def forward_kernel(variant: Variant) -> Scan:
    """Return the compiled forward scan of a variant.

    Its surrogate must be 0, and it must neither learn nor be detached: they play no part.
    """
    n_synapses, recurrent, each = variant.n_synapses, variant.recurrent, variant.each
    pooled = variant.pooled
    reset, bounded = variant.reset, variant.bounded
    membrane = (variant.spiking, variant.adaptive, reset, bounded, each)
    inputs = (n_synapses, recurrent, each, False)

    def forward(  # noqa: PLR0917 # a kernel takes no keywords
        x: Array,
        first: Array,
        constants: Array,
        numbers: Numbers,
        weight: Array,
        part: Part,
        window: Window,
        memory: ForwardMemory,
        y: Array,
        kept: Array,
        last: Array,
    ) -> None:
        b0, b1, n0, n1 = part
        band = window[0] * window[2] * window[3]  # neurons of a row of windows
        n_out = window[2] // window[1] * window[3]
        width = n1 - n0 if recurrent else band if pooled else BLOCK
        end = first.shape[1] - 1
        leaps = x.shape[3] > width  # else a scan meets memory in its order
        state, total, fed, (spikes, sums) = memory
        buffers = (total, fed)
        for b in range(b0, b1):
            for start in range(n0, n1, width):
                stop = min(start + width, n1)
                n, lo = stop - start, start if each else 0
                rows = constants[:, lo : lo + n]
                copy_rows(first[b], start, n, state, 0)
                potential, adaptation = state[0, :n], state[end - 1 if recurrent else end]
                for t in range(x.shape[1]):
                    if t % STRIDE == 0:
                        copy_rows(state, 0, n, kept[b, t // STRIDE], start)
                    take_in(
                        x[b, t], (start, n, lo), state, constants, weight, buffers, state, inputs
                    )
                    source = total if n_synapses else fed if recurrent else x[b, t, 0, start:stop]
                    y_t = spikes[:n] if pooled else y[b, t, start:stop]
                    if leaps and t + 1 < x.shape[1]:
                        foresee(x, b, t + 1, start, stop)
                        if not pooled:
                            prefetch_row(y[b, t + 1, start:stop])
                    own = (potential, adaptation)
                    advance(own, source, rows, numbers, y_t, y_t, membrane, False, True)
                    if recurrent:
                        copy(y_t, state[end])
                    if pooled and n == band:
                        out = start // band * n_out
                        average(spikes, window, sums, y[b, t, out : out + n_out])
                copy_rows(state, 0, n, last[b], start)

    return _with_memory(
        lean_kernel(forward),
        lambda given: forward_memory(_space(variant, given[1], given[4], *given[5:7])),
        place=7,
    )


@cache
def backward_kernel(variant: Variant) -> Scan:  # noqa: C901, PLR0915 # one loop nest
    """Return the compiled backward scan of a variant."""
    recurrent, each, learns = variant.recurrent, variant.each, variant.learns
    n_synapses, adaptive, pooled = variant.n_synapses, variant.adaptive, variant.pooled
    reset, bounded = variant.reset, variant.bounded
    membrane = (variant.spiking, adaptive, reset, bounded, each)
    inputs = (n_synapses, recurrent, each, learns)
    direct = n_synapses == 0 and not learns  # from membranes to inputs at once
    choices = (recurrent, variant.detached, variant.surrogate, learns, variant.double, direct)
    remembers = adaptive or learns

    def backward(  # noqa: C901, PLR0912, PLR0915, PLR0917 # a kernel takes no keywords
        x: Array,
        kept: Array,
        constants: Array,
        numbers: Numbers,
        slope_numbers: Numbers,
        weight: Array,
        part: Part,
        window: Window,
        memory: BackwardMemory,
        grad_y: Array,
        grad_x: Array,
        grad_state: Array,  # gradient to the last state on entry, to the first on return
        grad_constants: Array,
    ) -> None:
        b0, b1, n0, n1 = part
        steps, end = x.shape[1], kept.shape[2] - 1
        adapts = end - 1 if recurrent else end
        group = ROWS if recurrent else 1
        band = window[0] * window[2] * window[3]
        n_out = window[2] // window[1] * window[3]
        width = n1 - n0 if recurrent else band if pooled else BLOCK
        state, (y_t, d, raised, total), fed, steps_of, (spreads, shares), back = memory
        u, before, filled, source_of = steps_of
        grad_fed, grad_spikes = back
        buffers = (total, fed)
        for b_first in range(b0, b1, group):
            for start in range(n0, n1, width):
                b_end, stop = min(b_first + group, b1), min(start + width, n1)
                n, lo = stop - start, start if each else 0
                block, rows = (start, n, lo), constants[:, lo : lo + n]
                out, whole = start // band * n_out, n == band
                if pooled and not whole:
                    spreads[:] = np.float32(0.0)  # rows below the last window
                for chunk in range((steps - 1) // STRIDE, -1, -1):
                    t0, t1 = chunk * STRIDE, min(chunk * STRIDE + STRIDE, steps)
                    for b in range(b_first, b_end):
                        row = b - b_first
                        copy_rows(kept[b, chunk], start, n, state, 0)
                        for t in range(t0, t1):
                            h = t - t0
                            if remembers:
                                copy_rows(state, 0, n, before[row, h], 0)
                            into = filled[row, h if learns else 0]
                            take_in(x[b, t], block, state, constants, weight, buffers, into, inputs)
                            x_t = x[b, t, 0, start:stop]
                            if t + 1 < t1:
                                foresee(x, b, t + 1, start, stop)
                            source = total if n_synapses else fed if recurrent else x_t
                            if learns:
                                copy(source[:n], source_of[row, h])
                            own, kept_u = (state[0, :n], state[adapts]), u[row, h]
                            advance(
                                own, source, rows, numbers, y_t, kept_u, membrane, True, recurrent
                            )
                            if recurrent:
                                copy(y_t, state[end])
                    for t in range(t1 - 1, t0 - 1, -1):
                        h = t - t0
                        for b in range(b_first, b_end):
                            row = b - b_first
                            if t > 0:
                                g0, g1 = (out, out + n_out) if pooled else (start, stop)
                                prefetch_row(grad_y[b, t - 1, g0:g1])
                                foresee(grad_x, b, t - 1, start, stop)
                            was = before[row, h if remembers else 0]
                            d_t = grad_x[b, t, 0, start:stop] if direct else d[:n]
                            found = (d_t, raised[:n])
                            carried = (
                                grad_state[b, 0, start:stop],
                                grad_state[b, adapts, start:stop],
                                grad_state[b, end, start:stop],
                            )
                            grad_rows = grad_constants[b, :, start if learns else 0 :]
                            if pooled and whole:
                                spread(grad_y[b, t, out : out + n_out], window, shares, spreads)
                            retreat(
                                u[row, h],
                                spreads[:n] if pooled else grad_y[b, t, start:stop],
                                carried,
                                was[adapts],
                                rows,
                                numbers,
                                slope_numbers,
                                found,
                                grad_rows,
                                membrane,
                                choices,
                            )
                            if learns:
                                source = source_of[row, h]
                                learn(grad_rows, found, (was[0], was[adapts]), source, membrane)
                            into = filled[row, h if learns else 0]
                            take_out(
                                d,
                                block,
                                grad_x[b, t],
                                grad_state[b],
                                constants,
                                into,
                                grad_constants[b],
                                inputs,
                            )
                            if recurrent:
                                copy(grad_x[b, t].reshape(-1), grad_fed[row])
                        if recurrent:
                            pull(weight, grad_fed, grad_spikes)
                            for b in range(b_first, b_end):
                                copy(grad_spikes[b - b_first], grad_state[b, end])

    return _with_memory(
        lean_kernel(backward),
        lambda given: backward_memory(
            _space(variant, given[1], given[5], *given[6:8]),
            STRIDE,
            n_synapses,
            remembers=remembers,
            learns=learns,
            recurrent=recurrent,
        ),
        place=8,
    )


def _with_memory(compiled: Scan, memory_for: Callable[[Given], object], *, place: int) -> Scan:
    """Return a scan that finds the memory it works in, its argument at a place, by itself."""

    def run(*given: Any) -> None:  # noqa: ANN401 # as the kernel
        compiled(*given[:place], memory_for(given), *given[place:])

    run.__wrapped__ = compiled  # type: ignore[attr-defined]  # as functools.wraps does
    return run


def _space(variant: Variant, states: Array, weight: Array, part: Part, window: Window) -> Space:
    """Return what a scan of neurons with such states, and of such a part, needs room for."""
    _, _, n0, n1 = part
    pooled = variant.pooled
    band = window[0] * window[2] * window[3]
    width = n1 - n0 if variant.recurrent else band if pooled else BLOCK
    fed = weight.shape[0], weight.shape[1]
    return Space(states.dtype, states.shape[-2], width, fed, window if pooled else None)
