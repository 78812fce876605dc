"""The one place that decides how kernels are compiled, with types that survive the decorator."""

from collections.abc import Callable
from typing import TypeVar, cast

import numba

F = TypeVar("F", bound=Callable[..., object])


def kernel(function: F) -> F:
    """Compile a function over plain arrays: GIL released, machine code cached on disk."""
    return cast("F", numba.njit(cache=True, nogil=True, error_model="numpy")(function))
