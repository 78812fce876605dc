"""Encode chunks on several threads: compressors release the GIL, so two cores halve the wait.

Everything is encoded when `Encoders.encode` returns, in the order asked for: the bytes of a store
do not depend on the number of threads, and no thread touches an array afterwards.
"""

import os
from collections import deque
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from typing import TypeAlias

import numpy as np

from eventstore.closing import Closing
from eventstore.codecs import ColumnCodec, encode_chunk

Job: TypeAlias = tuple[ColumnCodec, np.ndarray]
"""A codec, and the values of one chunk."""

MOST_THREADS = 8
"""Reading the sources cannot feed more."""


class Encoders(Closing):
    """Threads that encode chunks, started when there is first enough to do.

    Args:
        threads: how many, the caller's own included; as many as there are cores, but not more
            than 8, where absent.

    Examples:
        >>> from eventstore.codecs import codecs_of
        >>> with Encoders(2) as encoders:
        ...     one, two = encoders.encode([(codecs_of("archive")["t"], np.arange(9))] * 2)
        >>> one == two
        True
    """

    def __init__(self, threads: int | None = None) -> None:
        cores = len(os.sched_getaffinity(0))
        self.threads = max(1, min(cores, MOST_THREADS) if threads is None else threads)
        self._pool: ThreadPoolExecutor | None = None

    def encode(self, jobs: Sequence[Job]) -> list[bytes]:
        """Return the encoded chunk of each job; the first failure is raised once all is at rest."""
        encoded = [b""] * len(jobs)
        todo = deque(enumerate(jobs))

        def work() -> None:
            while job := _next(todo):
                i, (codec, values) = job
                try:
                    encoded[i] = encode_chunk(codec, values)
                except BaseException:
                    todo.clear()
                    raise

        others = [self._threads().submit(work) for _ in range(min(self.threads, len(jobs)) - 1)]
        try:
            work()
        finally:
            wait(others)
        for other in others:
            other.result()
        return encoded

    def _threads(self) -> ThreadPoolExecutor:
        if self._pool is None:
            self._pool = ThreadPoolExecutor(self.threads - 1, thread_name_prefix="encoder")
        return self._pool

    def close(self) -> None:
        """End the threads."""
        if self._pool is not None:
            self._pool.shutdown()
            self._pool = None


def _next(todo: deque[tuple[int, Job]]) -> tuple[int, Job] | None:
    try:
        return todo.popleft()
    except IndexError:
        return None
