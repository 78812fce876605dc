"""Rotations of whole numbers, beside literal ones and numpy's eigenvectors."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventstore.sound.rotation import angle_table, remove_rotation

Memory = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def start() -> Memory:
    zero = np.zeros((3, 3), np.int64)
    return zero.copy(), zero - 1, np.eye(3, dtype=np.int64), np.zeros(1, np.int64)


def turned(samples: np.ndarray, shift: int, hold: int, memory: Memory) -> np.ndarray:
    out = np.empty_like(samples)
    remove_rotation(samples, angle_table(), (shift, hold), memory, out)
    return out


def turn_by_the_book(c: list[list[int]], old: list[list[int]]) -> list[list[int]]:
    """Find the rotation of a covariance, matrix product by matrix product."""
    angle = np.linspace(0, np.pi / 4, 64)
    r = [[(2**31 - 1) * (i == j) for j in range(3)] for i in range(3)]
    for _ in range(4):
        for dim in (2, 1, 0):
            i, j = (axis for axis in range(3) if axis != dim)
            a, b, d = c[i][i], c[i][j], c[j][j]
            if b == 0:
                continue
            sign = 1 if b * (a - d) > 0 or (a == d and b > 0) else -1
            if a == d:
                row = 63
            elif 2 * abs(b) <= abs(a - d):
                fits = [
                    int(2**16 * np.tan(2 * t)) * abs(a - d) <= abs(2 * b) << 16 for t in angle[:32]
                ]
                row = min(sum(fits), 31)
            else:
                fits = [
                    int(2**16 / np.tan(2 * t)) * abs(2 * b) >= abs(a - d) << 16 for t in angle[32:]
                ]
                row = min(32 + sum(fits), 63)
            sine, cosine = (int((2**16 - 1) * f(angle[row])) for f in (np.sin, np.cos))
            if 2 * abs(b) > abs(a - d):
                change = 2 * b * int(2**16 / (2 * np.sin(2 * angle[row]))) * sign
            else:
                change = (a - d) * int(2**16 / (2 * np.cos(2 * angle[row])))
            c[i][i] = max(((((a + d) << 16) // 2) + change) >> 16, 0)
            c[j][j] = max(((((a + d) << 16) // 2) - change) >> 16, 0)
            c[i][j] = c[j][i] = 0
            x, y = c[i][dim], c[j][dim]
            c[i][dim] = c[dim][i] = (cosine * x + sign * sine * y) >> 16
            c[j][dim] = c[dim][j] = (-sign * sine * x + cosine * y) >> 16
            plane = [[2**16 * (m == n) for n in range(3)] for m in range(3)]
            plane[i][i], plane[i][j] = cosine, -sign * sine
            plane[j][i], plane[j][j] = sign * sine, cosine
            r = [
                [sum(r[m][k] * plane[k][n] for k in range(3)) >> 16 for n in range(3)]
                for m in range(3)
            ]
    order = sorted(range(3), key=lambda k: c[k][k])[::-1]
    columns = [[r[m][k] for m in range(3)] for k in order]
    for n, column in enumerate(columns):
        if sum(column[m] * old[m][n] for m in range(3)) < 0:
            columns[n] = [-value for value in column]
    return [[columns[n][m] for n in range(3)] for m in range(3)]


def by_the_book(samples: list[list[int]], shift: int, hold: int) -> list[list[int]]:
    high = [[0] * 3 for _ in range(3)]
    last, r = None, [[int(i == j) for j in range(3)] for i in range(3)]
    out = []
    for n, x in enumerate(samples):
        high = [
            [high[i][j] - (high[i][j] >> shift) + x[i] * x[j] for j in range(3)] for i in range(3)
        ]
        if n % hold == 0:
            now = [[value >> shift for value in row] for row in high]
            if now != last:
                last, r = now, turn_by_the_book([list(row) for row in now], r)
        out.append([sum((r[k][row] * x[k]) >> 32 for k in range(3)) for row in range(3)])
    return out


@settings(max_examples=20)
@given(
    st.integers(0, 9_999),
    st.integers(0, 6),
    st.integers(1, 12),
    st.sampled_from([3, 200, 32_767]),
    st.integers(1, 39),
)
def test_samples_are_turned_as_the_book_does_to_the_bit_however_cut(
    seed: int, shift: int, hold: int, loud: int, cut: int
) -> None:
    random = np.random.default_rng(seed)
    mixed = random.normal(size=(3, 3)) @ random.normal(size=(3, 40)) * loud / 3
    samples = mixed.clip(-loud, loud).astype(np.int64)
    memory = start()
    parts = [turned(samples[:, a:b], shift, hold, memory) for a, b in pairwise((0, cut, 40))]
    assert np.concatenate(parts, axis=1).T.tolist() == by_the_book(samples.T.tolist(), shift, hold)


def test_axes_are_the_eigenvectors_and_keep_their_signs() -> None:
    random = np.random.default_rng(5)
    axes = np.linalg.qr(random.normal(size=(3, 3)))[0]
    moves = np.array([[9_000.0], [4_000.0], [1_500.0]]) * random.normal(size=(3, 4_000)).clip(-3, 3)
    samples = (axes @ moves).astype(np.int64)
    out = turned(samples, 10, 50, start())[:, 2_000:]
    # Angles are 0.7° apart: a hundredth of the largest axis leaks into the others.
    for k in range(3):
        alike = np.corrcoef(out[k], moves[k, 2_000:])[0, 1]
        assert abs(alike) > 0.98
    assert out.std(axis=1) == pytest.approx(moves[:, 2_000:].std(axis=1) / 2, rel=0.1)


def test_an_axis_at_a_right_angle_to_the_last_is_not_lost() -> None:
    # The second axis alone moves, so it becomes the first: at a right angle to what that was.
    samples = np.zeros((3, 20), np.int64)
    samples[1] = 1_000
    assert np.abs(turned(samples, 4, 10, start())[0]).min() >= 499
