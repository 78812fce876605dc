"""Split a kernel's rows and columns over threads.

Kernels release the GIL, so plain Python threads serve; as many as torch uses. An OpenMP of our own
beside torch's would make two pools spin for the same cores, and numba's default pool must not be
entered from two threads at once.
"""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import pairwise

import torch

from snn.kernels.template import Part

WORTH_A_THREAD = 1 << 17
"""Neuron-steps below which a second thread costs more than it saves (50 µs against 1 ns each)."""


def plan_parts(rows: int, columns: int, steps: int, threads: int) -> list[Part]:
    """Cut a ``(rows, steps, columns)`` kernel into parts of about equal work.

    Examples:
        >>> plan_parts(8, 100, 1000, threads=2)
        [(0, 4, 0, 100), (4, 8, 0, 100)]
        >>> plan_parts(1, 100_000, 10, threads=2)
        [(0, 1, 0, 50000), (0, 1, 50000, 100000)]
    """
    wanted = max(1, min(threads, rows * columns * steps // WORTH_A_THREAD))
    if rows >= wanted:
        edges = [rows * k // wanted for k in range(wanted + 1)]
        return [(a, b, 0, columns) for a, b in pairwise(edges)]
    edges = [columns * k // wanted for k in range(wanted + 1)]
    return [(0, rows, a, b) for a, b in pairwise(edges) if b > a]


def run_parts(rows: int, columns: int, steps: int, work: Callable[[Part], None]) -> None:
    """Call ``work`` on each part, the first one in this thread, and wait for all of them."""
    here, *others = plan_parts(rows, columns, steps, torch.get_num_threads())
    waiting = [_pool(os.getpid()).submit(work, part) for part in others]
    work(here)
    for future in waiting:
        future.result()


@cache
def _pool(process: int) -> ThreadPoolExecutor:  # a forked child needs threads of its own
    return ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="snn-kernel")
