"""Work done ahead of its consumer by a few threads, in the consumer's order."""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Generic, TypeVar

import numpy as np
from jaxtyping import Int64

from eventstore.schedule import ReadPlan

T = TypeVar("T")


def ahead(items: Iterable[T], n: int) -> Iterator[T]:
    """Iterate over items, drawing ``n`` more from their source before each is given out.

    Examples:
        >>> drawn = []
        >>> next(ahead((drawn.append(i) or i for i in range(9)), 2)), drawn
        (0, [0, 1, 2])
    """
    waiting: deque[T] = deque()
    for item in items:
        waiting.append(item)
        if len(waiting) > n:
            yield waiting.popleft()
    yield from waiting


class Tasks:
    """Runs tasks in the order given: by threads, or by the caller where there are none."""

    def __init__(self, executor: Executor | None) -> None:
        self._executor = executor

    def start(self, task: Callable[[], T]) -> "Future[T]":
        """Begin a task, and return its result to come."""
        if self._executor is not None:
            return self._executor.submit(task)
        future: Future[T] = Future()
        try:
            future.set_result(task())
        except Exception as error:
            future.set_exception(error)
        return future


@contextmanager
def worker_threads(n: int) -> Iterator[Tasks]:
    """Provide ``n`` threads to run tasks, none of which outlives the block; 0 is the caller.

    Examples:
        >>> with worker_threads(2) as tasks:
        ...     tasks.start(lambda: 6 * 7).result()
        42
    """
    if n == 0:
        yield Tasks(None)
        return
    executor = ThreadPoolExecutor(n, "spikelake-loader")
    try:
        yield Tasks(executor)
    finally:
        executor.shutdown(wait=True, cancel_futures=True)


@dataclass(frozen=True, slots=True, eq=False)
class Read(Generic[T]):
    """A block that is read, or will be, by a task that may read others beside it.

    Args:
        task: what it gives, block by block.
        place: which of them is this one.
    """

    task: "Future[list[T]]"
    place: int

    def result(self) -> T:
        """Wait for the block and return it, or raise what its task raises."""
        return self.task.result()[self.place]


class PacedReads(Generic[T]):
    """Reads of blocks, begun at an even pace ahead of their use and let go after it.

    Args:
        tasks: what runs the reads.
        read: reads some blocks.
        block_of: the block of each sample, in the order served.
        in_flight: blocks to be under way before their samples' turn.
        together: blocks a task; of small ones, several cost hardly more than one.
    """

    def __init__(
        self,
        tasks: Tasks,
        read: Callable[[list[int]], list[T]],
        block_of: Int64[np.ndarray, " n"],
        *,
        in_flight: int,
        together: int = 1,
    ) -> None:
        self._tasks = tasks
        self._read = read
        self._block_of = block_of
        self._together = together
        self._plan = ReadPlan.of(block_of, ahead=in_flight)
        self._held: dict[int, Read[T]] = {}
        self._n_started = 0

    def take(self, start: int, stop: int) -> dict[int, Read[T]]:
        """Return the blocks of samples ``start … stop - 1``, whose turn it is; call in their order.

        Their reads are begun before this returns, so that with threads that take tasks in order, a
        task that waits for them can never keep them from running.
        """
        self._start(self._plan.needed(stop))
        used = np.unique(self._block_of[start:stop]).tolist()
        taken = {block: self._held[block] for block in used}
        for block in used:
            if self._plan.last_use[block] < stop:
                del self._held[block]
        return taken

    def go_ahead(self, stop: int) -> None:
        """Begin the reads that are to be under way once the task for samples up to ``stop`` is.

        Behind that task: the first batch of an epoch does not wait for a whole pool.
        """
        self._start(self._plan.started(stop))

    def _start(self, n: int) -> None:
        while self._n_started < n:
            end = self._n_started + self._together
            blocks = self._plan.blocks[self._n_started : end].tolist()
            task = self._tasks.start(partial(self._read, blocks))
            self._held |= {block: Read(task, place) for place, block in enumerate(blocks)}
            self._n_started += len(blocks)


class Stopwatch:
    """Seconds spent in named activities, summed over threads.

    Examples:
        >>> watch = Stopwatch("read", "wait")
        >>> with watch.measure("read"):
        ...     pass
        >>> sorted(watch.seconds)
        ['read', 'wait']
    """

    def __init__(self, *names: str) -> None:
        self.seconds = dict.fromkeys(names, 0.0)
        self._lock = threading.Lock()

    @contextmanager
    def measure(self, name: str) -> Iterator[None]:
        """Add the time that the block takes."""
        begin = time.perf_counter()
        try:
            yield
        finally:
            with self._lock:
                self.seconds[name] += time.perf_counter() - begin
