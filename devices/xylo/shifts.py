r"""Time constants as bit shifts, and what that changes.

A state x loses $x \gg d$ in a time step: it decays by $1 - 2^{-d}$ where $\exp(-dt / \tau)$ was
meant, which is a time constant of $-dt / \ln(1 - 2^{-d})$. The shift is $d = \log_2(\tau / dt)$,
rounded, as the vendor's tools have it.
"""

import numpy as np
from jaxtyping import Float64, Shaped


def shift_of(tau: Shaped[np.ndarray, "*n"], dt: float) -> Float64[np.ndarray, "*n"]:
    """Return time constants as shifts, not yet rounded.

    Args:
        tau: in seconds.
        dt: time step in seconds.

    Examples:
        >>> shift_of(np.array([0.04, 0.08]), 0.01).tolist()
        [2.0, 3.0]
    """
    shifts: np.ndarray = np.log2(tau.astype(np.float64) / dt)
    return shifts


def rounded_shift(shift: Shaped[np.ndarray, "*n"]) -> Shaped[np.ndarray, "*n"]:
    """Return shifts as whole numbers, at least 1: by 0 a state would not outlive its step.

    Examples:
        >>> rounded_shift(np.array([0.2, 1.4, 2.5, 3.5])).tolist()
        [1, 1, 2, 4]
    """
    whole: np.ndarray = np.maximum(np.round(shift), 1).astype(np.int64)
    return whole


def time_of(shift: Shaped[np.ndarray, "*n"], dt: float) -> Float64[np.ndarray, "*n"]:
    """Return the time constants that whole shifts make.

    Examples:
        >>> (time_of(np.array([1, 2, 4]), 0.01) * 1000).round(1).tolist()
        [14.4, 34.8, 154.9]
    """
    times: np.ndarray = -dt / np.log1p(-np.exp2(-shift.astype(np.float64)))
    return times


def time_error(tau: Shaped[np.ndarray, "*n"], dt: float) -> Float64[np.ndarray, "*n"]:
    """Return by which share the time constants on the chip are longer (or shorter, negative).

    Examples:
        >>> time_error(np.array([0.02, 0.16]), 0.01).round(3).tolist()
        [-0.279, -0.032]
    """
    error: np.ndarray = time_of(rounded_shift(shift_of(tau, dt)), dt) / tau - 1
    return error
