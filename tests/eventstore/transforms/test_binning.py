import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.events import Events
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


@given(
    n=st.integers(0, 1_200),
    planes=st.integers(1, 2),
    ordered=st.booleans(),
    bad=st.none() | st.tuples(st.sampled_from("txyp"), st.integers(0, 1_199)),
    seed=st.integers(0, 99),
)
def test_any_events_are_counted_as_one_by_one(
    n: int, planes: int, ordered: bool, bad: tuple[str, int] | None, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    edges = np.cumsum(rng.integers(1, 9, (1, 7)), 1)
    t = rng.integers(edges[0, 0], edges[0, -1], n)
    x, y, p = rng.integers(0, 3, n), rng.integers(0, 2, n), rng.integers(0, 2, n)
    t = np.sort(t) if ordered else t
    if bad is not None and bad[1] < n:
        {"t": t, "x": x, "y": y, "p": p}[bad[0]][bad[1]] = 1_000 if bad[0] == "t" else 7
    table = Events.of(t=t, x=x, y=y, p=np.zeros(n, np.int64))
    columns = (table.t, table.x, table.y, p.astype(np.uint8))
    expected, problem = np.zeros((5, planes, 2, 3), np.int64), (0, 0)
    for i in range(n):
        k = int(np.searchsorted(edges[0], t[i], "right")) - 1
        if not 0 <= k < 6:
            problem = (OFF_WINDOW, i)
        elif x[i] > 2 or y[i] > 1 or (planes > 1 and p[i] > 1):
            problem = (OFF_SENSOR, i)
        elif k < 5:
            expected[k, p[i] if planes > 1 else 0, y[i], x[i]] += 1
        if problem[0]:
            break
    out = np.full((1, 5, planes, 2, 3), 9, np.uint16)
    offsets = np.array([0, n])
    assert count_by_time(columns, offsets, edges, out, 65_535)[:2] == problem
    if not problem[0]:
        np.testing.assert_array_equal(out[0], expected)


@pytest.mark.slow  # takes 4.3 GB of memory
def test_frames_may_have_more_pixels_than_32_bits_count() -> None:
    out = np.empty((1, 1, 2, 65_535, 32_769), np.uint8)
    x, y = (np.array([n], np.uint16) for n in (32_768, 65_534))
    columns = np.array([5]), x, y, np.ones(1, np.uint8)
    assert out[0, 0].size > 1 << 32
    edges = np.array([[0, 10, 10]])
    assert count_by_time(columns, np.array([0, 1]), edges, out, 255)[0] == 0
    assert out[0, 0, 1, 65_534, 32_768] == 1
    assert np.count_nonzero(out) == 1


def test_float_counts_stop_where_they_would_stop_growing() -> None:
    out = np.empty((1, 1, 2, 1, 1), np.float32)
    top = 1 << 24
    assert np.float32(top) + np.float32(1) == top
    n = top + 1
    x, y, p = np.zeros(n, np.uint16), np.zeros(n, np.uint16), np.ones(n, np.uint8)
    assert count_by_row((x, y, p), np.array([[0, n]]), out, top) == (OVERFLOW, top, 0)
