"""Blocks of counts written among zeros are what they are one by one, or refused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore import bitpack
from eventstore.bitpack_unpack import BLOCK
from eventstore.cache.scatter import scatter_blocks


def memory() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return np.empty(BLOCK, np.uint16), np.empty(BLOCK, np.uint16), np.empty(BLOCK, np.int64)


def streams(places: np.ndarray, counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    one, two = bitpack.encode(places.astype(np.int64)), bitpack.encode(counts.astype(np.uint16))
    return np.frombuffer(bytearray(one), np.uint8), np.frombuffer(bytearray(two), np.uint8)


@given(
    seed=st.integers(0, 2**32),
    n=st.integers(0, 3 * BLOCK),
    widest=st.sampled_from([1, 3, 300, 70_000, 3_000_000]),
    rare=st.booleans(),
)
def test_steps_of_any_size(seed: int, n: int, widest: int, rare: bool) -> None:
    rng = np.random.default_rng(seed)
    steps = rng.integers(1, widest + 1, n)
    if rare:  # most are exceptions of few
        steps[rng.random(n) < 0.9] = 1
    places, counts = np.cumsum(steps), rng.integers(1, 256, n)
    row = np.full(int(places[-1]) + 3 if n else 7, 77, np.uint8)
    assert scatter_blocks(streams(places, counts), n, row, 255, memory())
    expected = np.zeros(len(row), np.uint8)
    expected[places] = counts
    assert np.array_equal(row, expected)


@pytest.mark.parametrize(
    "places",
    [
        [-1, 0, 5],  # begins before the row
        [-600, *range(-599, 0), 3],
        [0, 5, 16],  # ends behind it
        [0, 70_000, 140_000],
        [5, 1, 2],  # goes back: steps of 64 bits
        [3, -(2**63), 5],
    ],
)
def test_what_leaves_the_row_is_refused(places: list[int]) -> None:
    guarded = np.full(48, 77, np.uint8)
    row = guarded[16:32]
    ones = np.ones(len(places), np.uint16)
    done = scatter_blocks(streams(np.array(places), ones), len(places), row, 255, memory())
    assert done == (sorted(places) != places and min(places) >= 0)
    assert (guarded[:16] == 77).all()
    assert (guarded[32:] == 77).all()
    if done:
        assert np.flatnonzero(row).tolist() == sorted(places)


def test_a_count_above_the_top_is_refused() -> None:
    both = streams(np.array([2, 7]), np.array([255, 256]))
    assert not scatter_blocks(both, 2, np.empty(12, np.uint8), 255, memory())
    assert scatter_blocks(both, 2, np.empty(12, np.uint16), 65_535, memory())


def test_streams_of_another_length_are_refused() -> None:
    places, counts = streams(np.arange(700), np.ones(700))
    row = np.empty(700, np.uint8)
    assert scatter_blocks((places, counts), 700, row, 255, memory())
    assert not scatter_blocks((places, counts), 699, row, 255, memory())
    assert not scatter_blocks((places[:-1], counts), 700, row, 255, memory())
    assert not scatter_blocks((places, counts[:20]), 700, row, 255, memory())
