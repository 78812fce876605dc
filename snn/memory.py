"""Keep freed memory in the process while training, instead of giving it back every step.

glibc gives free memory at the top of the heap back to the operating system. A training step frees
its activations and the next one takes as much again, so each pays for fresh pages: 13,000 page
faults and up to a fifth of the processor time in a small convolutional net.
"""

import ctypes
import sys
from functools import cache

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3
"""Parameters of ``mallopt``, from glibc's ``malloc.h``."""

KEPT_BYTES = 1 << 30
"""Free memory at the top of the heap above which glibc gives some back."""

LARGEST_BLOCK = 32 << 20
"""Blocks above this are always mapped on their own; glibc allows no higher limit."""


@cache
def keep_freed_memory() -> bool:
    """Tell glibc to keep up to 1 GiB of freed memory; once per process, for all of it.

    Returns: whether it took effect; False where there is no glibc.
    """
    if not sys.platform.startswith("linux"):
        return False
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):  # musl has none
        return False
    settings = ((M_MMAP_THRESHOLD, LARGEST_BLOCK), (M_TRIM_THRESHOLD, KEPT_BYTES))
    return all(mallopt(parameter, value) == 1 for parameter, value in settings)
