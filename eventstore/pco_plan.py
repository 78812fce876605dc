"""Where a chunk of coordinates is cut into pieces for pcodec, and which of them become differences.

pcodec learns one histogram a piece. A scene that moves fits several short pieces better than one
long one, a sensor that is read out column by column fits differences. pcodec finds the latter out
by trial, at the price of half its speed; here both are estimated from entropies of histograms.
"""

import numpy as np

from eventstore.jit import kernel

UNITS = 8
"""A chunk is cut at multiples of an eighth, halved again and again where that pays."""

SHORTEST = 256
"""Fewest values in a unit: shorter chunks are never cut."""

LONGEST = 1 << 18
"""Most values in a chunk that is cut: pcodec writes longer pieces in several pages."""

_BUCKETS = 256

_WORTH_A_CUT = 0.995
"""A cut must save half a per cent, for decoding another piece takes time."""

_PIECE_BITS, _DOUBLING_BITS = -1_040.0, 160.0
"""What pcodec's tables take beyond the entropy: 70 bytes at 1,024 values, 20 more a doubling."""


@kernel
def plan_pieces(values: np.ndarray) -> np.ndarray:
    """Return the stop and the order of differences, 0 or 1, of each piece of a chunk.

    Args:
        values: ``uint16``, at least one.

    Examples:
        >>> noise, scan = np.random.default_rng(0).integers(0, 97, 4096), np.arange(4096) // 8
        >>> plan_pieces(np.concatenate([noise, scan]).astype(np.uint16)).tolist()
        [[4096, 0], [8192, 1]]
    """
    pieces = np.zeros((UNITS, 2), np.int64)
    if not UNITS * SHORTEST <= len(values) <= LONGEST:
        unit, last = len(values), 1
    else:
        unit, last = (len(values) + UNITS - 1) // UNITS, UNITS
    histograms, far_bits, shift = _histograms(values, unit, last)
    order = _cheapest(histograms, far_bits, shift, last)
    start, n_pieces = 0, 0
    while start < last:
        node, first, width = 1, 0, last
        while order[node] < 0:
            width //= 2
            is_right = start >= first + width
            first += width if is_right else 0
            node = 2 * node + (1 if is_right else 0)
        start = first + width
        pieces[n_pieces] = min(start * unit, len(values)), order[node]
        n_pieces += 1
    return pieces[:n_pieces]


@kernel
def _histograms(values: np.ndarray, unit: int, last: int) -> tuple[np.ndarray, np.ndarray, int]:
    """Count values and differences of each unit, the leaves of a binary tree in heap order.

    Returns: counts by order, node and bucket; the bits of a difference that has no bucket, by
    node; the bits of a value that its bucket leaves open.
    """
    low, span = values.min(), np.int64(values.max()) - np.int64(values.min())
    shift, span_bits = 0, 1
    while span >> shift >= _BUCKETS:
        shift += 1
    while span >> span_bits:
        span_bits += 1
    counts = np.zeros((2, 2 * last, _BUCKETS), np.int64)
    far_bits = np.zeros(2 * last)
    previous = values[0]
    for i in range(len(values)):
        leaf = last + i // unit
        counts[0, leaf, np.uint16(values[i] - low) >> shift] += 1
        step = np.int64(values[i]) - np.int64(previous) + _BUCKETS // 2
        previous = values[i]
        is_far = step < 1 or step >= _BUCKETS
        counts[1, leaf, 0 if is_far else step] += 1
        far_bits[leaf] += span_bits + 1 if is_far else 0
    for node in range(last - 1, 0, -1):
        counts[:, node] = counts[:, 2 * node] + counts[:, 2 * node + 1]
        far_bits[node] = far_bits[2 * node] + far_bits[2 * node + 1]
    return counts, far_bits, shift


@kernel
def _cheapest(counts: np.ndarray, far_bits: np.ndarray, shift: int, last: int) -> np.ndarray:
    """Return the order of each node of the tree, -1 where it is cut in halves."""
    cost, order = np.zeros(2 * last), np.zeros(2 * last, np.int64)
    for node in range(2 * last - 1, 0, -1):
        n = counts[0, node].sum()
        plain = _entropy_bits(counts[0, node], n) + shift * n
        steps = _entropy_bits(counts[1, node], n) + far_bits[node]
        order[node] = 1 if steps < plain else 0
        cost[node] = min(plain, steps) + _PIECE_BITS + _DOUBLING_BITS * np.log2(max(n, 1))
        halves = cost[2 * node] + cost[2 * node + 1] if node < last else np.inf
        if halves < _WORTH_A_CUT * cost[node]:
            cost[node], order[node] = halves, -1
    return order


@kernel
def _entropy_bits(counts: np.ndarray, n: int) -> np.float64:
    bits = np.float64(n * np.log2(max(n, 1)))
    for count in counts:
        if count > 1:
            bits -= count * np.log2(count)
    return bits
