from dataclasses import replace

import numpy as np
import pytest

from snn.kernels.lines import MARGIN
from snn.kernels.pooling import Pool
from snn.kernels.template import STRIDE, backward_kernel, forward_kernel
from snn.kernels.working_memory import Space, backward_memory, forward_memory
from tests.snn.kernels.variants import PLAIN

POOLED = replace(PLAIN, pooled=True)
SINGLE = np.dtype(np.float32)


def _run() -> list[np.ndarray]:
    """Return all that a layer of pooled neurons puts out, forwards and backwards."""
    rng = np.random.default_rng(0)
    pool = Pool((2, 2), (5, 4, 3))
    steps, n = STRIDE + 3, 60
    x = rng.random((2, steps, 1, n), np.float32)
    constants = np.array([0.9, 1, 1, 0, 0, 0], np.float32)[:, None]
    numbers, slope = (0, 0, np.inf), (2, 2, 0, 0, 0)
    fixed, shape = ([np.float32(one) for one in many] for many in (numbers, slope))
    weight, part = np.zeros((1, 1), np.float32), (0, 2, 0, n)
    first, last = np.zeros((2, 1, n), np.float32), np.zeros((2, 1, n), np.float32)
    y, kept = np.zeros((2, steps, pool.n_out), np.float32), np.zeros((2, 2, 1, n), np.float32)
    given = (x, first, constants, tuple(fixed), weight, part, pool.window)
    forward_kernel(POOLED)(*given, y, kept, last)
    grad_y, grad_x = rng.random(y.shape, np.float32), np.zeros_like(x)
    grad_state, to_constants = np.zeros_like(first), np.zeros((2, 6, 1))
    back = (x, kept, constants, tuple(fixed), tuple(shape), weight, part, pool.window)
    backward_kernel(POOLED)(*back, grad_y, grad_x, grad_state, to_constants)
    return [y, kept, last, grad_x, grad_state]


def test_what_memory_held_before_matters_to_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    found = _run()

    def poisoned(space: Space, *shape: int) -> np.ndarray:
        return np.full(shape, np.nan, space.dtype)

    monkeypatch.setattr(Space, "empty", poisoned)
    assert all((one == again).all() for one, again in zip(found, _run(), strict=True))
    assert found[0].any()
    assert found[3].any()


def test_bands_have_a_margin_of_zeros() -> None:
    space = Space(SINGLE, 1, 24, (1, 1), (2, 2, 4, 3))
    spikes, sums = forward_memory(space).band
    assert (len(spikes), len(sums)) == (24 + MARGIN, 6 + MARGIN)
    assert not spikes.any()
    assert not sums.any()


def test_steps_are_kept_of_what_is_looked_back_at() -> None:
    space = Space(np.dtype(np.float64), 3, 7, (7, 14), None)
    few = backward_memory(space, 5, 2, remembers=False, learns=False, recurrent=False)
    all_ = backward_memory(space, 5, 2, remembers=True, learns=True, recurrent=True)
    assert [one.shape for one in few.steps] == [(1, 5, 7), (1, 1, 3, 7), (1, 1, 2, 7), (1, 1, 7)]
    assert [one.shape for one in all_.steps] == [(4, 5, 7), (4, 5, 3, 7), (4, 5, 2, 7), (4, 5, 7)]
    assert all_.fed.shape == (14,)
    assert {one.dtype for one in (*all_.now, *all_.back, all_.state)} == {np.dtype(np.float64)}


def test_a_variant_that_does_not_pool_needs_no_band() -> None:
    assert [len(one) for one in forward_memory(Space(SINGLE, 1, 24, (1, 1), None)).band] == [1, 1]
