import numpy as np

from devices.dynapse.autoencoder import encode_autoencoder
from devices.dynapse.encoding import encode_least_squares


def test_learns_from_epoch_to_epoch_but_stays_behind_least_squares() -> None:
    weights = np.abs(np.random.default_rng(1).normal(size=60))
    few, many = (
        encode_autoencoder(weights, epochs=n).mean_squared_error(weights) for n in (5, 900)
    )
    assert many < few
    assert encode_least_squares(weights).mean_squared_error(weights) < many


def test_the_same_seed_finds_the_same() -> None:
    weights = np.linspace(0.1, 1.0, 9)
    one, other = (encode_autoencoder(weights, epochs=20, seed=3) for _ in range(2))
    np.testing.assert_array_equal(one.codes, other.codes)
    np.testing.assert_array_equal(one.base, other.base)
