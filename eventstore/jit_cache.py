"""Machine code that processes keep in one folder: each reads and writes it alone.

numba numbers the files of a function's variants, and an index says which is which. It reads the
index, writes it and writes the file, one after the other. Two processes that compile two variants
at once may take the same number; then the index names one variant, the file holds the other, and
that one runs from then on without a word. The index also tells what a kernel was compiled from, see
`eventstore.jit_sources`.
"""

import fcntl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache, wraps
from pathlib import Path
from typing import Any

from eventstore.jit_sources import digest_of

LOCK = "kernels.lock"
"""Name of the file that is locked, beside the machine code."""


def keep_alone(kernel: Any) -> None:  # noqa: ANN401 # numba has no types
    """Let a kernel read and write machine code of its own sources, while no other process does.

    Args:
        kernel: what ``numba.njit(cache=True)`` made; one that is not compiled is left as it is.
    """
    kept = getattr(kernel, "_cache", None)
    if kept is None or not kept.cache_path:
        return

    key = kept._index_key  # noqa: SLF001 # numba has no other door

    # Not before it is looked for: what a kernel calls may stand below it in its file.
    @cache
    def sources() -> str:
        return digest_of(kernel)

    def key_with_sources(*arguments: object) -> tuple[object, ...]:
        return *key(*arguments), sources()

    kept._index_key = key_with_sources  # noqa: SLF001
    kept.load_overload = _alone(kept.load_overload, Path(kept.cache_path))
    kept.save_overload = _alone(kept.save_overload, Path(kept.cache_path))


def _alone(work: Callable[..., object], folder: Path) -> Callable[..., object]:
    @wraps(work)
    def run(*arguments: object) -> object:
        with _locked(folder):
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
