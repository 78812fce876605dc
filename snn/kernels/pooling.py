"""Average the spikes of windows of neurons in the step that makes them.

Neurons lie as ``(H, W, C)``, channels next to each other. A kernel advances a band of as many rows
as a window has; its spikes stay in the first-level cache, and only the averages go to memory.
"""

from typing import NamedTuple

import numpy as np

from eventstore.jit import inner_kernel
from snn.kernels.lines import LINE_BYTES, Window, add_up_runs, copy_run
from snn.kernels.membrane import Array
from snn.kernels.neuron import ZERO

NO_WINDOW: Window = (1, 1, 1, 1)


class Pool(NamedTuple):
    """Windows of ``kernel`` neurons side by side, in frames of ``size``; what is over is left out.

    Args:
        kernel: rows and columns of a window.
        size: rows, columns and channels of the neurons.

    Examples:
        >>> Pool((2, 2), (5, 4, 3)).out_size
        (2, 2, 3)
    """

    kernel: tuple[int, int]
    size: tuple[int, int, int]

    @property
    def out_size(self) -> tuple[int, int, int]:
        """Rows, columns and channels of the averages."""
        (high, wide), (rows, columns, channels) = self
        return rows // high, columns // wide, channels

    @property
    def n_out(self) -> int:
        """Averages of a frame."""
        rows, columns, channels = self.out_size
        return rows * columns * channels

    @property
    def window(self) -> Window:
        """What kernels need to know."""
        return (*self.kernel, *self.size[1:])


@inner_kernel
def average(band: Array, window: Window, sums: Array, out: Array) -> None:
    """Average the windows of a band of rows.

    Args:
        band: spikes; with a margin.
        window: rows and columns of a window; columns and channels of the neurons.
        sums: memory for as many numbers as ``out`` has, and a margin.
        out: takes the averages.
    """
    high, wide, columns, channels = window
    n_lanes = LINE_BYTES // band.itemsize
    for j in range(columns // wide):
        add_up_runs(band, j * wide * channels, window, sums, j * channels, n_lanes)
    divide(sums, high * wide, out)


@inner_kernel
def divide(x: Array, by: int, out: Array) -> None:
    """Divide each x; by a power of two as a product, which is as exact and ten times as fast."""
    divisor = np.float32(by)
    if by & (by - 1):
        for i in range(len(out)):
            out[i] = x[i] / divisor
    else:
        share = np.float32(1.0) / divisor
        for i in range(len(out)):
            out[i] = x[i] * share


@inner_kernel
def spread(grad: Array, window: Window, shares: Array, band: Array) -> None:
    """Give each neuron of a band its share of the gradient to the average that it is in.

    Args:
        grad: gradients to the averages of a row of windows.
        window: rows and columns of a window; columns and channels of the neurons.
        shares: memory for as many numbers as ``grad`` has, and a margin.
        band: takes the gradients to the neurons; with a margin.
    """
    high, wide, columns, channels = window
    row, n_lanes = columns * channels, LINE_BYTES // band.itemsize
    divide(grad, high * wide, shares[: len(grad)])
    for j in range(columns // wide):
        for k in range(wide):
            into = (j * wide + k) * channels
            copy_run(shares, j * channels, channels, band, into, n_lanes)
    for i in range(columns // wide * wide * channels, row):
        band[i] = ZERO
    for k in range(1, high):
        below = band[k * row : (k + 1) * row]
        for i in range(row):
            below[i] = band[i]
