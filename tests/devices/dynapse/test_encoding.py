import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.dynapse.autoencoder import encode_autoencoder
from devices.dynapse.encoding import BITS, Encoding, encode_least_squares, nearest_codes
from eventstore.errors import InvalidInput

sizes = st.lists(st.floats(0.0, 10.0), min_size=1, max_size=40).map(np.array)
bases = st.lists(st.floats(0.0, 5.0), min_size=4, max_size=4).map(np.array)


def peer_vector(shared_oracles: Path) -> tuple[np.ndarray, Encoding, float]:
    """Return the sizes of the peer's weights, what it made of them, and the loss that it told."""
    told = json.loads((shared_oracles / "dynapse_pipeline.json").read_text())
    coded = told["quant"]
    weights, codes = (
        np.concatenate([np.ravel(part["weights_in"]), np.ravel(part["weights_rec"])])
        for part in (told, coded)
    )
    base = np.array([coded[f"Iw_{bit}"][0] for bit in range(4)]) / told["Iscale"]
    encoding = Encoding(base=base, codes=codes.astype(np.uint8))
    return np.abs(weights), encoding, told["final_loss"][0]


def test_least_squares_come_nearer_than_the_peers_autoencoder(shared_oracles: Path) -> None:
    weights, peer, loss = peer_vector(shared_oracles)
    ours = encode_least_squares(weights).mean_squared_error(weights)
    assert ours <= 0.05 * loss  # 0.0007 against 0.0169
    assert ours <= 0.01 * peer.mean_squared_error(weights)


def test_the_autoencoder_comes_as_near_as_the_peers(shared_oracles: Path) -> None:
    weights, _, loss = peer_vector(shared_oracles)
    assert encode_autoencoder(weights).mean_squared_error(weights) <= 1.1 * loss


@settings(deadline=None)
@given(sizes, bases)
def test_codes_are_the_nearest_of_all_sixteen(values: np.ndarray, base: np.ndarray) -> None:
    found = np.abs((BITS @ base)[nearest_codes(values, base)] - values)
    best = np.abs((BITS @ base)[:, None] - values).min(0)
    np.testing.assert_allclose(found, best, atol=1e-12)


@settings(max_examples=40, deadline=None)
@given(bases, st.lists(st.integers(0, 15), min_size=5, max_size=60))
def test_what_four_currents_make_is_encoded_almost_without_error(
    base: np.ndarray, codes: list[int]
) -> None:
    weights = (BITS @ base)[codes]
    found = encode_least_squares(weights)
    assert found.mean_squared_error(weights) <= 2e-3 * (weights.max() ** 2 + 1e-300)


@settings(max_examples=40, deadline=None)
@given(sizes, st.integers(0, 40))
def test_the_unit_of_weights_does_not_matter(weights: np.ndarray, octaves: int) -> None:
    unit = 2.0**octaves  # a product with which rounds nothing: ties stay ties
    one, other = encode_least_squares(weights), encode_least_squares(weights * unit)
    assert other.codes.tolist() == one.codes.tolist()
    assert other.base.tolist() == (one.base * unit).tolist()


def test_never_worse_than_powers_of_two() -> None:
    weights = np.random.default_rng(0).exponential(size=500)
    plain = np.array([1, 2, 4, 8]) * weights.max() / 15
    naive = Encoding(base=plain, codes=nearest_codes(weights, plain))
    ours = encode_least_squares(weights).mean_squared_error(weights)
    assert ours < 0.85 * naive.mean_squared_error(weights)


def test_no_weights_and_weights_of_zero_are_encoded() -> None:
    assert encode_least_squares(np.zeros(3)).decoded().tolist() == [0, 0, 0]
    assert encode_least_squares(np.zeros(0)).mean_squared_error(np.zeros(0)) == 0
    assert len(encode_autoencoder(np.zeros(0)).codes) == 0


def test_negative_weights_and_currents_are_refused() -> None:
    with pytest.raises(InvalidInput, match="not all 0 or more"):
        encode_least_squares(np.array([1.0, -1.0]))
    with pytest.raises(InvalidInput, match="base currents"):
        Encoding(base=np.array([1.0, 2.0, -3.0, 0.0]), codes=np.zeros(1, np.uint8))
