"""Blocks of neurons filled from arrays of all neurons, and read out again.

Blocks lie one after the other, and stand for the columns ``start … stop`` of an array.
"""

import numpy as np

from eventstore.jit import inlined_kernel
from snn.dpi import layout as at
from snn.dpi.layout import BLOCK, N_CONSTANTS, N_STATES, Array
from snn.kernels.neuron import ONE, ZERO


@inlined_kernel
def load(blocks: Array, source: Array, start: int, stop: int) -> None:
    """Fill the first rows of blocks with columns of an array."""
    for lo in range(start, stop, BLOCK):
        block, n = blocks[(lo - start) // BLOCK], min(BLOCK, stop - lo)
        for row in range(source.shape[0]):
            block[row * BLOCK : row * BLOCK + n] = source[row, lo : lo + n]


@inlined_kernel
def store(blocks: Array, into: Array, start: int, stop: int) -> None:
    """Copy the first rows of blocks to columns of an array."""
    for lo in range(start, stop, BLOCK):
        block, n = blocks[(lo - start) // BLOCK], min(BLOCK, stop - lo)
        for row in range(into.shape[0]):
            into[row, lo : lo + n] = block[row * BLOCK : row * BLOCK + n]


@inlined_kernel
def prepare(blocks: Array, constants: Array, start: int, stop: int) -> None:
    """Fill in the constants of blocks, and what would cost a division a step."""
    load(blocks[:, N_STATES * BLOCK :], constants, start, stop)
    for k in range(stop - start):
        block, i = blocks[k // BLOCK], np.uint64(k % BLOCK)
        block[at.PER_LEAK + i] = ONE / block[at.LEAK + i]
        block[at.GAIN_PER_LEAK + i] = block[at.GAIN + i] / block[at.LEAK + i]
        block[at.PER_THRESHOLD + i] = ONE / block[at.THRESHOLD + i]


@inlined_kernel
def settle(grads: Array, into: Array, start: int, stop: int) -> None:
    """Add the blocks' gradients to constants to those of all steps, and begin anew.

    Single precision sums up a few dozen steps well, and double precision thousands of them.
    """
    for lo in range(start, stop, BLOCK):
        grad, n = grads[(lo - start) // BLOCK], min(BLOCK, stop - lo)
        for row in range(N_CONSTANTS - 1):
            first = (N_STATES + row) * BLOCK
            for i in range(n):
                into[row, lo + i] += grad[first + i]
                grad[first + i] = ZERO


@inlined_kernel
def add_to_spikes(grads: Array, grad_spikes: Array) -> None:
    """Add gradients to the spikes of a step to those that blocks hold."""
    for k in range(len(grad_spikes)):
        grads[k // BLOCK, at.G_SPIKES + np.uint64(k % BLOCK)] += grad_spikes[k]
