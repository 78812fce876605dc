import numba
import numpy as np
import pytest

from snn.kernels.synapse import take_in, take_out

INPUTS = (2, False, False, True)


@numba.njit
def forwards(x: np.ndarray, state: np.ndarray, rows: np.ndarray, filled: np.ndarray) -> np.ndarray:
    total, unused = np.zeros(3), np.zeros(1)
    take_in(
        x,
        (1, 3, 0),
        state,
        rows,
        np.zeros((1, 1)),
        (total, unused),
        filled,
        (2, False, False, True),
    )
    return total


@numba.njit
def backwards(  # noqa: PLR0917 # a kernel takes no keywords
    d: np.ndarray,
    grad_x: np.ndarray,
    grad_state: np.ndarray,
    rows: np.ndarray,
    filled: np.ndarray,
    grads: np.ndarray,
) -> None:
    take_out(d, (1, 3, 0), grad_x, grad_state, rows, filled, grads, (2, False, False, True))


def test_two_synapses_of_a_block_forwards_and_backwards() -> None:
    x = np.array([[9.0, 1, 2, 3, 9], [9, 4, 5, 6, 9]])
    state = np.zeros((3, 3))
    state[1:] = [[1, 1, 1], [2, 2, 2]]
    rows = np.array([1, 0.5, 1, 0, 0, 0, 0.5, 0.25])[:, None]
    filled = np.zeros((2, 3))
    total = forwards(x, state, rows, filled)
    assert filled.tolist() == [[2, 3, 4], [6, 7, 8]]
    assert state[1:].tolist() == [[1, 1.5, 2], [1.5, 1.75, 2]]
    assert total.tolist() == [2.5, 3.25, 4.0]

    grad_x, grad_state, grads = np.full((2, 5), -1.0), np.zeros((3, 5)), np.zeros((8, 5))
    grad_state[1, 1:4] = 1
    backwards(np.array([2.0, 0, 4]), grad_x, grad_state, rows, filled, grads)
    # E = carried + gain · d: of the first synapse 2, 1, 3, of the second 1, 0, 2
    assert grad_x.tolist() == [[-1, 1, 0.5, 1.5, -1], [-1, 0.25, 0, 0.5, -1]]
    assert grad_state[1:, 1:4].tolist() == [[1, 0.5, 1.5], [0.25, 0, 0.5]]
    assert grads[6, 1:4].tolist() == pytest.approx([4, 3, 12])
    assert grads[7, 1:4].tolist() == pytest.approx([6, 0, 16])
