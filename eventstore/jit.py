"""The one place that decides how kernels are compiled, with types that survive the decorator."""

from collections.abc import Callable
from typing import TypeVar, cast

import numba

from eventstore.jit_cache import keep_alone

F = TypeVar("F", bound=Callable[..., object])

INTERPRETED = bool(numba.config.DISABLE_JIT)  # type: ignore[attr-defined]  # set as it loads
"""Whether kernels run as plain Python (``NUMBA_DISABLE_JIT=1``), to look into them."""


def kernel(function: F) -> F:
    """Compile a function over plain arrays: GIL released, machine code cached on disk."""
    return _cached(function, nogil=True)


def brief_kernel(function: F) -> F:
    """Compile as `kernel` what takes a few µs: Python's lock is kept.

    A thread that lets go of it may have to wait for its turn, and to be woken: ten times as long.
    """
    return _cached(function)


def lean_kernel(function: F) -> F:
    """Compile as `kernel` what makes no array of its own: nobody counts who holds which.

    Each slice that is handed to a function costs two locked instructions otherwise, more than a
    loop over a few dozen numbers. The compiler refuses what makes an array, and an array that is
    assigned to a slice: it would make room for a copy.
    """
    return _cached(function, nogil=True, _nrt=False)


def inner_kernel(function: F) -> F:
    """Compile as `lean_kernel` what other kernels call; its machine code is cached within theirs.

    What returns an array to a `kernel` must be one itself: the caller gives back what it was given
    to hold, and the memory would be freed while in use.
    """
    options = {"nogil": True, "error_model": "numpy", "_nrt": False}
    return cast("F", numba.njit(**options)(function))  # type: ignore[call-overload]  # no _nrt in its stubs


def inlined_kernel(function: F) -> F:
    """Copy a function into the kernels that call it before those are compiled.

    Options that the caller passes as constants are constants within, so that branches on them
    vanish.
    """
    return cast("F", numba.njit(inline="always", error_model="numpy")(function))


def fusing_kernel(function: F) -> F:
    """Compile as `kernel`, free to round a product and a sum once, as one instruction does."""
    return _cached(function, nogil=True, fastmath={"contract"})


def reordering_kernel(function: F) -> F:
    """Compile as `kernel`, free to add up in another order: sums become vector instructions."""
    return _cached(function, nogil=True, fastmath={"reassoc", "contract", "nsz"})


def _cached(function: F, **options: object) -> F:
    """Compile a function with options of ``numba.njit``, its machine code kept on disk."""
    compiled = numba.njit(cache=True, error_model="numpy", **options)  # type: ignore[call-overload]  # the same
    made = compiled(function)
    keep_alone(made)
    return cast("F", made)
