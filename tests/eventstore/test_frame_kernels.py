"""Counting events into pictures."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from eventstore.frame_kernels import MOST, add_frames, add_scaled


@given(st.integers(0, 300), st.integers(0, 99))
def test_frames_count_each_polarity_up_to_fifteen(n: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = rng.integers(0, 4, n).astype(np.uint16), rng.integers(0, 3, n).astype(np.uint16)
    p = rng.integers(0, 2, n).astype(np.uint8)
    edges = np.sort(rng.integers(0, n + 1, (2, 3)), axis=0)
    frames = np.zeros((3, 3, 4), np.uint8)
    add_frames((x, y, p), edges[0], edges[1], frames)
    for k in range(3):
        rows = slice(edges[0, k], edges[1, k])
        expected = np.zeros((2, 3, 4), int)
        np.add.at(expected, (p[rows], y[rows], x[rows]), 1)
        off, on = np.minimum(expected, MOST)
        assert (frames[k] == 16 * on + off).all()


def test_events_off_the_sensor_are_left_out() -> None:
    frames = np.zeros((1, 2, 2), np.uint8)
    far = np.array([2, 0, 65_535], np.uint16), np.array([0, 2, 65_535], np.uint16)
    add_frames((*far, np.ones(3, np.uint8)), np.array([0]), np.array([3]), frames)
    assert not frames.any()


@given(st.integers(1, 50), st.integers(1, 50), st.integers(1, 20), st.integers(1, 20))
def test_a_scaled_picture_loses_no_event(width: int, height: int, wide: int, tall: int) -> None:
    rng = np.random.default_rng(width * height)
    across, down = rng.integers(0, width, 60), rng.integers(0, height, 60)
    p = rng.integers(0, 2, 60).astype(np.uint8)
    counts = np.zeros((2, tall, wide), np.int64)
    add_scaled((across, down, p), (width, height), counts)
    assert counts.sum(axis=(1, 2)).tolist() == [60 - p.sum(), p.sum()]
    if (wide, tall) == (width, height):
        expected = np.zeros((2, tall, wide), int)
        np.add.at(expected, (p, down, across), 1)
        assert (counts == expected).all()
