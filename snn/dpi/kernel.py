"""The recurrence of `snn.dpi.dynamics` compiled: forward scan, and backward scan of exact BPTT.

Options are constants of a closure, so that each variant compiles to straight code. Arrays are
``(B, T, N)``, contiguous; a call does the rows and columns of a part, all columns where neurons are
recurrent, block by block. The forward pass keeps the state at every ``STRIDE`` steps; the backward
pass goes through the steps in between once more, keeps of each what gradients are multiplied with,
and then takes them back from the last step to the first.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import TypeAlias

import numpy as np

from eventstore.jit import fusing_kernel
from snn.dpi.block import add_to_spikes, load, prepare, settle, store
from snn.dpi.gradient_kernels import retreat
from snn.dpi.layout import (
    BLOCK,
    N_GRADIENTS,
    N_ROWS,
    N_STATES,
    N_TAPE,
    N_TAPE_LEARNING,
    Array,
)
from snn.dpi.step_kernels import advance
from snn.kernels.feedback import ROWS, feed, pull
from snn.kernels.template import STRIDE, Part

Scan: TypeAlias = Callable[..., None]

NO_SURROGATE = (np.float32(0.0),) * 5
"""Numbers of a surrogate, where no gradients are kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DpiVariant:
    """What distinguishes two compiled kernels.

    Args:
        recurrent: whether spikes go back to the inputs.
        detached: whether gradients stop at the spikes of the reset.
        surrogate: ``code`` of the surrogate gradient.
        learns: whether gradients to the constants are wanted.
        double: whether numbers are of double precision.
    """

    recurrent: bool
    detached: bool
    surrogate: int
    learns: bool
    double: bool


@cache
def forward_kernel(recurrent: bool, double: bool) -> Scan:
    """Return the compiled forward scan."""
    options = (double, False, False, 0)

    def forward(  # noqa: PLR0917 # a kernel takes no keywords
        x: Array,
        first: Array,
        rows: Array,
        weight: Array,
        part: Part,
        y: Array,
        kept: Array,
        last: Array,
    ) -> None:
        b0, b1, n0, n1 = part
        width = n1 - n0 if recurrent else BLOCK
        blocks, fed = (
            np.zeros((-(-width // BLOCK), N_ROWS * BLOCK), x.dtype),
            np.empty(width, x.dtype),
        )
        for start in range(n0, n1, width):
            stop = min(start + width, n1)
            prepare(blocks, rows, start, stop)
            for b in range(b0, b1):
                load(blocks, first[b], start, stop)
                for t in range(x.shape[1]):
                    if t % STRIDE == 0:
                        store(blocks, kept[b, t // STRIDE], start, stop)
                    if recurrent:
                        feed(y[b, t - 1] if t > 0 else first[b, N_STATES - 1], weight, x[b, t], fed)
                    for lo in range(start, stop, BLOCK):
                        block, hi = blocks[(lo - start) // BLOCK], min(lo + BLOCK, stop)
                        z = fed[lo:hi] if recurrent else x[b, t, lo:hi]
                        advance(block, z, y[b, t, lo:hi], block, NO_SURROGATE, options)
                store(blocks, last[b], start, stop)

    return fusing_kernel(forward)


@cache
def backward_kernel(variant: DpiVariant) -> Scan:  # noqa: C901, PLR0915 # one loop nest
    """Return the compiled backward scan of a variant."""
    recurrent, learns = variant.recurrent, variant.learns
    forwards = (variant.double, True, learns, variant.surrogate)
    backwards = (variant.detached, learns)
    n_tape = N_TAPE_LEARNING if learns else N_TAPE

    def backward(  # noqa: C901, PLR0912, PLR0917 # a kernel takes no keywords
        x: Array,
        kept: Array,
        rows: Array,
        slope_numbers: tuple[float, ...],
        weight: Array,
        part: Part,
        grad_y: Array,
        grad_x: Array,
        grad_state: Array,  # gradient to the last state on entry, to the first on return
        grad_rows: Array,
    ) -> None:
        b0, b1, n0, n1 = part
        steps, group = x.shape[1], ROWS if recurrent else 1
        width = n1 - n0 if recurrent else BLOCK
        n_blocks = -(-width // BLOCK)
        blocks = np.zeros((n_blocks, N_ROWS * BLOCK), x.dtype)
        tapes = np.empty((group, STRIDE, n_blocks, n_tape * BLOCK), x.dtype)
        grads = np.zeros((group, n_blocks, N_GRADIENTS * BLOCK), x.dtype)
        fed, spikes = np.empty(width, x.dtype), np.empty(width, x.dtype)
        grad_fed, grad_spikes = np.zeros((ROWS, width), x.dtype), np.zeros((ROWS, width), x.dtype)
        for start in range(n0, n1, width):
            stop = min(start + width, n1)
            prepare(blocks, rows, start, stop)
            for b_first in range(b0, b1, group):
                b_end = min(b_first + group, b1)
                for b in range(b_first, b_end):
                    load(grads[b - b_first], grad_state[b], start, stop)
                for chunk in range((steps - 1) // STRIDE, -1, -1):
                    t0, t1 = chunk * STRIDE, min(chunk * STRIDE + STRIDE, steps)
                    for b in range(b_first, b_end):
                        tape = tapes[b - b_first]
                        load(blocks, kept[b, chunk], start, stop)
                        spikes[: stop - start] = kept[b, chunk, N_STATES - 1, start:stop]
                        for t in range(t0, t1):
                            if recurrent:
                                feed(spikes, weight, x[b, t], fed)
                            for lo in range(start, stop, BLOCK):
                                k, hi = (lo - start) // BLOCK, min(lo + BLOCK, stop)
                                z = fed[lo:hi] if recurrent else x[b, t, lo:hi]
                                s, into = spikes[lo - start : hi - start], tape[t - t0, k]
                                advance(blocks[k], z, s, into, slope_numbers, forwards)
                    for t in range(t1 - 1, t0 - 1, -1):
                        for b in range(b_first, b_end):
                            tape, grad = tapes[b - b_first, t - t0], grads[b - b_first]
                            for lo in range(start, stop, BLOCK):
                                k, hi = (lo - start) // BLOCK, min(lo + BLOCK, stop)
                                g_y, g_x = grad_y[b, t, lo:hi], grad_x[b, t, lo:hi]
                                retreat(blocks[k], tape[k], grad[k], g_y, g_x, backwards)
                            if recurrent:
                                grad_fed[b - b_first] = grad_x[b, t]
                        if recurrent:
                            pull(weight, grad_fed, grad_spikes)
                            for row in range(b_end - b_first):
                                add_to_spikes(grads[row], grad_spikes[row])
                    if learns:
                        for b in range(b_first, b_end):
                            settle(grads[b - b_first], grad_rows[b], start, stop)
                for b in range(b_first, b_end):
                    store(grads[b - b_first], grad_state[b], start, stop)

    return fusing_kernel(backward)
