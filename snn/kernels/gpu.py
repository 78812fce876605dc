"""The door to Triton, which compiles kernels for a GPU: is it there, and recent enough?

Torch for CUDA brings Triton along on Linux, each release its own: torch 2.8 brought 3.4. Kernels
read their options from a named tuple, which compilers before that do not take.
"""

import importlib
import re
import warnings
from functools import cache

from eventstore.errors import MissingExtra

NEEDED = (3, 4)
"""The first version that compiles the kernels."""

MOST_RECURRENT = 1024
"""Most neurons of a recurrent layer that one program holds; more take the loop over time."""

HINT = "pip install 'spikelake[gpu]'; with torch 2.8 or later for CUDA on Linux it comes along"


def triton_version() -> str | None:
    """Return the version of Triton; None: it is not installed or does not load."""
    try:
        return str(importlib.import_module("triton").__version__)
    except (ImportError, AttributeError):
        return None


def fault_of(version: str | None) -> str:
    """Say what is wrong with a version of Triton; empty: nothing.

    Examples:
        >>> fault_of("3.7.1")
        ''
        >>> fault_of("3.1.0")
        'Triton 3.1.0 is installed, kernels for a GPU need 3.4 or later'
    """
    needed = ".".join(map(str, NEEDED))
    if version is None:
        return f"Triton is not installed, kernels for a GPU need {needed} or later"
    numbers = re.findall(r"\d+", version)[: len(NEEDED)]
    if tuple(map(int, numbers)) >= NEEDED:
        return ""
    return f"Triton {version} is installed, kernels for a GPU need {needed} or later"


def check_triton() -> None:
    """Make sure that kernels for a GPU can be compiled.

    Raises:
        MissingExtra: Triton is not there, or too old.
    """
    if fault := fault_of(triton_version()):
        raise MissingExtra(fault, hint=HINT)


@cache
def has_triton() -> bool:
    """Say whether kernels for a GPU can be compiled; warns once where they cannot."""
    fault = fault_of(triton_version())
    if fault:
        message = f"{fault}: layers run on it as a loop over time steps, many times slower ({HINT})"
        warnings.warn(message, stacklevel=2)
    return not fault
