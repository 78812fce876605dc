"""One kernel template for all neurons: forward scan, and backward scan of exact BPTT in O(T).

The options of a neuron are constants of a closure, so that each variant compiles to straight code
without branches; nothing is written twice. Arrays are ``(B, T, N)``, contiguous: time is the outer
loop and neurons the inner one, which the compiler turns into vector instructions. A call does the
rows ``b0 … b1`` and columns ``n0 … n1``, so that threads share the work without sharing memory.

Backward recurrence, with s' the surrogate at the potential ṽ before the reset and m = 1 where the
lower bound did not act (EXODUS, Bauer et al. 2023, its implicit form folded into a reverse scan):

    c_T = gradient to the last state;   c_{t-1} = α D_t
    D_t = s'_t (g_t − θ m c_t) + m c_t                subtract:  v = ṽ − θ s
    D_t = s'_t (g_t − ṽ m c_t) + m c_t (1 − [s>0])    zero:      v = ṽ (1 − [s>0])
    D_t = m (g_t + c_t)                               no spikes: y = v
    gradient to x_t = gain · D_t;   gradient to the first state = α D_1

The forward pass keeps only v at every ``STRIDE`` steps. The backward pass recomputes the steps in
between, in cache: training's extra memory is the output, the gradient and 1/STRIDE of a tensor.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import TypeAlias

import numpy as np

from eventstore.jit import kernel
from snn.kernels.neuron import ZERO, after_reset, count_spikes, spike_slope

STRIDE = 64
"""Time steps between two kept potentials."""

BLOCK = 512
"""Neurons the forward scan advances together; their potentials stay in the first-level cache."""

BACKWARD_BLOCK = 256
"""The same for the backward scan, which holds ``STRIDE`` steps of them in the second level."""

Scan: TypeAlias = Callable[..., None]
Floats: TypeAlias = np.ndarray
Part: TypeAlias = tuple[int, int, int, int]
"""Rows ``b0 … b1`` and columns ``n0 … n1``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """What distinguishes two compiled kernels.

    Args:
        spiking: whether the neuron spikes at all.
        to_zero: whether a spike resets to zero, instead of subtracting the threshold.
        single: whether one step holds at most one spike.
        bounded: whether the potential has a lower bound.
        surrogate: ``code`` of the surrogate gradient.
    """

    spiking: bool
    to_zero: bool
    single: bool
    bounded: bool
    surrogate: int


@cache
def forward_kernel(variant: Variant) -> Scan:
    """Return the compiled forward scan of a variant; its surrogate must be 0, it plays no part."""
    spiking, to_zero = variant.spiking, variant.to_zero
    single, bounded = variant.single, variant.bounded

    def forward(  # noqa: PLR0917 # a kernel takes no keywords
        x: Floats,
        v_first: Floats,
        numbers: Floats,
        part: Part,
        y: Floats,
        v_kept: Floats,
        v_last: Floats,
    ) -> None:
        alpha, gain, threshold, v_min = numbers[0], numbers[1], numbers[2], numbers[3]
        b0, b1, n0, n1 = part
        for b in range(b0, b1):
            for start in range(n0, n1, BLOCK):
                stop = min(start + BLOCK, n1)
                v = v_last[b, start:stop]
                v[:] = v_first[b, start:stop]
                for t in range(x.shape[1]):
                    if t % STRIDE == 0:
                        v_kept[b, t // STRIDE, start:stop] = v
                    x_t, y_t = x[b, t, start:stop], y[b, t, start:stop]
                    for i in range(len(v)):
                        u = alpha * v[i] + gain * x_t[i]
                        if spiking:
                            y_t[i] = count_spikes(u, threshold, single)
                            u = after_reset(u, y_t[i], threshold, to_zero)
                        if bounded:
                            u = max(u - v_min, ZERO) + v_min
                        if not spiking:
                            y_t[i] = u
                        v[i] = u

    return kernel(forward)


@cache
def backward_kernel(variant: Variant) -> Scan:  # noqa: C901 # the branches are the options
    """Return the compiled backward scan of a variant."""
    spiking, to_zero = variant.spiking, variant.to_zero
    single, bounded, surrogate = variant.single, variant.bounded, variant.surrogate

    def backward(  # noqa: C901, PLR0917 # calls within would keep the loops scalar
        x: Floats,
        v_kept: Floats,
        numbers: Floats,
        part: Part,
        grad_y: Floats,
        grad_x: Floats,
        grad_v: Floats,  # gradient to the last state on entry, to the first on return
    ) -> None:
        alpha, gain, threshold, v_min = numbers[0], numbers[1], numbers[2], numbers[3]
        reach, height = numbers[4], numbers[5]
        b0, b1, n0, n1 = part
        steps = x.shape[1]
        potentials = np.empty((STRIDE, BACKWARD_BLOCK), np.float32)
        v = np.empty(BACKWARD_BLOCK, np.float32)
        for b in range(b0, b1):
            for start in range(n0, n1, BACKWARD_BLOCK):
                stop = min(start + BACKWARD_BLOCK, n1)
                c = grad_v[b, start:stop]
                for k in range((steps - 1) // STRIDE, -1, -1):
                    t0, t1 = k * STRIDE, min(k * STRIDE + STRIDE, steps)
                    v[: stop - start] = v_kept[b, k, start:stop]
                    for t in range(t0, t1):
                        x_t, u_t = x[b, t, start:stop], potentials[t - t0]
                        for i in range(len(c)):
                            u = alpha * v[i] + gain * x_t[i]
                            u_t[i] = u
                            if spiking:
                                s = count_spikes(u, threshold, single)
                                u = after_reset(u, s, threshold, to_zero)
                            if bounded:
                                u = max(u - v_min, ZERO) + v_min
                            v[i] = u
                    for t in range(t1 - 1, t0 - 1, -1):
                        g_t, gx_t = grad_y[b, t, start:stop], grad_x[b, t, start:stop]
                        u_t = potentials[t - t0]
                        for i in range(len(c)):
                            u = u_t[i]
                            d = c[i] if spiking else c[i] + g_t[i]
                            s = count_spikes(u, threshold, single) if spiking else ZERO
                            free = after_reset(u, s, threshold, to_zero) if spiking else u
                            if bounded:
                                d = d if free > v_min else ZERO
                            if spiking:
                                slope = spike_slope(u, threshold, reach, height, surrogate)
                                lost = u if to_zero else threshold
                                kept = ZERO if to_zero and s > ZERO else d
                                d = slope * (g_t[i] - lost * d) + kept
                            gx_t[i] = gain * d
                            c[i] = alpha * d

    return kernel(backward)
