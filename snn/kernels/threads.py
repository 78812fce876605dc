"""Split a kernel's rows and columns over threads.

As many parts as torch uses threads run on these very threads (`snn.kernels.openmp`): a second pool
beside torch's would spin for the same cores, and numba's default pool must not be entered from two
threads at once. Where torch's cannot be had, Python threads serve: kernels release the GIL.
"""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import pairwise
from typing import TypeVar

import torch

from snn.kernels.openmp import has_openmp, run_on_openmp
from snn.kernels.template import Part

T = TypeVar("T")

WORTH_A_THREAD = 1 << 17
"""Neuron-steps below which a second thread costs more than it saves (50 µs against 1 ns each)."""


def plan_parts(
    sizes: tuple[int, int, int], threads: int, *, whole_rows: bool = False
) -> list[Part]:
    """Cut a kernel over ``(rows, steps, columns)`` into parts of about equal work; none, if empty.

    Args:
        sizes: rows, steps and columns.
        threads: most parts.
        whole_rows: never cut columns.

    Examples:
        >>> plan_parts((8, 1000, 100), 2)
        [(0, 4, 0, 100), (4, 8, 0, 100)]
        >>> plan_parts((1, 10, 100_000), 2)
        [(0, 1, 0, 50000), (0, 1, 50000, 100000)]
    """
    rows, steps, columns = sizes
    if not rows * columns:
        return []
    wanted = max(1, min(threads, rows * columns * steps // WORTH_A_THREAD))
    if rows >= wanted or whole_rows:
        return [(a, b, 0, columns) for a, b in _cut(rows, min(wanted, rows))]
    return [(0, rows, a, b) for a, b in _cut(columns, wanted)]


def run_parts(
    sizes: tuple[int, int, int], work: Callable[[Part], None], *, whole_rows: bool = False
) -> None:
    """Call ``work`` on each part of rows and columns, and wait for all of them."""
    _run(plan_parts(sizes, torch.get_num_threads(), whole_rows=whole_rows), work)


def run_columns(columns: int, n_steps: int, work: Callable[[tuple[int, int]], None]) -> None:
    """Call ``work`` on each part of the columns, and wait; ``n_steps`` says how much there is."""
    wanted = max(1, min(torch.get_num_threads(), n_steps // WORTH_A_THREAD, columns))
    _run(_cut(columns, wanted), work)


def _cut(size: int, parts: int) -> list[tuple[int, int]]:
    edges = [size * k // parts for k in range(parts + 1)]
    return [(a, b) for a, b in pairwise(edges) if b > a]


def _run(parts: Sequence[T], work: Callable[[T], None]) -> None:
    """Do the first part in this thread, the others beside it."""
    if not parts:
        return
    if len(parts) > 1 and has_openmp():
        run_on_openmp(parts, work)
        return
    here, *others = parts
    waiting = [_pool(os.getpid()).submit(work, part) for part in others]
    work(here)
    for future in waiting:
        future.result()


@cache
def _pool(process: int) -> ThreadPoolExecutor:  # a forked child needs threads of its own
    return ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="snn-kernel")
