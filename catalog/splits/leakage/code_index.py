"""An index of codes: which windows of which samples have a code, in each table."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Int32, Int64, UInt32

from catalog.splits.leakage.codes import (
    N_TABLES,
    WINDOW_BINS,
    bucket_bounds,
    choose_bits,
    projections,
    window_codes,
)
from catalog.splits.leakage.rate_profile import Profiles, residuals

MAX_WINDOWS = 1 << 23
"""Windows in the index, 256 MB; of more, those are kept whose code's hash falls into a share."""


class Index(NamedTuple):
    """Entries of all tables, each sorted by code.

    Args:
        bounds: first entry of each code, then the end, per table.
        sample: sample of each entry.
        position: first step of its window.
        bits: bits of a code.
        keep_one_in: which share of codes is kept.
    """

    bounds: list[Int64[np.ndarray, " buckets"]]
    sample: list[Int32[np.ndarray, " k"]]
    position: list[Int32[np.ndarray, " k"]]
    bits: int
    keep_one_in: int


def build_index(profiles: Profiles) -> Index:
    """Enter a window at every other step of every sample.

    Args:
        profiles: profiles of all samples.
    """
    steps = np.diff(profiles.offsets)
    n_windows = int(np.maximum(steps - 2 * WINDOW_BINS + 2, 0).sum() + 1) // 2
    one_in = -(-n_windows // MAX_WINDOWS) or 1
    bits = choose_bits(n_windows)
    planes = projections(bits)
    parts: list[list[tuple[UInt32[np.ndarray, " k"], Int32[np.ndarray, " k"], int]]]
    parts = [[] for _ in range(N_TABLES)]
    for sample in range(len(steps)):
        codes = window_codes(residuals(profiles, sample), planes, every=2)
        for table in range(N_TABLES):
            kept = is_kept(codes.code[:, table], one_in)
            parts[table].append((codes.code[kept, table], codes.position[kept], sample))
    built = [_table(of_table, bits) for of_table in parts]
    return Index(
        [table[0] for table in built],
        [table[1] for table in built],
        [table[2] for table in built],
        bits,
        one_in,
    )


def _table(
    parts: list[tuple[UInt32[np.ndarray, " k"], Int32[np.ndarray, " k"], int]], bits: int
) -> tuple[Int64[np.ndarray, " buckets"], Int32[np.ndarray, " n"], Int32[np.ndarray, " n"]]:
    code = np.concatenate([part[0] for part in parts])
    position = np.concatenate([part[1] for part in parts])
    sizes = [len(part[0]) for part in parts]
    sample = np.repeat(np.array([part[2] for part in parts], np.int32), sizes)
    order = np.argsort(code, kind="stable")
    return bucket_bounds(code.astype(np.int64), bits), sample[order], position[order]


def is_kept(code: UInt32[np.ndarray, " k"], one_in: int) -> Bool[np.ndarray, " k"]:
    """Say which codes are looked at, the same ones for every sample (a share by their hash)."""
    if one_in == 1:
        return np.ones(len(code), np.bool_)
    mixed = (code.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(40)
    kept: Bool[np.ndarray, " k"] = mixed % np.uint64(one_in) == 0
    return kept
