"""Run tasks on other processes or machines; a task that is lost with its worker is run again."""

import multiprocessing
import os
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import wait as wait_for
from typing import Any, Generic, Protocol, TypeAlias, TypeVar, runtime_checkable

from eventstore.errors import InvalidInput, MissingExtra, SpikelakeError

MOST_LOSSES = 3
"""Pools of workers that may break one after the other without any task done in between."""

T = TypeVar("T")
R = TypeVar("R")


@runtime_checkable
class Cluster(Protocol):
    """What has an executor, such as a ``distributed.Client``."""

    def get_executor(self) -> Executor:
        """Return an executor that runs tasks on it."""


@dataclass(slots=True, eq=False)
class Job(Generic[R]):
    """A task under way."""

    function: Callable[[Any], R]
    task: object
    future: Future[R]


class Workers:
    """Runs functions of one argument on an executor, in the order they are asked for.

    Functions and arguments must go through pickle, and give the same when they are run twice.

    Args:
        executor: where to run them.
        window: tasks to keep under way.
        renew: makes another executor where the first broke; without it, that is an error.

    Examples:
        >>> from concurrent.futures import ThreadPoolExecutor
        >>> with ThreadPoolExecutor(2) as executor:
        ...     workers = Workers(executor, window=4)
        ...     jobs = [workers.submit(abs, n) for n in (-3, 5)]
        ...     [workers.result(job) for job in jobs]
        [3, 5]
    """

    def __init__(
        self, executor: Executor, *, window: int, renew: Callable[[], Executor] | None = None
    ) -> None:
        self.window = window
        self._executor = executor
        self._renew = renew
        self._jobs: dict[int, Job[Any]] = {}
        self._losses = 0

    def submit(self, function: Callable[[T], R], task: T) -> Job[R]:
        """Begin a task.

        Raises:
            SpikelakeError: the workers died again and again.
        """
        while True:
            try:
                future = self._executor.submit(function, task)
                break
            except BrokenExecutor as error:
                self._recover(error)
        job = Job(function, task, future)
        self._jobs[id(job)] = job
        return job

    def result(self, job: Job[R]) -> R:
        """Wait for a task and return what it gives, or raise what it raises.

        Raises:
            SpikelakeError: the workers died again and again.
        """
        while True:
            try:
                value = job.future.result()
            except BrokenExecutor as error:
                self._recover(error)
                continue
            except BaseException:
                self._jobs.pop(id(job), None)
                raise
            self._jobs.pop(id(job), None)
            self._losses = 0
            return value

    def _recover(self, error: BrokenExecutor) -> None:
        """Make another executor and run on it what was lost with the first."""
        self._losses += 1
        if self._renew is None or self._losses > MOST_LOSSES:
            message = f"workers died at their work ({error})"
            hint = "often of too little memory: use fewer workers, then go on with --resume"
            raise SpikelakeError(message, hint=hint) from error
        self._executor.shutdown(wait=False, cancel_futures=True)
        self._executor = self._renew()
        for job in self._jobs.values():
            if not job.future.done() or isinstance(job.future.exception(), BrokenExecutor):
                job.future = self._executor.submit(job.function, job.task)

    def drain(self) -> None:
        """Give up the tasks under way and wait until none runs any more."""
        futures = [job.future for job in self._jobs.values()]
        self._jobs.clear()
        wait([future for future in futures if not future.cancel()])

    def shut_down(self) -> None:
        """End the executor."""
        self._executor.shutdown(wait=True, cancel_futures=True)


Runs: TypeAlias = Executor | Cluster | Workers
"""What can run tasks."""


def as_workers(runs: Runs) -> Workers:
    """Return workers for an executor, a ``distributed.Client``, or workers themselves."""
    if isinstance(runs, Workers):
        return runs
    executor = runs if isinstance(runs, Executor) else runs.get_executor()
    return Workers(executor, window=4 * (os.cpu_count() or 1))


@contextmanager
def local_workers(n: int) -> Iterator[Workers]:
    """Start so many processes on this machine; ones that die are replaced.

    Raises:
        InvalidInput: there are none.
    """
    if n < 1:
        message = f"{n} workers"
        raise InvalidInput(message, hint="use 1 or more")

    def start() -> Executor:
        # Not forked: this process may have threads, whose locks a fork would copy as they are.
        spawn = multiprocessing.get_context("spawn")
        return ProcessPoolExecutor(n, mp_context=spawn, initializer=_end_with_parent)

    workers = Workers(start(), window=2 * n, renew=start)
    try:
        yield workers
    finally:
        workers.shut_down()


@contextmanager
def cluster_workers(address: str) -> Iterator[Workers]:
    """Connect to a running ``distributed`` scheduler, which replaces workers that die.

    Args:
        address: such as ``tcp://10.0.0.1:8786``.

    Raises:
        MissingExtra: `distributed` is not installed.
        InvalidInput: nobody answers at the address.
    """
    try:
        from distributed import Client
    except ImportError as error:
        message = "a scheduler needs the package distributed"
        raise MissingExtra(message, hint="pip install 'spikelake[distributed]'") from error
    try:
        client = Client(address, timeout=10)  # type: ignore[no-untyped-call]
    except (OSError, ValueError) as error:
        message = f"no scheduler answers at {address} ({error})"
        raise InvalidInput(message, hint="start one with `dask scheduler`, and workers") from error
    with client:
        cores = sum(client.ncores().values())  # type: ignore[no-untyped-call]
        executor = client.get_executor()  # type: ignore[no-untyped-call]
        yield Workers(executor, window=2 * max(cores, 1))


def ahead(items: Iterable[T], n: int) -> Iterator[T]:
    """Iterate with the next ``n`` items made already.

    Examples:
        >>> made = []
        >>> first = next(ahead((made.append(k) or k for k in range(9)), 3))
        >>> first, made
        (0, [0, 1, 2, 3])
    """
    waiting: deque[T] = deque()
    for item in items:
        waiting.append(item)
        if len(waiting) > n:
            yield waiting.popleft()
    yield from waiting


def _end_with_parent() -> None:
    """Let a worker end when the process that started it was killed."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        watch = threading.Thread(target=_watch, args=(parent.sentinel,), daemon=True)
        watch.start()


def _watch(sentinel: int) -> None:
    wait_for([sentinel])
    os._exit(1)
