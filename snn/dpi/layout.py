"""How a block of neurons lies in flat arrays: state, constants, gradients, a row of each.

Rows lie at distances that the compiler knows, in one piece of memory: it can tell that none
overlaps another, and turns a loop over the neurons of a block into vector instructions. Of two
dozen arrays it could not.
"""

from typing import TypeAlias

import numpy as np

Array: TypeAlias = np.ndarray

BLOCK = 128
"""Neurons of a block: what the backward scan holds of its steps stays in the second-level cache."""


def _rows(first: int, count: int) -> tuple[np.uint64, ...]:
    return tuple(np.uint64(k * BLOCK) for k in range(first, first + count))


N_STATES, N_CONSTANTS = 6, 13
# As in `snn.dpi.dynamics`.
SYN, AHP, MEM, VOLT, REST, SPIKES = _rows(0, N_STATES)
(
    SYN_DECAY,
    DRIVE,
    DRIVE_FLOOR,
    AHP_DECAY,
    AHP_JUMP,
    AHP_FLOOR,
    LEAK,
    DC,
    GAIN,
    RATE,
    FEEDBACK,
    THRESHOLD,
    REFRACTORY,
) = _rows(N_STATES, N_CONSTANTS)
# Of constants, what would cost a division a step.
PER_LEAK, GAIN_PER_LEAK, PER_THRESHOLD = _rows(N_STATES + N_CONSTANTS, 3)
N_ROWS = N_STATES + N_CONSTANTS + 3

# What a step was like, for the way back: factors of the gradients, see `retreat_kernels`.
(
    SLOPE,
    PER_MEM,
    STAYED,
    RISE,
    TO_GIVEN,
    TO_AHP,
    TO_VOLT,
    TO_MEM,
    ADAPTS,
    JUMPS,
    DRIVES,
) = _rows(0, 11)
N_TAPE = 11
# And what gradients to constants need besides.
WAS_SYN, WAS_AHP, WAS_SPIKES, WAS_INPUT, RATIO, TO_LEAK, TO_GAIN, TO_RATE, TO_FEEDBACK = _rows(
    N_TAPE, 9
)
N_TAPE_LEARNING = N_TAPE + 9

# Gradients: to the state, and to the constants but the last, how many steps a neuron rests.
G_SYN, G_AHP, G_MEM, G_VOLT, G_REST, G_SPIKES = _rows(0, N_STATES)
(
    G_SYN_DECAY,
    G_DRIVE,
    G_DRIVE_FLOOR,
    G_AHP_DECAY,
    G_AHP_JUMP,
    G_AHP_FLOOR,
    G_LEAK,
    G_DC,
    G_GAIN,
    G_RATE,
    G_FEEDBACK,
    G_THRESHOLD,
) = _rows(N_STATES, N_CONSTANTS - 1)
N_GRADIENTS = N_STATES + N_CONSTANTS
