"""Average the spikes of windows of neurons in the step that makes them.

Neurons lie as ``(H, W, C)``, channels next to each other. A kernel advances a band of as many rows
as a window has; its spikes stay in the first-level cache, and only the averages go to memory.
"""

from typing import NamedTuple, TypeAlias

import numpy as np

from eventstore.jit import kernel
from snn.kernels.lines import LINE_BYTES, copy_run
from snn.kernels.membrane import Array
from snn.kernels.neuron import ZERO

Window: TypeAlias = tuple[int, int, int, int]
"""Rows and columns of a window; columns and channels of the neurons."""

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


@kernel
def places(window: Window) -> Array:
    """Return where in a row of neurons each average of windows comes from, ``(wide, n_out)``.

    Channels are few, and loops over them short; by a table they become one long one.
    """
    _, wide, columns, channels = window
    n_out = columns // wide * channels
    sources = np.empty((wide, n_out), np.uint32)
    for out in range(n_out):
        for k in range(wide):
            sources[k, out] = (out // channels * wide + k) * channels + out % channels
    return sources


@kernel
def average(band: Array, window: Window, sources: Array, out: Array) -> None:
    """Average the windows of a band of rows.

    Args:
        band: spikes, which are changed.
        window: rows and columns of a window; columns and channels of the neurons.
        sources: from `places`.
        out: takes the averages.
    """
    row = window[2] * window[3]
    for k in range(1, window[0]):
        below = band[k * row : (k + 1) * row]
        for i in range(row):
            band[i] += below[i]
    first, share = sources[0], np.float32(window[0] * window[1])
    for i in range(len(out)):
        out[i] = band[first[i]]
    for k in range(1, window[1]):
        source = sources[k]
        for i in range(len(out)):
            out[i] += band[source[i]]
    for i in range(len(out)):
        out[i] /= share


@kernel
def spread(grad: Array, window: Window, shares: Array, band: Array) -> None:
    """Give each neuron of a band its share of the gradient to the average that it is in.

    Args:
        grad: gradients to the averages of a row of windows.
        window: rows and columns of a window; columns and channels of the neurons.
        shares: memory for as many numbers as ``grad`` has, and a margin.
        band: takes the gradients to the neurons; with a margin.
    """
    high, wide, columns, channels = window
    row, share, n_lanes = columns * channels, np.float32(high * wide), LINE_BYTES // band.itemsize
    for i in range(len(grad)):
        shares[i] = grad[i] / share
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
