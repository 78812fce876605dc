"""What machine code was made of: the functions that a kernel calls, and constants that it uses.

numba looks machine code up by the file of the kernel alone. What comes from other files goes into
it all the same: a kernel whose helper was changed, by an update in place, would run as it was.
"""

import hashlib
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

import numpy as np

_NOT_OURS = ("numpy", "numba", "llvmlite")
"""Their versions are part of numba's own key, or say nothing of what kernels do."""


_OPTIONS = str(Path(__file__).with_name("jit.py"))
"""Where it is said how kernels are compiled."""


def digest_of(function: Callable[..., object]) -> str:
    """Return a digest of all that a kernel is compiled from.

    That is the files of the functions that it calls, directly or not, the numbers, texts and tables
    that they use, and the file that says how kernels are compiled. Of a module the names that are
    used are looked at.

    Args:
        function: what is to be compiled, or was.

    Examples:
        >>> def double(x): return FACTOR * x
        >>> FACTOR = 2
        >>> before = digest_of(double)
        >>> FACTOR = 3
        >>> digest_of(double) == before
        False
    """
    told = {_digest_of_file(_OPTIONS)}
    seen: set[int] = set()
    waiting = _functions(function)
    while waiting:
        one = waiting.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        told.add(_digest_of_file(one.__code__.co_filename))
        for name, value in _used(one):
            found = _functions(value)
            waiting += found
            if not found:
                told.add(f"{name}={_text(value)}")
    return hashlib.sha256("\n".join(sorted(told)).encode()).hexdigest()


def _used(function: FunctionType) -> Iterator[tuple[str, object]]:
    """Iterate over what a function takes from around it, by name."""
    names = _names(function.__code__)
    for name in names & function.__globals__.keys():
        value = function.__globals__[name]
        if not isinstance(value, ModuleType):
            yield name, value
        elif _is_ours(value.__name__):
            yield from ((inner, getattr(value, inner)) for inner in names if hasattr(value, inner))
    cells = function.__closure__ or ()
    for name, cell in zip(function.__code__.co_freevars, cells, strict=True):
        try:
            yield name, cell.cell_contents
        except ValueError:  # a function that is not bound yet
            continue


def _is_ours(module: str | None) -> bool:
    return (module or "").partition(".")[0] not in _NOT_OURS


def _names(code: CodeType) -> set[str]:
    """Return the names that code, or a function within it, looks up."""
    inner = (_names(const) for const in code.co_consts if isinstance(const, CodeType))
    return set(code.co_names).union(*inner)


def _functions(value: Any) -> list[FunctionType]:  # noqa: ANN401 # numba has no types
    """Return the functions behind what numba made, or behind what it calls by type."""
    made_of = getattr(value, "py_func", None) or getattr(value, "_defn", None)
    if isinstance(made_of, FunctionType):
        return [made_of]
    if isinstance(value, FunctionType) and _is_ours(value.__module__):
        # Which function stands in for a plain one is known to numba alone; it is beside it.
        beside = [one for one in value.__globals__.values() if isinstance(one, FunctionType)]
        return [value, *(one for one in beside if one.__module__ == value.__module__)]
    return []


def _text(value: object) -> str:
    """Return what tells a constant from another; nothing where none goes into machine code."""
    if isinstance(value, np.ndarray):
        return hashlib.sha256(value.tobytes()).hexdigest()
    if isinstance(value, type):  # of a table of numbers the order of its columns
        return f"{value.__name__}{getattr(value, '_fields', '')}"
    if isinstance(value, tuple):
        return f"({', '.join(map(_text, value))})"
    is_constant = isinstance(value, bool | int | float | str | bytes | np.generic)
    return repr(value) if is_constant else ""


@cache
def _digest_of_file(path: str) -> str:
    """Return the digest of a file; its name where there is none, as at a prompt."""
    file = Path(path)
    return hashlib.sha256(file.read_bytes()).hexdigest() if file.is_file() else path
