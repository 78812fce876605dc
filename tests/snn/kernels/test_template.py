from dataclasses import replace

import numpy as np

from snn.kernels.neuron import NONE
from snn.kernels.pooling import NO_WINDOW
from snn.kernels.template import (
    BLOCK,
    STRIDE,
    backward_kernel,
    forward_kernel,
)
from tests.snn.kernels.variants import PLAIN

CONSTANTS = np.array([1, 1, 1, 0, 0, 0], np.float32)[:, None]
NUMBERS = tuple(np.float32(one) for one in (0, 0, np.inf))
SLOPE = tuple(np.float32(one) for one in (2, 2, 0, 0, 0))
NO_WEIGHT = np.zeros((1, 1), np.float32)


def test_kernels_are_made_once() -> None:
    assert forward_kernel(PLAIN) is forward_kernel(PLAIN)
    assert backward_kernel(PLAIN) is backward_kernel(PLAIN)


def test_a_part_leaves_the_rest_alone() -> None:
    x = np.full((2, STRIDE + 1, 1, BLOCK + 3), 0.5, np.float32)
    y, last = np.full_like(x[:, :, 0], -1), np.zeros((2, 1, BLOCK + 3), np.float32)
    kept = np.full((2, 2, 1, BLOCK + 3), -1, np.float32)
    part = (1, 2, 1, BLOCK + 2)
    run = forward_kernel(PLAIN)
    run(x, np.zeros_like(last), CONSTANTS, NUMBERS, NO_WEIGHT, part, NO_WINDOW, y, kept, last)
    inside = np.zeros(y.shape, bool)
    inside[1:2, :, 1 : BLOCK + 2] = True
    assert (y[~inside] == -1).all()
    assert (y[inside] >= 0).all()
    assert (kept[1, 1, 0, 1 : BLOCK + 2] == 0).all()


def test_backward_of_a_pure_integrator_sums_what_comes_after() -> None:
    x, kept = np.zeros((1, 5, 1, 1), np.float32), np.zeros((1, 1, 1, 1), np.float32)
    grad_y, grad_x = np.ones((1, 5, 1), np.float32), np.zeros_like(x)
    grad_state, grad_constants = np.full((1, 1, 1), 10, np.float32), np.zeros((1, 6, 1))
    run = backward_kernel(replace(PLAIN, spiking=False, reset=NONE))
    given = (x, kept, CONSTANTS, NUMBERS, SLOPE, NO_WEIGHT, (0, 1, 0, 1), NO_WINDOW)
    run(*given, grad_y, grad_x, grad_state, grad_constants)
    assert grad_x.ravel().tolist() == [15, 14, 13, 12, 11]
    assert grad_state.item() == 15
