import numba
import numpy as np

from snn.kernels.membrane import add, add_product, advance, copy_rows, pick

ONE = np.array([1.0, 1.0, 1.0, 0.0, 0.5, 2.0])[:, None]


@numba.njit
def forwards(v: np.ndarray, b: np.ndarray, source: np.ndarray, rows: np.ndarray) -> np.ndarray:
    y, u = np.zeros(len(v)), np.zeros(len(v))
    numbers, options = (-1.0, 0.0, np.inf), (True, True, 0, True, False)
    advance((v, b), source, rows, numbers, y, u, options, True, True)
    return np.stack((y, u))


def test_one_step_of_adaptive_bounded_neurons() -> None:
    v, b = np.array([0.5, 0.0, 0.0]), np.array([0.0, 1.0, 0.0])
    y, u = forwards(v, b, np.array([1.75, 2.5, -9.0]), ONE)
    assert u.tolist() == [2.25, 2.5, -9.0]
    assert y.tolist() == [2.0, 0.0, 0.0]  # thresholds 1, 3, 1
    assert v.tolist() == [0.25, 2.5, -1.0]
    assert b.tolist() == [1.0, 0.5, 0.0]


def test_constants_are_one_for_all_or_one_each() -> None:
    row = np.array([3.0, 4.0])
    assert (pick(row, 1, True), pick(row, 1, False)) == (4.0, 3.0)


def test_sums() -> None:
    total = np.array([1.0, 2.0, 3.0])
    add(total, np.array([1.0, 1.0]))
    add_product(total, np.array([2.0, 2.0]), np.array([5.0, 0.5]))
    assert total.tolist() == [12.0, 4.0, 3.0]


def test_rows_are_copied_from_one_place_to_another() -> None:
    into = np.zeros((2, 4))
    copy_rows(np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]), 1, 2, into, 2)
    assert into.tolist() == [[0.0, 0.0, 2.0, 3.0], [0.0, 0.0, 5.0, 6.0]]
