"""Machine code that processes keep in one folder: each reads and writes it alone.

numba numbers the files of a function's variants, and an index says which is which. It reads the
index, writes it and writes the file, one after the other. Two processes that compile two variants
at once may take the same number; then the index names one variant, the file holds the other, and
that one runs from then on without a word.
"""

import fcntl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import wraps
from pathlib import Path
from typing import Any

LOCK = "kernels.lock"
"""Name of the file that is locked, beside the machine code."""


def keep_alone(kernel: Any) -> None:  # noqa: ANN401 # numba has no types
    """Let a kernel read and write its machine code while no other process does.

    Args:
        kernel: what ``numba.njit(cache=True)`` made; one that is not compiled is left as it is.
    """
    cache = getattr(kernel, "_cache", None)
    if cache is not None and cache.cache_path:
        cache.load_overload = _alone(cache.load_overload, cache)
        cache.save_overload = _alone(cache.save_overload, cache)


def _alone(work: Callable[..., object], cache: Any) -> Callable[..., object]:  # noqa: ANN401
    @wraps(work)
    def run(*arguments: object) -> object:
        with _locked(Path(cache.cache_path)):
            return work(*arguments)

    return run


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Hold the lock of a folder; where there can be none, go on without."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle = (folder / LOCK).open("a")
    except OSError:  # nobody writes into a folder that is read-only
        yield
        return
    with handle:
        with suppress(OSError):  # not every file system of a network can lock
            fcntl.flock(handle, fcntl.LOCK_EX)
        try:
            yield
        finally:
            with suppress(OSError):
                fcntl.flock(handle, fcntl.LOCK_UN)  # forked children hold the file open too
