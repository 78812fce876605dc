"""Memory that a scan works in: kernels make no arrays of their own.

A kernel that may make arrays counts who holds which, with two locked instructions for each slice
that it hands to a function: in the inner loops of a scan that was a third of the time.
"""

from typing import NamedTuple, TypeAlias

import numpy as np

from snn.kernels.feedback import ROWS
from snn.kernels.lines import MARGIN, Window
from snn.kernels.membrane import Array

Float: TypeAlias = "np.dtype[np.floating]"


class Space(NamedTuple):
    """What a scan needs room for.

    Args:
        dtype: of all numbers.
        states: numbers that a neuron remembers.
        width: neurons that are advanced together.
        weight: neurons, and inputs that their spikes go back to; (1, 1): none.
        window: over which spikes are averaged; None: they are not.
    """

    dtype: Float
    states: int
    width: int
    weight: tuple[int, int]
    window: Window | None

    def empty(self, *shape: int) -> Array:
        """Return an array of unset numbers."""
        return np.empty(shape, self.dtype)

    def band(self) -> tuple[Array, Array]:
        """Return room for a band of rows of windows and for its averages, each with a margin."""
        if self.window is None:
            return self.empty(1), self.empty(1)
        _, wide, columns, channels = self.window
        n_out = columns // wide * channels
        return np.zeros(self.width + MARGIN, self.dtype), np.zeros(n_out + MARGIN, self.dtype)


class ForwardMemory(NamedTuple):
    """Memory of a forward scan.

    Args:
        state: of the neurons, a row each: potential, currents, adaptation, spikes of the last step.
        total: sum of currents.
        fed: inputs with feedback.
        band: spikes of a band, and sums of windows.
    """

    state: Array
    total: Array
    fed: Array
    band: tuple[Array, Array]


class BackwardMemory(NamedTuple):
    """Memory of a backward scan.

    Args:
        state: as forwards.
        now: of one step: output, gradients to potential and threshold, sum of currents.
        fed: inputs with feedback.
        steps: of each row of a group and step of a chunk: potential before the reset, states before
            the step, currents before they decay, and what the membranes were given.
        band: gradients to spikes of a band, and to averages.
        back: of each row of a group: gradients to inputs with feedback, and to spikes.
    """

    state: Array
    now: tuple[Array, Array, Array, Array]
    fed: Array
    steps: tuple[Array, Array, Array, Array]
    band: tuple[Array, Array]
    back: tuple[Array, Array]


def forward_memory(space: Space) -> ForwardMemory:
    """Return memory for a forward scan.

    Examples:
        >>> space = Space(np.dtype(np.float32), 2, 512, (1, 1), None)
        >>> forward_memory(space).state.shape
        (2, 512)
    """
    state = space.empty(space.states, space.width)
    return ForwardMemory(
        state, space.empty(space.width), space.empty(space.weight[1]), space.band()
    )


def backward_memory(
    space: Space, steps: int, n_synapses: int, *, remembers: bool, learns: bool, recurrent: bool
) -> BackwardMemory:
    """Return memory for a backward scan.

    Args:
        space: what it needs room for.
        steps: of a chunk.
        n_synapses: of a neuron.
        remembers: whether it looks back at states before each step.
        learns: whether gradients to constants are wanted.
        recurrent: whether several rows go together.

    Examples:
        >>> space = Space(np.dtype(np.float32), 2, 512, (1, 1), None)
        >>> options = {"remembers": False, "learns": False, "recurrent": False}
        >>> backward_memory(space, 64, 0, **options).steps[0].shape
        (1, 64, 512)
    """
    group, width = ROWS if recurrent else 1, space.width
    learnt = steps if learns else 1
    n_fed, n_inputs = space.weight
    return BackwardMemory(
        state=space.empty(space.states, width),
        now=tuple(space.empty(width) for _ in range(4)),  # type: ignore[arg-type]  # four of them
        fed=space.empty(n_inputs),
        steps=(
            space.empty(group, steps, width),
            space.empty(group, steps if remembers else 1, space.states, width),
            space.empty(group, learnt, max(n_synapses, 1), width),
            space.empty(group, learnt, width),
        ),
        band=space.band(),
        back=(np.zeros((ROWS, n_inputs), space.dtype), np.zeros((ROWS, n_fed), space.dtype)),
    )
