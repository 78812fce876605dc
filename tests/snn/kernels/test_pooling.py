import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional

from snn.kernels.lines import MARGIN
from snn.kernels.pooling import Pool, average, spread

windows = st.tuples(st.integers(1, 3), st.integers(1, 3), st.integers(3, 12), st.integers(1, 35))


@given(windows, st.integers(0, 99))
def test_averages_of_a_band_are_those_of_torch(
    window: tuple[int, int, int, int], seed: int
) -> None:
    high, wide, columns, channels = window
    spikes = np.random.default_rng(seed).integers(0, 9, (high, columns, channels))
    given = np.append(spikes, np.full(MARGIN, np.nan)).astype(np.float32)
    frame = torch.from_numpy(spikes.astype(np.float32)).permute(2, 0, 1)[None]
    expected = functional.avg_pool2d(frame, (high, wide))[0, :, 0].T
    out = np.empty(columns // wide * channels, np.float32)
    average(given, window, np.empty(len(out) + MARGIN, np.float32), out)
    assert (out == expected.numpy().reshape(-1)).all()


@given(windows, st.integers(0, 99))
def test_gradients_of_a_band_are_those_of_torch(
    window: tuple[int, int, int, int], seed: int
) -> None:
    high, wide, columns, channels = window
    grad = np.random.default_rng(seed).standard_normal(columns // wide * channels)
    frame = torch.zeros(1, channels, high, columns, dtype=torch.float64, requires_grad=True)
    y = functional.avg_pool2d(frame, (high, wide))
    down = torch.from_numpy(grad).view(columns // wide, channels).T[None, :, None]
    (expected,) = torch.autograd.grad(y, frame, down)
    shares, band = np.empty(len(grad) + MARGIN), np.full(frame.numel() + MARGIN, np.nan)
    spread(grad, window, shares, band)
    found = band[: frame.numel()].reshape(high, columns, channels)
    assert (found == expected[0].permute(1, 2, 0).numpy()).all()


def test_sizes_leave_out_what_fills_no_window() -> None:
    pool = Pool((2, 3), (11, 10, 4))
    assert (pool.out_size, pool.n_out, pool.window) == ((5, 3, 4), 60, (2, 3, 10, 4))
