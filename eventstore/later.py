"""The result of a task to come: what `concurrent.futures.Future` is, in a quarter of its time.

A future may be cancelled, be asked for its state and call back. Nothing here needs that, and a
batch of small samples takes two of them and little else.
"""

from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

T = TypeVar("T")


class Later(Generic[T]):
    """What a task gives or raises, once one thread has run it; any thread may wait for that.

    Args:
        task: makes the result.

    Examples:
        >>> later = Later(lambda: 6 * 7)
        >>> later.run()
        >>> later.result()
        42
    """

    __slots__ = ("_error", "_result", "_running", "_task")

    _result: T

    def __init__(self, task: Callable[[], T]) -> None:
        self._task = task
        self._error: BaseException | None = None
        self._running = Lock()
        self._running.acquire()

    def run(self) -> None:
        """Run the task, once; what it raises is raised to those who ask for its result."""
        task = self._task
        del self._task  # what it holds ends with it, not with whoever keeps the result
        try:
            self._result = task()
        except BaseException as error:
            self._error = error
        self._running.release()

    def result(self) -> T:
        """Wait until the task has run, and return its result or raise what it raised."""
        with self._running:
            pass
        if self._error is not None:
            raise self._error
        return self._result
