r"""Taking the rotation out of accelerations, in whole numbers, as Xylo IMU does.

However a sensor is turned, its three axes are turned into those along which it moves most, second
most and least: the eigenvectors of the covariance, found by Jacobi's method. Of the products
$x_i x_j$ a first-order low pass keeps the mean C in $2^b$ times its size; every so many samples C
is taken, and in four rounds over the three planes of axes the angle

$$\tan 2θ = \frac{2 b}{a - c},\quad \begin{pmatrix} a & b \\ b & c \end{pmatrix}$$

is looked up among 64 from 0 to 45°, and C and the rotation R are turned by it. Columns are sorted
by the eigenvalues, and their signs follow the rotation before, so that axes do not flip.

Structure and widths are those of rockpool's simulator (synsense/rockpool on GitHub,
``devices/xylo/syns63300/imuif``: 16 bits of samples and of the table, 31 of C, 32 of R), written
anew. One thing differs: where an axis is at a right angle to what it was, that one multiplies it by
0, and every axis after it; here it keeps its sign.
"""

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from jaxtyping import Int64

from eventstore.jit import kernel

N_ANGLES = 64
N_ROUNDS = 4
TABLE_BITS = 16
ROTATION_BITS = 32
IDENTITY = (1 << (ROTATION_BITS - 1)) - 1


class AngleTable(NamedTuple):
    """Functions of 64 angles θ from 0 to 45°, in 16 bits.

    Args:
        sine: of θ.
        cosine: of θ.
        tangent: of 2θ, of the lower half of the angles.
        cotangent: of 2θ, of the upper half.
        half_over_cosine: 1 / (2 cos 2θ), of the lower half.
        half_over_sine: 1 / (2 sin 2θ), of the upper half.
    """

    sine: Int64[np.ndarray, " 64"]
    cosine: Int64[np.ndarray, " 64"]
    tangent: Int64[np.ndarray, " 32"]
    cotangent: Int64[np.ndarray, " 32"]
    half_over_cosine: Int64[np.ndarray, " 32"]
    half_over_sine: Int64[np.ndarray, " 32"]


@lru_cache(maxsize=1)
def angle_table() -> AngleTable:
    """Return the table."""
    angle = np.linspace(0, np.pi / 4, N_ANGLES)
    low, high = 2 * angle[: N_ANGLES // 2], 2 * angle[N_ANGLES // 2 :]
    one, most = 1 << TABLE_BITS, (1 << TABLE_BITS) - 1
    columns = (
        most * np.sin(angle),
        most * np.cos(angle),
        one * np.tan(low),
        one / np.tan(high),
        one / (2 * np.cos(low)),
        one / (2 * np.sin(high)),
    )
    return AngleTable(*(column.astype(np.int64) for column in columns))


@kernel
def remove_rotation(
    samples: np.ndarray,
    table: AngleTable,
    settings: tuple[int, int],
    memory: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray],
    out: np.ndarray,
) -> None:
    """Turn samples into their principal axes; they come out half as large, to fit 16 bits.

    Args:
        samples: three axes, whole numbers of 16 bits, ``(3, n)``.
        table: of angles.
        settings: b, and how many samples a rotation holds.
        memory: the covariance times 2^b; that of the last rotation; the rotation; samples so far.
            Moved on.
        out: filled, ``(3, n)``.
    """
    average_shift, hold = settings
    covariance, last, rotation, count = memory
    held = np.empty((3, 3), np.int64)
    for n in range(samples.shape[1]):
        for i in range(3):
            for j in range(3):
                product = samples[i, n] * samples[j, n]
                covariance[i, j] += product - (covariance[i, j] >> average_shift)
        if count[0] % hold == 0:
            same = True
            for i in range(3):
                for j in range(3):
                    held[i, j] = covariance[i, j] >> average_shift
                    same = same and held[i, j] == last[i, j]
            if not same:
                last[:] = held
                _turn(held, table, rotation)
        count[0] += 1
        for i in range(3):
            total = 0
            for j in range(3):
                total += (rotation[j, i] * samples[j, n]) >> ROTATION_BITS
            out[i, n] = total


@kernel
def _turn(matrix: np.ndarray, table: AngleTable, rotation: np.ndarray) -> None:
    """Find the rotation that makes a covariance diagonal; the matrix is used up."""
    found = np.zeros((3, 3), np.int64)
    for i in range(3):
        found[i, i] = IDENTITY
    for _ in range(N_ROUNDS):
        if matrix[0, 1] == 0 and matrix[0, 2] == 0 and matrix[1, 2] == 0:
            break
        _turn_plane(matrix, table, found, 0, 1)
        _turn_plane(matrix, table, found, 0, 2)
        _turn_plane(matrix, table, found, 1, 2)
    order = _falling(matrix)
    turned = np.empty((3, 3), np.int64)
    for j in range(3):
        along = 0
        for i in range(3):
            along += found[i, order[j]] * rotation[i, j]
        for i in range(3):
            turned[i, j] = -found[i, order[j]] if along < 0 else found[i, order[j]]
    rotation[:] = turned


@kernel
def _turn_plane(matrix: np.ndarray, table: AngleTable, found: np.ndarray, i: int, j: int) -> None:
    a, b, c = matrix[i, i], matrix[i, j], matrix[j, j]
    if b == 0:
        return
    falls = (b > 0 and a < c) or (b < 0 and a >= c)
    sign = -1 if falls else 1
    row = _angle(a, abs(b), c, table)
    half = N_ANGLES // 2
    if abs(2 * b) > abs(a - c):
        change = 2 * b * table.half_over_sine[row - half] * sign
    else:
        change = (a - c) * table.half_over_cosine[row]
    middle = ((a + c) << TABLE_BITS) // 2
    matrix[i, i] = max((middle + change) >> TABLE_BITS, 0)
    matrix[j, j] = max((middle - change) >> TABLE_BITS, 0)
    matrix[i, j] = matrix[j, i] = 0
    cosine, sine = table.cosine[row], sign * table.sine[row]
    k = 3 - i - j
    first, second = matrix[i, k], matrix[j, k]
    matrix[i, k] = matrix[k, i] = (cosine * first + sine * second) >> TABLE_BITS
    matrix[j, k] = matrix[k, j] = (-sine * first + cosine * second) >> TABLE_BITS
    for m in range(3):
        first, second = found[m, i], found[m, j]
        found[m, i] = (first * cosine + second * sine) >> TABLE_BITS
        found[m, j] = (second * cosine - first * sine) >> TABLE_BITS


@kernel
def _angle(a: int, b: int, c: int, table: AngleTable) -> int:
    """Return the row of the angle of a plane: b is positive."""
    half, width = N_ANGLES // 2, abs(a - c)
    if width == 0:
        return N_ANGLES - 1
    if 2 * b <= width:
        row = 0
        for tangent in table.tangent:
            row += tangent * width <= (2 * b) << TABLE_BITS
        return min(row, half - 1)
    row = half
    for cotangent in table.cotangent:
        row += cotangent * 2 * b >= width << TABLE_BITS
    return min(row, N_ANGLES - 1)


@kernel
def _falling(matrix: np.ndarray) -> np.ndarray:
    """Return the axes by their eigenvalues, the largest first; of equal ones the later first."""
    order = np.array([2, 1, 0])
    for i in range(1, 3):
        k = i
        while k > 0 and matrix[order[k], order[k]] > matrix[order[k - 1], order[k - 1]]:
            order[k], order[k - 1] = order[k - 1], order[k]
            k -= 1
    return order
