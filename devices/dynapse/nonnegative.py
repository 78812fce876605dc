"""Least squares whose solution has no negative numbers, for the few unknowns of a core's currents.

scipy has this too, and would be needed for nothing else.
"""

from itertools import chain, combinations

import numpy as np
from jaxtyping import Float64

from eventstore.errors import InvalidInput

MOST_UNKNOWNS = 10
"""All sets of unknowns are tried: 2¹⁰ small systems at most."""


def nonnegative_least_squares(
    matrix: Float64[np.ndarray, "n k"], values: Float64[np.ndarray, "n"]
) -> tuple[Float64[np.ndarray, "k"], float]:
    """Return the x ≥ 0 for which ``matrix @ x`` is nearest to the values, and how far it is.

    Where plain least squares have a negative number, the best x has some unknowns at zero and is
    plain in the others: the nearest of what all sets of unknowns give is taken.

    Args:
        matrix: one column an unknown, `MOST_UNKNOWNS` at most.
        values: what is to be met.

    Raises:
        InvalidInput: there are too many unknowns.

    Examples:
        >>> x, far = nonnegative_least_squares(np.eye(2), np.array([3.0, -4.0]))
        >>> x.tolist(), far
        ([3.0, 0.0], 4.0)
    """
    unknowns = matrix.shape[1]
    if unknowns > MOST_UNKNOWNS:
        message = f"{unknowns} unknowns, and {MOST_UNKNOWNS} at most can be fitted"
        raise InvalidInput(message, hint="all sets of unknowns are tried: fit fewer at once")
    squares, shares = matrix.T @ matrix, matrix.T @ values
    plain = np.linalg.lstsq(squares, shares, rcond=None)[0]
    best = plain if plain.min() >= 0 else _best_of_sets(squares, shares)
    return best, float(np.linalg.norm(values - matrix @ best))


def _best_of_sets(
    squares: Float64[np.ndarray, "k k"], shares: Float64[np.ndarray, "k"]
) -> Float64[np.ndarray, "k"]:
    places = range(len(shares))
    best, most = np.zeros(len(shares)), 0.0
    for chosen in chain.from_iterable(combinations(places, n) for n in range(1, len(shares))):
        at = list(chosen)
        x = np.linalg.lstsq(squares[np.ix_(at, at)], shares[at], rcond=None)[0]
        # By how much the square of the error is below that of all zeros.
        gain = float(2 * x @ shares[at] - x @ squares[np.ix_(at, at)] @ x)
        if x.min() >= 0 and gain > most:
            best, most = np.zeros(len(shares)), gain
            best[at] = x
    return best
