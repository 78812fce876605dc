"""Work done ahead of its consumer by a few threads, in the consumer's order."""

import atexit
import os
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, suppress
from functools import partial
from queue import SimpleQueue
from threading import Event, Lock, Thread
from typing import Any, Generic, TypeVar

import numpy as np
from jaxtyping import Int64

from eventstore.later import Later
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
    """Runs tasks in the order given: by threads while those are there, or by the caller.

    What is not begun when the threads go waits for the next ones.

    Args:
        n: how many threads; 0 is the caller.

    Examples:
        >>> tasks = Tasks(2)
        >>> later = tasks.start(lambda: 6 * 7)
        >>> tasks.begin()
        >>> later.result()
        42
        >>> tasks.end()
    """

    def __init__(self, n: int) -> None:
        self._n = n
        self._waiting: deque[Later[Any]] = deque()
        # One token a task, and one a thread that is to end.
        self._tokens: SimpleQueue[bool] = SimpleQueue()
        self._threads: list[Thread] = []
        self._ending = Event()

    def start(self, task: Callable[[], T]) -> Later[T]:
        """Begin a task when its turn is, and return its result to come."""
        later = Later(task)
        if self._n == 0:
            later.run()
        else:
            self._waiting.append(later)
            self._tokens.put(True)
        return later

    def begin(self) -> None:
        """Have threads until `end`; where they are there already, they go on."""
        if self._threads:
            return
        self._tokens, self._ending = SimpleQueue(), Event()
        for _ in self._waiting:
            self._tokens.put(True)
        arguments = self._tokens, self._ending
        self._threads = [
            Thread(target=self._work, args=arguments, name=f"spikelake-loader_{i}", daemon=True)
            for i in range(self._n)
        ]
        # A loop that is left standing must not keep the interpreter from ending.
        atexit.register(self.end)
        for thread in self._threads:
            thread.start()

    def end(self, *, wait: bool = True) -> None:
        """Let the threads finish what they began, and end.

        Args:
            wait: return when they have; a finaliser, which any thread may run, must not wait.
        """
        atexit.unregister(self.end)
        threads, self._threads = self._threads, []
        self._ending.set()
        for _ in threads:
            self._tokens.put(False)
        if wait:
            for thread in threads:
                thread.join()

    def _work(self, tokens: "SimpleQueue[bool]", ending: Event) -> None:
        _let_others_go_first()
        while tokens.get() and not ending.is_set():
            self._waiting.popleft().run()


def _let_others_go_first() -> None:
    """Make this thread one that does not interrupt others when it is woken, where Linux knows that.

    With all processors busy, a step that begins a task would otherwise stop until it is done.
    """
    policy = getattr(os, "sched_getscheduler", None)
    with suppress(OSError):  # where a sandbox forbids it, the step waits a millisecond
        if policy is not None and policy(0) == os.SCHED_OTHER:
            os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))


class Read(Generic[T]):
    """A block that is read, or will be, by a task that may read others beside it.

    Args:
        task: what it gives, block by block.
        place: which of them is this one.
    """

    __slots__ = ("_block", "_place", "_task")

    _block: T

    def __init__(self, task: Later[list[T]], place: int) -> None:
        self._task: Later[list[T]] | None = task
        self._place = place

    def result(self) -> T:
        """Wait for the block and return it, or raise what its task raises."""
        task = self._task
        if task is not None:
            # Kept: most batches ask for blocks that are there, and a task has a lock.
            self._block = task.result()[self._place]
            self._task = None
        return self._block


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
        used = sorted(set(self._block_of[start:stop].tolist()))
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
        self._lock = Lock()

    def restart(self) -> None:
        """Begin at nothing again."""
        with self._lock:
            self.seconds = dict.fromkeys(self.seconds, 0.0)

    def measure(self, name: str) -> AbstractContextManager[None]:
        """Add the time that the block takes."""
        return _Measured(self, name)

    def add(self, name: str, seconds: float) -> None:
        """Add some time."""
        with self._lock:
            self.seconds[name] += seconds


class _Measured:
    """A block whose time is measured; a generator would take as long as a small block does."""

    __slots__ = ("_begin", "_name", "_watch")

    def __init__(self, watch: Stopwatch, name: str) -> None:
        self._watch, self._name, self._begin = watch, name, 0.0

    def __enter__(self) -> None:
        self._begin = time.perf_counter()

    def __exit__(self, *_: object) -> None:
        self._watch.add(self._name, time.perf_counter() - self._begin)
