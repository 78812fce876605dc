r"""The recurrence of `snn.dpi.dynamics` compiled: forward scan, and backward scan of exact BPTT.

Options are constants of a closure, so that each variant compiles to straight code. Arrays are
``(B, T, N)``, contiguous; a call does the rows and columns of a part, all columns where neurons are
recurrent. The forward pass keeps the state at every ``STRIDE`` steps, the backward pass recomputes
the steps in between and then goes through them from the last to the first. With the gradients
$\bar s, \bar M, \bar v, \bar A, \bar S$ to what a step leaves, h' the surrogate's slope and
$B = M + G$:

$$
\bar s &\mathrel{+}= \bar M (1 - U), \quad
\bar M' = [M' > 1] \big( \bar M (1 - s) + (\bar v + \bar s\, h' / \theta) / U \big) \\
\bar q &= \bar M' h \Lambda M / B, \quad \bar J = [J > 1] \, \bar q \, G / L \\
\bar M &\leftarrow \bar M' \big( 1 + h (\Lambda G q / B^2 + e^{pv}) \big)
- \bar q (1 + A / L), \quad \bar v \leftarrow \bar M' h M p\, e^{pv} \\
\bar \Lambda &= \bar M' h M q / B - \bar q G / L - \bar J, \quad
\bar A \mathrel{+}= \bar \Lambda - \bar q M / L, \quad \bar S \mathrel{+}= \bar J
$$

where $q$ is the bracket that pulls the membrane and $U = \max(1, M')$.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TypeAlias

import numpy as np

from eventstore.jit import kernel
from snn.dpi.step_kernels import Array, advance, retreat
from snn.kernels import feedback, neuron
from snn.kernels.feedback import ROWS, feed, pull
from snn.kernels.template import BLOCK, STRIDE, Part

Scan: TypeAlias = Callable[..., None]

N_STATES = 6


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
def code_stamp() -> str:
    """Return a digest of what goes into kernels: they are cached by the file of the loop alone."""
    here = Path(__file__)
    near = [here.with_name(f"{name}.py") for name in ("kernel", "step_kernels", "logarithm")]
    there = [Path(str(module.__file__)) for module in (feedback, neuron)]
    files = [*near, *there, Path(str(neuron.__file__)).with_name("exponential.py")]
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()


@cache
def forward_kernel(recurrent: bool, double: bool) -> Scan:
    """Return the compiled forward scan."""
    stamp = code_stamp()

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
        _ = stamp  # a constant of the closure, hence part of the name under which it is cached
        b0, b1, n0, n1 = part
        width = n1 - n0 if recurrent else BLOCK
        state, fed = np.empty((N_STATES, width), x.dtype), np.empty(width, x.dtype)
        for b in range(b0, b1):
            for start in range(n0, n1, width):
                stop = min(start + width, n1)
                n = stop - start
                state[:, :n] = first[b, :, start:stop]
                for t in range(x.shape[1]):
                    if t % STRIDE == 0:
                        kept[b, t // STRIDE, :, start:stop] = state[:, :n]
                    z = x[b, t, start:stop]
                    if recurrent:
                        feed(state[N_STATES - 1], weight, z, fed)
                        z = fed
                    advance(z, state[:, :n], rows[:, start:stop], double)
                    y[b, t, start:stop] = state[N_STATES - 1, :n]
                last[b, :, start:stop] = state[:, :n]

    return kernel(forward)


@cache
def backward_kernel(variant: DpiVariant) -> Scan:  # noqa: C901 # one loop nest
    """Return the compiled backward scan of a variant."""
    stamp = code_stamp()
    recurrent, double, learns = variant.recurrent, variant.double, variant.learns
    options = (variant.detached, variant.surrogate, learns, double)

    def backward(  # noqa: C901, PLR0917 # a kernel takes no keywords
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
        _ = stamp
        b0, b1, n0, n1 = part
        steps, group = x.shape[1], ROWS if recurrent else 1
        width = n1 - n0 if recurrent else BLOCK
        # What the steps of a chunk began with, and their weighted input, of each row of a group.
        before = np.empty((group, STRIDE, N_STATES, width), x.dtype)
        inputs = np.empty((group, STRIDE, width), x.dtype)
        state = np.empty((N_STATES, width), x.dtype)
        grad_fed, grad_spikes = np.zeros((ROWS, width), x.dtype), np.zeros((ROWS, width), x.dtype)
        for b_first in range(b0, b1, group):
            for start in range(n0, n1, width):
                b_end, stop = min(b_first + group, b1), min(start + width, n1)
                n, own = stop - start, rows[:, start:stop]
                for chunk in range((steps - 1) // STRIDE, -1, -1):
                    t0, t1 = chunk * STRIDE, min(chunk * STRIDE + STRIDE, steps)
                    for b in range(b_first, b_end):
                        row = b - b_first
                        state[:, :n] = kept[b, chunk, :, start:stop]
                        for t in range(t0, t1):
                            z = inputs[row, t - t0, :n]
                            before[row, t - t0, :, :n] = state[:, :n]
                            if recurrent:
                                feed(state[N_STATES - 1], weight, x[b, t, start:stop], z)
                            else:
                                z[:] = x[b, t, start:stop]
                            advance(z, state[:, :n], own, double)
                    for t in range(t1 - 1, t0 - 1, -1):
                        for b in range(b_first, b_end):
                            row = b - b_first
                            retreat(
                                inputs[row, t - t0, :n],
                                before[row, t - t0, :, :n],
                                own,
                                slope_numbers,
                                grad_y[b, t, start:stop],
                                grad_x[b, t, start:stop],
                                grad_state[b, :, start:stop],
                                grad_rows[b, :, start if learns else 0 :],
                                options,
                            )
                            if recurrent:
                                grad_fed[row] = grad_x[b, t, start:stop]
                        if recurrent:
                            pull(weight, grad_fed, grad_spikes)
                            for b in range(b_first, b_end):
                                grad_state[b, N_STATES - 1] += grad_spikes[b - b_first]

    return kernel(backward)
