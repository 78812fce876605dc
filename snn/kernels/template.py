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

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TypeAlias

import numpy as np

from eventstore.jit import kernel
from snn.kernels.feedback import ROWS, pull
from snn.kernels.lines import MARGIN
from snn.kernels.membrane import Array, Numbers, advance, learn, retreat
from snn.kernels.pooling import Window, average, places, spread
from snn.kernels.prefetch import foresee, prefetch_row
from snn.kernels.synapse import take_in, take_out

STRIDE = 64
"""Time steps between two kept states."""

BLOCK = 512
"""Neurons that a scan advances together: their potentials stay in the first-level cache, and what
the backward scan holds of ``STRIDE`` steps in the second. Fewer cost as much to begin a step."""

COPIED_INTO = (
    "exponential",
    "neuron",
    "membrane",
    "synapse",
    "feedback",
    "lines",
    "pooling",
    "prefetch",
    "template",
)
"""Files whose functions become part of the kernels."""

Scan: TypeAlias = Callable[..., None]
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
def code_stamp() -> str:
    """Return a digest of what goes into kernels: they are cached by the file of the loop alone."""
    files = [Path(__file__).with_name(f"{name}.py") for name in COPIED_INTO]
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()


@cache
def forward_kernel(variant: Variant) -> Scan:
    """Return the compiled forward scan of a variant.

    Its surrogate must be 0, and it must neither learn nor be detached: they play no part.
    """
    stamp = code_stamp()
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
        y: Array,
        kept: Array,
        last: Array,
    ) -> None:
        _ = stamp  # a constant of the closure, hence part of the name under which it is cached
        b0, b1, n0, n1 = part
        band = window[0] * window[2] * window[3]  # neurons of a row of windows
        n_out = window[2] // window[1] * window[3]
        width = n1 - n0 if recurrent else band if pooled else BLOCK
        end = first.shape[1] - 1
        leaps = x.shape[3] > width  # else a scan meets memory in its order
        state = np.empty((end + 1, width), x.dtype)
        total, fed = np.empty(width, x.dtype), np.empty(weight.shape[1], x.dtype)
        buffers = (total, fed)
        spikes, sources = np.empty(width if pooled else 1, x.dtype), places(window)
        for b in range(b0, b1):
            for start in range(n0, n1, width):
                stop = min(start + width, n1)
                n, lo = stop - start, start if each else 0
                rows = constants[:, lo : lo + n]
                state[:, :n] = first[b, :, start:stop]
                potential, adaptation = state[0, :n], state[end - 1 if recurrent else end]
                for t in range(x.shape[1]):
                    if t % STRIDE == 0:
                        kept[b, t // STRIDE, :, start:stop] = state[:, :n]
                    take_in(
                        x[b, t], (start, n, lo), state, constants, weight, buffers, state, inputs
                    )
                    source = total if n_synapses else fed if recurrent else x[b, t, 0, start:stop]
                    y_t = spikes[:n] if pooled else y[b, t, start:stop]
                    if leaps and t + 1 < x.shape[1]:
                        foresee(x, b, t + 1, start, stop)
                        if not pooled:
                            prefetch_row(y[b, t + 1, start:stop])
                    advance(
                        (potential, adaptation), source, rows, numbers, y_t, y_t, membrane, False
                    )
                    if recurrent:
                        state[end] = y_t
                    if pooled and n == band:
                        out = start // band * n_out
                        average(y_t, window, sources, y[b, t, out : out + n_out])
                last[b, :, start:stop] = state[:, :n]

    return kernel(forward)


@cache
def backward_kernel(variant: Variant) -> Scan:  # noqa: C901, PLR0915 # one loop nest
    """Return the compiled backward scan of a variant."""
    stamp = code_stamp()
    recurrent, each, learns = variant.recurrent, variant.each, variant.learns
    n_synapses, adaptive, pooled = variant.n_synapses, variant.adaptive, variant.pooled
    reset, bounded = variant.reset, variant.bounded
    membrane = (variant.spiking, adaptive, reset, bounded, each)
    inputs = (n_synapses, recurrent, each, learns)
    choices = (recurrent, variant.detached, variant.surrogate, learns, variant.double)
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
        grad_y: Array,
        grad_x: Array,
        grad_state: Array,  # gradient to the last state on entry, to the first on return
        grad_constants: Array,
    ) -> None:
        _ = stamp
        b0, b1, n0, n1 = part
        steps, end = x.shape[1], kept.shape[2] - 1
        adapts = end - 1 if recurrent else end
        group = ROWS if recurrent else 1
        band = window[0] * window[2] * window[3]
        n_out = window[2] // window[1] * window[3]
        width = n1 - n0 if recurrent else band if pooled else BLOCK
        spreads = np.zeros(width + MARGIN if pooled else 1, x.dtype)
        shares = np.zeros(n_out + MARGIN if pooled else 1, x.dtype)
        n_learnt = STRIDE if learns else 1
        # What the steps of a chunk were like, of each row of a group.
        u = np.empty((group, STRIDE, width), x.dtype)
        before = np.empty((group, STRIDE if remembers else 1, end + 1, width), x.dtype)
        filled = np.empty((group, n_learnt, max(n_synapses, 1), width), x.dtype)
        source_of = np.empty((group, n_learnt, width), x.dtype)
        state, y_t = np.empty((end + 1, width), x.dtype), np.empty(width, x.dtype)
        d, raised = np.empty(width, x.dtype), np.empty(width, x.dtype)
        total, fed = np.empty(width, x.dtype), np.empty(weight.shape[1], x.dtype)
        buffers = (total, fed)
        grad_fed = np.zeros((ROWS, weight.shape[1]), x.dtype)
        grad_spikes = np.zeros((ROWS, weight.shape[0]), x.dtype)
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
                        state[:, :n] = kept[b, chunk, :, start:stop]
                        for t in range(t0, t1):
                            h = t - t0
                            if remembers:
                                before[row, h] = state
                            into = filled[row, h if learns else 0]
                            take_in(x[b, t], block, state, constants, weight, buffers, into, inputs)
                            x_t = x[b, t, 0, start:stop]
                            if t + 1 < t1:
                                foresee(x, b, t + 1, start, stop)
                            source = total if n_synapses else fed if recurrent else x_t
                            if learns:
                                source_of[row, h, :n] = source[:n]
                            own, kept_u = (state[0, :n], state[adapts]), u[row, h]
                            advance(own, source, rows, numbers, y_t, kept_u, membrane, True)
                            if recurrent:
                                state[end] = y_t
                    for t in range(t1 - 1, t0 - 1, -1):
                        h = t - t0
                        for b in range(b_first, b_end):
                            row = b - b_first
                            if t > 0:
                                g0, g1 = (out, out + n_out) if pooled else (start, stop)
                                prefetch_row(grad_y[b, t - 1, g0:g1])
                                foresee(grad_x, b, t - 1, start, stop)
                            was, found = before[row, h if remembers else 0], (d[:n], raised[:n])
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
                                grad_fed[row] = grad_x[b, t].reshape(-1)
                        if recurrent:
                            pull(weight, grad_fed, grad_spikes)
                            for b in range(b_first, b_end):
                                grad_state[b, end] = grad_spikes[b - b_first]

    return kernel(backward)
