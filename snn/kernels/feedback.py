"""Spikes that go back to the inputs of a layer, forwards and backwards.

Few neurons spike in one step, so forwards and for the weights' gradients only those are visited.
Backwards every neuron has a gradient: that is a dense product, of several rows at once so that
each weight read serves them all.
"""

from eventstore.jit import inner_kernel, lean_kernel, reordering_kernel
from snn.kernels.membrane import Array
from snn.kernels.neuron import ZERO

ROWS = 4
"""Rows of a batch that `pull` takes at once."""


@inner_kernel
def feed(spikes: Array, weight: Array, x: Array, fed: Array) -> None:
    """Add the spikes of the step before, weighted, to the inputs ``x`` of one row."""
    fed[:] = ZERO
    for j in range(len(spikes)):
        s = spikes[j]
        if s != ZERO:
            w = weight[j]
            for i in range(len(fed)):
                fed[i] += s * w[i]
    for i in range(len(fed)):
        fed[i] += x[i]


@reordering_kernel
def pull(weight: Array, grad_fed: Array, grad_spikes: Array) -> None:
    """Take gradients to the inputs of ``ROWS`` rows back to the spikes of the step before.

    Two neurons at a time: each gradient that is read serves both.
    """
    g0, g1, g2, g3 = grad_fed[0], grad_fed[1], grad_fed[2], grad_fed[3]
    n = weight.shape[0]
    for j in range(0, n, 2):
        k = min(j + 1, n - 1)  # of an odd number the last one is done twice
        w, v = weight[j], weight[k]
        s0 = s1 = s2 = s3 = r0 = r1 = r2 = r3 = w[0] * ZERO
        for i in range(len(w)):
            s0 += w[i] * g0[i]
            s1 += w[i] * g1[i]
            s2 += w[i] * g2[i]
            s3 += w[i] * g3[i]
            r0 += v[i] * g0[i]
            r1 += v[i] * g1[i]
            r2 += v[i] * g2[i]
            r3 += v[i] * g3[i]
        grad_spikes[0, j], grad_spikes[0, k] = s0, r0
        grad_spikes[1, j], grad_spikes[1, k] = s1, r1
        grad_spikes[2, j], grad_spikes[2, k] = s2, r2
        grad_spikes[3, j], grad_spikes[3, k] = s3, r3


@lean_kernel
def weigh(spikes: Array, y: Array, grad_fed: Array, part: tuple[int, int], grad: Array) -> None:
    """Add up the gradients to the weights of the neurons ``part``.

    Args:
        spikes: those before the first step, ``(B, N)``.
        y: those of each step, ``(B, T, N)``.
        grad_fed: gradient to the inputs of each step, ``(B, T, M)``.
        part: first neuron and the one after the last.
        grad: takes the gradients, ``(N, M)``.
    """
    for b in range(y.shape[0]):
        for t in range(y.shape[1]):
            before = y[b, t - 1] if t > 0 else spikes[b]
            g = grad_fed[b, t]
            for j in range(part[0], part[1]):
                s = before[j]
                if s != ZERO:
                    into = grad[j]
                    for i in range(len(g)):
                        into[i] += s * g[i]
