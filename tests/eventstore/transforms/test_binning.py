import numpy as np
import pytest

from eventstore.transforms.binning import OVERFLOW, count_by_row, count_by_time
from eventstore.transforms.windows import OFF_SENSOR, OFF_WINDOW

OFFSETS = np.array([0, 3], np.int64)
EDGES = np.array([[0, 10, 20, 25]], np.int64)


Columns = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def columns(t: list[int], x: list[int]) -> Columns:
    n = len(t)
    return (
        np.array(t, np.int64),
        np.array(x, np.uint16),
        np.zeros(n, np.uint16),
        np.ones(n, np.uint8),
    )


@pytest.mark.parametrize(
    ("t", "expected"),
    [
        ([0, 9, 10], [2, 1]),
        ([10, 0, 9], [2, 1]),
        ([20, 24, 0], [1, 0]),
        ([24, 5, 24], [1, 0]),
    ],
)
def test_frames_are_half_open_in_any_order(t: list[int], expected: list[int]) -> None:
    out = np.full((1, 2, 2, 1, 1), 9, np.uint8)
    assert count_by_time(columns(t, [0, 0, 0]), OFFSETS, EDGES, out, 255) == (0, 0, 0)
    assert out[0, :, 1, 0, 0].tolist() == expected
    assert out.sum() == sum(expected)


def test_problems_name_the_row_and_the_frame() -> None:
    out = np.empty((1, 2, 2, 1, 1), np.uint8)
    assert count_by_time(columns([0, 1, 25], [0] * 3), OFFSETS, EDGES, out, 255)[:2] == (
        OFF_WINDOW,
        2,
    )
    assert count_by_time(columns([0, 1, 2], [0, 1, 0]), OFFSETS, EDGES, out, 255)[:2] == (
        OFF_SENSOR,
        1,
    )
    assert count_by_time(columns([0, 11, 12], [0] * 3), OFFSETS, EDGES, out, 1) == (OVERFLOW, 2, 1)
    _, x, y, p = columns([0] * 3, [0] * 3)
    assert count_by_row((x, y, p), np.array([[0, 2, 3]]), out, 1) == (OVERFLOW, 1, 0)


def test_a_polarity_that_is_neither_0_nor_1_is_refused() -> None:
    t, x, y, _ = columns([0, 0, 0], [0] * 3)
    wrong = np.array([1, 2, 1], np.uint8)
    out = np.empty((1, 2, 2, 1, 1), np.uint8)
    assert count_by_time((t, x, y, wrong), OFFSETS, EDGES, out, 255)[:2] == (
        OFF_SENSOR,
        1,
    )
    assert count_by_row((x, y, wrong), np.array([[0, 3, 3]]), out, 255)[:2] == (OFF_SENSOR, 1)


def test_float_counts_stop_where_they_would_stop_growing() -> None:
    out = np.empty((1, 1, 2, 1, 1), np.float32)
    top = 1 << 24
    assert np.float32(top) + np.float32(1) == top
    n = top + 1
    x, y, p = np.zeros(n, np.uint16), np.zeros(n, np.uint16), np.ones(n, np.uint8)
    assert count_by_row((x, y, p), np.array([[0, n]]), out, top) == (OVERFLOW, top, 0)
