"""Codes of windows of a residual profile: windows that look alike tend to have the same code.

Each bit is the sign of a random ±1 projection of the window (locality-sensitive hashing for the
cosine: Charikar, "Similarity estimation techniques from rounding algorithms", 2002). Several tables
have codes of their own, so that a copy which misses one is met in another.
"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float32, Int32, Int64, UInt32

WINDOW_BINS = 32
"""Bins in a window, of two steps each: 64 ms at a step of 1 ms."""

N_TABLES = 4

MIN_BITS, MAX_BITS = 8, 20

BUCKET = 16
"""Windows that share a code on average; more find more and cost more."""

MIN_ENERGY = 16.0 * 16.0 * WINDOW_BINS / 4
"""A window whose residuals are smaller than half their expected spread says nothing."""

SEED = 0x5CA1AB1E


class Codes(NamedTuple):
    """Codes of the windows of one sample.

    Args:
        position: first step of each window that says something.
        code: its code in each table.
    """

    position: Int32[np.ndarray, " k"]
    code: UInt32[np.ndarray, "k tables"]


def choose_bits(n_windows: int) -> int:
    """Return the bits of a code for so many windows.

    Examples:
        >>> choose_bits(1000), choose_bits(1_000_000), choose_bits(10**9)
        (8, 16, 20)
    """
    wanted = int(np.ceil(np.log2(max(n_windows, 1) / BUCKET)))
    return min(max(wanted, MIN_BITS), MAX_BITS)


def projections(bits: int) -> Float32[np.ndarray, "window columns"]:
    """Return the ±1 projections of all tables; the same in any year on any machine."""
    n = WINDOW_BINS * N_TABLES * MAX_BITS
    raw = np.random.PCG64(SEED).random_raw(n)  # the raw stream is fixed for ever, unlike draws
    signs = ((raw >> np.uint64(40)) & np.uint64(1)).astype(np.float32) * 2 - 1
    table = signs.reshape(WINDOW_BINS, N_TABLES, MAX_BITS)[:, :, :bits]
    return np.ascontiguousarray(table).reshape(WINDOW_BINS, N_TABLES * bits)


def window_codes(
    profile: Float32[np.ndarray, " steps"],
    planes: Float32[np.ndarray, "window columns"],
    *,
    every: int = 1,
) -> Codes:
    """Return the codes of a residual's windows.

    Args:
        profile: residual of one sample.
        planes: projections of all tables.
        every: steps from the beginning of one window to that of the next.
    """
    span = 2 * WINDOW_BINS - 1
    n = max(len(profile) - span + 1, 0)
    first = np.arange(0, n, every, dtype=np.int32)
    at = first[:, None] + 2 * np.arange(WINDOW_BINS)
    windows = profile[at]
    says = (windows * windows).sum(1) >= MIN_ENERGY
    bits = planes.shape[1] // N_TABLES
    signs = (windows[says] @ planes > 0).reshape(-1, N_TABLES, bits)
    weights = (1 << np.arange(bits)).astype(np.uint32)
    code = (signs * weights).sum(2, dtype=np.uint32)
    return Codes(first[says], code)


def bucket_bounds(codes: Int64[np.ndarray, " k"], bits: int) -> Int64[np.ndarray, " buckets"]:
    """Return where each code's entries begin in a sorted list, then the end."""
    counts = np.bincount(codes, minlength=1 << bits)
    return np.concatenate(([0], np.cumsum(counts))).astype(np.int64)
