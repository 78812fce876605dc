import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from snn.kernels.feedback import ROWS, feed, pull, weigh

sizes = st.tuples(st.integers(1, 9), st.integers(1, 3), st.integers(0, 2**31))


def numbers(seed: int) -> np.random.Generator:
    return np.random.default_rng(seed)


@given(sizes)
def test_feeding_is_a_product_with_the_spikes(size: tuple[int, int, int]) -> None:
    n, synapses, seed = size
    rng = numbers(seed)
    spikes, weight = rng.integers(0, 3, n).astype(float), rng.normal(size=(n, n * synapses))
    x, fed = rng.normal(size=n * synapses), np.full(n * synapses, np.nan)
    feed(spikes, weight, x, fed)
    np.testing.assert_allclose(fed, x + spikes @ weight)


@given(sizes)
def test_pulling_is_its_transpose(size: tuple[int, int, int]) -> None:
    n, synapses, seed = size
    rng = numbers(seed)
    weight, grad_fed = rng.normal(size=(n, n * synapses)), rng.normal(size=(ROWS, n * synapses))
    grad_spikes = np.full((ROWS, n), np.nan)
    pull(weight, grad_fed, grad_spikes)
    np.testing.assert_allclose(grad_spikes, grad_fed @ weight.T)


@given(sizes, st.integers(1, 4))
def test_weights_gather_each_spike_and_what_it_reached(
    size: tuple[int, int, int], steps: int
) -> None:
    n, synapses, seed = size
    rng = numbers(seed)
    first, y = rng.integers(0, 2, (2, n)) * 1.0, rng.integers(0, 2, (2, steps, n)) * 1.0
    grad_fed, grad = rng.normal(size=(2, steps, n * synapses)), np.zeros((n, n * synapses))
    cut = n // 2
    for part in ((0, cut), (cut, n)):
        weigh(first, y, grad_fed, part, grad)
    before = np.concatenate([first[:, None], y[:, :-1]], 1)
    np.testing.assert_allclose(grad, np.einsum("btj,bti->ji", before, grad_fed))
