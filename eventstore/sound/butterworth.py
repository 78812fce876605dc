r"""Butterworth filters as second-order sections, by the bilinear transform.

The analogue low-pass prototype of order N has the poles

$$p_k = e^{i π (2k + N + 1) / 2N}, \quad k = 0 … N - 1$$

An edge f becomes the analogue $Ω = 2 \tan(π f / f_s)$, so that it stays where it is (prewarping). A
low pass has the poles $Ω p_k$; a band pass of edges $Ω_1, Ω_2$ has, for each $p_k$, the two of

$$s^2 - B p_k s + Ω_1 Ω_2 = 0, \quad B = Ω_2 - Ω_1$$

and $z = (2 + s) / (2 - s)$ takes them into the unit circle. Zeros lie at z = −1 (low pass), or at
z = 1 and −1 (band pass). A. Oppenheim & R. Schafer, "Discrete-time signal processing", 3rd ed.,
7.2 and appendix B.1.

A section is the row b0, b1, b2, a1, a2 of
$y_n = b_0 x_n + b_1 x_{n-1} + b_2 x_{n-2} - a_1 y_{n-1} - a_2 y_{n-2}$.
"""

import math

import numpy as np
from jaxtyping import Complex128, Float64

from eventstore.errors import InvalidInput
from eventstore.jit import kernel

TINY = 1e-30
"""Outputs below it are silence: without, filters of silence slow down among denormal numbers."""

TILE = 256
"""Samples filtered at a time, a row of memory a sample."""


def low_pass(cutoff_hz: float, rate_hz: int, *, order: int) -> Float64[np.ndarray, "s 5"]:
    """Return the sections of a low pass, −3 dB at its cut-off, of gain 1 at 0 Hz.

    Raises:
        InvalidInput: the cut-off is not below half the rate.

    Examples:
        >>> low_pass(100.0, 8_000, order=2).shape
        (1, 5)
    """
    edge = _warped(cutoff_hz, rate_hz)
    poles = _digital(edge * _prototype(order))
    pairs = _pairs(poles)
    sections = np.zeros((len(pairs), 5))
    for section, (first, second) in zip(sections, pairs, strict=True):
        single = second == 0  # of an odd order: a pole by itself, its mate at the origin
        section[:3] = (1, 1, 0) if single else (1, 2, 1)
        section[3:] = -(first + second).real, (first * second).real
        section[:3] /= _gain(section, 1.0)
    return sections


def band_pass(
    low_hz: float, high_hz: float, rate_hz: int, *, order: int
) -> Float64[np.ndarray, "s 5"]:
    """Return the sections of a band pass, −3 dB at its edges, of gain 1 between them.

    Args:
        low_hz: lower edge.
        high_hz: upper edge.
        rate_hz: samples in a second.
        order: order of each slope; the band pass has as many sections.

    Raises:
        InvalidInput: the edges are not in order between 0 and half the rate.

    Examples:
        >>> band_pass(100.0, 200.0, 8_000, order=2).shape
        (2, 5)
    """
    if not low_hz < high_hz:
        message = f"a band from {low_hz} to {high_hz} Hz is empty"
        raise InvalidInput(message, hint="give the lower edge first")
    low, high = _warped(low_hz, rate_hz), _warped(high_hz, rate_hz)
    half = _prototype(order) * (high - low) / 2
    root = np.sqrt(half**2 - low * high)
    pairs = _pairs(_digital(np.concatenate([half + root, half - root])))
    centre = 2 * math.atan(math.sqrt(low * high) / 2)
    sections = np.zeros((len(pairs), 5))
    for section, (first, second) in zip(sections, pairs, strict=True):
        section[:3] = 1, 0, -1
        section[3:] = -(first + second).real, (first * second).real
        section[:3] /= _gain(section, np.exp(1j * centre))
    return sections


@kernel
def filter_rows(
    samples: np.ndarray,
    source: np.ndarray,
    sections: np.ndarray,
    memory: np.ndarray,
    out: np.ndarray,
) -> None:
    """Filter samples in double precision (direct form II, transposed), all rows at a time.

    Args:
        samples: a row a channel.
        source: the channel that each row of ``out`` is made of.
        sections: b0, b1, b2, a1, a2 of each section of each row, ``(s, 5, rows)``.
        memory: two numbers a section and row, ``(s, 2, rows)``; moved on.
        out: filled.
    """
    tile = np.empty((TILE, len(source)))
    n = samples.shape[1]
    for start in range(0, n, TILE):
        stop = min(start + TILE, n)
        for row in range(len(source)):
            for i in range(start, stop):
                tile[i - start, row] = samples[source[row], i]
        for i in range(stop - start):
            for j in range(len(sections)):
                _step(tile[i], sections[j], memory[j])
        for row in range(len(source)):
            for i in range(start, stop):
                out[row, i] = tile[i - start, row]


@kernel
def _step(x: np.ndarray, section: np.ndarray, memory: np.ndarray) -> None:
    """Advance one section by a sample of each row: independent of one another, so none waits."""
    for k in range(len(x)):
        now = section[0, k] * x[k] + memory[0, k]
        now = now if abs(now) > TINY else 0.0
        memory[0, k] = section[1, k] * x[k] - section[3, k] * now + memory[1, k]
        memory[1, k] = section[2, k] * x[k] - section[4, k] * now
        x[k] = now


def _warped(frequency_hz: float, rate_hz: int) -> float:
    if not 0 < frequency_hz < rate_hz / 2:
        message = f"a filter at {frequency_hz} Hz of a sound of {rate_hz} samples a second"
        hint = f"give frequencies between 0 and half the rate, {rate_hz / 2} Hz"
        raise InvalidInput(message, hint=hint)
    return 2 * math.tan(math.pi * frequency_hz / rate_hz)


def _prototype(order: int) -> Complex128[np.ndarray, " n"]:
    k = np.arange(order)
    poles = np.exp(1j * np.pi * (2 * k + order + 1) / (2 * order))
    # The pole of an odd order on the real axis is there exactly.
    return np.asarray(np.where(2 * k + 1 == order, -1.0 + 0j, poles))


def _digital(poles: Complex128[np.ndarray, " n"]) -> Complex128[np.ndarray, " n"]:
    return np.asarray((2 + poles) / (2 - poles))


def _pairs(poles: Complex128[np.ndarray, " n"]) -> list[tuple[complex, complex]]:
    """Pair each pole with its conjugate, and those on the real axis with one another."""
    above = [complex(pole) for pole in poles if pole.imag > 0]
    real = [complex(pole) for pole in poles if pole.imag == 0]
    real += [0j] * (len(real) % 2)
    pairs = [(pole, pole.conjugate()) for pole in above]
    return pairs + list(zip(real[::2], real[1::2], strict=True))


def _gain(section: Float64[np.ndarray, " 5"], z: complex) -> float:
    b0, b1, b2, a1, a2 = section
    return float(abs((b0 + b1 / z + b2 / z**2) / (1 + a1 / z + a2 / z**2)))
