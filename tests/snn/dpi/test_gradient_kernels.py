"""The rest of `snn.dpi.gradient_kernels` is held against autograd in ``test_operators``."""

import numpy as np

from snn.dpi import layout as at
from snn.dpi.gradient_kernels import retreat
from snn.dpi.layout import BLOCK, N_GRADIENTS, N_ROWS, N_TAPE_LEARNING


def test_a_spike_takes_the_membranes_gradient_only_where_the_reset_is_not_detached() -> None:
    tape = np.zeros(N_TAPE_LEARNING * BLOCK)
    tape[int(at.RISE)], tape[int(at.SLOPE)], tape[int(at.PER_MEM)] = -3.0, 2.0, 0.5
    tape[int(at.TO_MEM)] = 1.0
    found = {}
    for detached in (False, True):
        grad, into = np.zeros(N_GRADIENTS * BLOCK), np.zeros(1)
        grad[int(at.G_MEM)] = 1.0
        retreat(np.zeros(N_ROWS * BLOCK), tape, grad, np.ones(1), into, (detached, False))
        found[detached] = grad[int(at.G_MEM)]
    assert found == {False: (1.0 - 3.0) * 2.0 * 0.5, True: 1.0 * 2.0 * 0.5}
