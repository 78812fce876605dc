from typing import Any

import numpy as np
import pytest

from snn.kernels.prefetch import foresee, prefetch_row


@pytest.mark.parametrize("n", [0, 1, 15, 16, 17, 1000])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_rows_of_any_length_are_left_as_they_are(n: int, dtype: type[np.floating]) -> None:
    row = np.arange(n, dtype=dtype)
    prefetch_row(row)
    assert (row == np.arange(n)).all()


def test_a_step_of_all_synapses_is_left_as_it_is() -> None:
    x = np.arange(2 * 3 * 2 * 40, dtype=np.float32).reshape(2, 3, 2, 40)
    foresee(x, 1, 2, 5, 40)
    assert (x.reshape(-1) == np.arange(x.size)).all()


def test_the_kernel_holds_the_instruction() -> None:
    from numba import njit

    compiled: Any = njit(getattr(prefetch_row, "py_func"))  # noqa: B009 # numba's, not numpy's
    compiled(np.zeros(64, np.float32))
    (text,) = compiled.inspect_llvm().values()
    assert "llvm.prefetch" in text
