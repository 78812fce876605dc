"""Do parts of work on the threads that torch's own operators run on.

torch's threads wait for their next work in a busy loop of some milliseconds. Threads of our own
beside them would share cores with that loop and lose half of their time: so parts go to torch's
threads, through ``GOMP_parallel`` of the GNU OpenMP library that torch loaded. Each thread calls
back into Python, whose lock the kernels release.
"""

import ctypes
import os
import sys
from collections import deque
from collections.abc import Callable, Sequence
from functools import cache
from typing import Protocol, TypeVar

T = TypeVar("T")

_Region = ctypes.CFUNCTYPE(None, ctypes.c_void_p)


class _ParallelCall(Protocol):
    """``GOMP_parallel``: call a region once in each thread, and wait."""

    def __call__(self, region: object, data: None, threads: int, flags: int) -> None:
        """Call it."""


def has_openmp() -> bool:
    """Say whether torch's threads can be had: with GNU OpenMP, and not after a fork.

    A child process has none of its parent's threads, and GNU OpenMP waits for them for ever.

    Examples:
        >>> has_openmp() in (True, False)
        True
    """
    return os.getpid() == _LOADED_IN and _parallel() is not None


def run_on_openmp(parts: Sequence[T], work: Callable[[T], None]) -> None:
    """Call ``work`` on each part, one thread a part, and wait for all; an error is raised here.

    Args:
        parts: what to do.
        work: releases Python's lock while it is busy; must not start a parallel region itself.

    Examples:
        >>> done = []
        >>> if has_openmp():
        ...     run_on_openmp([1, 2], done.append)
        ... else:
        ...     done = [1, 2]
        >>> sorted(done)
        [1, 2]
    """
    left, errors = deque(parts), list[BaseException]()

    def region(_: int | None) -> None:
        # A thread may come late or not at all: whoever is free takes what is left.
        while left:
            try:
                part = left.popleft()
            except IndexError:
                return
            try:
                work(part)
            except BaseException as error:  # raised again below, in the caller
                errors.append(error)

    call = _parallel()
    if call is None:  # has_openmp() would have said so: one after the other, then
        region(None)
    else:
        call(_Region(region), None, len(parts), 0)
    if errors:
        raise errors[0]


@cache
def _parallel() -> _ParallelCall | None:
    if not sys.platform.startswith("linux"):
        return None
    try:
        library = ctypes.CDLL("libgomp.so.1", mode=os.RTLD_NOLOAD | os.RTLD_LAZY)
        call = library.GOMP_parallel
    except (OSError, AttributeError):  # torch built with another OpenMP, or none
        return None
    call.argtypes = [_Region, ctypes.c_void_p, ctypes.c_uint, ctypes.c_uint]
    call.restype = None
    return call


_LOADED_IN = os.getpid()
