"""Pieces cover a chunk, in order; they are cut and turned into differences where that pays."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.pco_plan import LONGEST, plan_pieces


@given(
    st.sampled_from([1, 2, 600, 2047, 2048, 2049, 8191, 8192, 16_384, 20_001]),
    st.sampled_from([1, 2, 300, 65_536]),
    st.integers(0, 99),
)
def test_pieces_cover_the_chunk(n: int, spread: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    values = rng.integers(0, rng.integers(1, spread + 1, n)).astype(np.uint16)
    pieces = plan_pieces(values)
    assert 1 <= len(pieces) <= 8
    assert pieces[-1, 0] == n
    assert (np.diff(pieces[:, 0], prepend=0) > 0).all()
    assert set(pieces[:, 1].tolist()) <= {0, 1}


def noise(low: int, high: int, n: int = 8192) -> np.ndarray:
    return np.random.default_rng(2).integers(low, high, n).astype(np.uint16)


def test_noise_is_one_piece() -> None:
    assert plan_pieces(noise(0, 1280)).tolist() == [[8192, 0]]


def test_a_column_by_column_readout_is_kept_as_differences() -> None:
    scan = (np.arange(8192) // 5 % 320).astype(np.uint16)
    assert plan_pieces(scan).tolist() == [[8192, 1]]


def test_a_jump_of_the_scene_is_cut_where_it_happens() -> None:
    values = np.concatenate([noise(0, 30, 2048), noise(900, 930, 6144)])
    assert plan_pieces(values)[0].tolist() == [2048, 0]


@pytest.mark.parametrize("n", [2047, LONGEST + 1])
def test_very_short_and_very_long_chunks_are_not_cut(n: int) -> None:
    values = np.repeat(np.array([3, 700], np.uint16), [n // 2, n - n // 2])
    values[::2] += 1
    assert len(plan_pieces(values)) == 1
