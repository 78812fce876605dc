"""Plain loops say which number meets which; whole convolutions are in test_sparse_convolution."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from snn.kernels.sparse_kernels import (
    Geometry,
    add_run,
    column_order,
    count_nonzeros,
    find_nonzeros,
    gather,
    next_bit,
    spread,
)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("length", [0, 1, 7, 8, 15, 16, 17, 31, 75])
def test_a_run_is_added_and_nothing_beside_it(length: int, dtype: type[np.floating]) -> None:
    rng = np.random.default_rng(length)
    into, source = rng.normal(size=(2, 96)).astype(dtype)
    expected = into.copy()
    expected[3 : 3 + length] += source[5 : 5 + length] * dtype(0.5)  # exact: a power of two
    add_run(into, 3, source, 5, length, dtype(0.5).item())
    np.testing.assert_array_equal(into, expected)


@given(
    places=st.sets(st.integers(0, 39)),
    start=st.sampled_from([0, 16, 32]),
    double=st.booleans(),
)
def test_every_number_that_is_not_zero_is_found(
    places: set[int], start: int, *, double: bool
) -> None:
    dtype, lanes = (np.float64, 8) if double else (np.float32, 16)
    numbers = np.zeros(40, dtype)
    numbers[list(places)] = -1
    bits = find_nonzeros(numbers, start, lanes)
    found = []
    while bits:
        found.append(start + next_bit(bits))
        bits &= bits - 1
    assert found == sorted(place for place in places if start <= place < start + lanes)
    assert count_nonzeros(numbers, (0, 40)) == len(places)


def test_what_is_no_number_is_not_zero() -> None:
    numbers = np.array([0.0, -0.0, np.nan, np.inf] * 4, np.float32)
    assert find_nonzeros(numbers, 0, 16) == 0b1100_1100_1100_1100
    assert count_nonzeros(numbers, (0, 16)) == 8


@pytest.mark.parametrize("size", [1, 2, 5])
@pytest.mark.parametrize("stride", [1, 2, 3, 7])
def test_columns_that_one_number_meets_lie_side_by_side(size: int, stride: int) -> None:
    order = column_order(Geometry(1, 9, 1, 1, 9, 1, 1, size, 1, stride, 0, 0))
    assert sorted(order) == list(range(size))
    for place in range(9):
        met = [kx for kx in range(size - 1, -1, -1) if (place - kx) % stride == 0]
        start = order.index(met[0]) if met else 0
        assert order[start : start + len(met)] == met


@pytest.mark.parametrize("planar", [0, 1])
def test_a_single_number_reaches_what_it_should(planar: int) -> None:
    # 2 channels, 3 × 4; kernels 2 × 3 of 2 outputs; stride 1 × 2; padding 1 × 1
    sizes = Geometry(3, 4, 2, 4, 2, 2, 2, 3, 1, 2, 1, 1, planar)
    rng = np.random.default_rng(0)
    kernels = rng.normal(size=(2, 2, 3, 2)).astype(np.float32)  # input, y, x, output
    packed = kernels[:, :, column_order(sizes)].reshape(-1)
    x = np.zeros((1, 2, 3, 4) if planar else (1, 3, 4, 2), np.float32)
    place = (0, 1, 2, 1) if planar else (0, 2, 1, 1)  # channel 1, row 2, column 1
    x[place] = 2.0
    expected = np.zeros((4, 2, 2), np.float32)
    for row in range(4):
        for column in range(2):
            ky, kx = 2 + 1 - row, 1 + 1 - 2 * column
            if 0 <= ky < 2 and 0 <= kx < 3:
                expected[row, column] = 2 * kernels[1, ky, kx]
    y = np.full((1, 16), np.nan, np.float32)
    spread(x.reshape(1, -1), packed, np.empty(0, np.float32), y, sizes, (0, 1))
    np.testing.assert_array_equal(y.reshape(4, 2, 2), expected)
    bias = np.array([10, 20], np.float32)
    spread(x.reshape(1, -1), packed, bias, y, sizes, (0, 1))
    np.testing.assert_allclose(y.reshape(4, 2, 2), expected + bias, rtol=1e-6)
    gradient = np.zeros_like(packed)
    gather(x.reshape(1, -1), np.ones((1, 16), np.float32), gradient, sizes, (0, 1))
    assert np.count_nonzero(gradient) == np.count_nonzero(expected)
    assert set(gradient) == {0.0, 2.0}
