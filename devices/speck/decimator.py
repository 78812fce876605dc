"""The decimator at the output of a core: of every n spikes one leaves the core.

The data sheet of Speck 2f (§3.2.4.3, table 4) gives eight settings. Which of the n spikes passes
is not documented: here it is the last of them, counted over all neurons of the core from its start.
The neurons have fired all the same; what is monitored, pooled and sent is what passes.
"""

import numpy as np
from jaxtyping import Int64

from eventstore.errors import InvalidInput

KEEP_ONE_OF = (2, 4, 8, 16, 32, 128, 256, 512)
"""For each value of ``output_decimator_interval``: of how many spikes one passes [data sheet].

There is no 64 between 32 and 128.
"""


def decimator_interval(keep_one_of: int) -> int:
    """Return the value of ``output_decimator_interval`` that passes one of so many spikes.

    Args:
        keep_one_of: of how many spikes one passes.

    Raises:
        InvalidInput: the chip has no such setting.

    Examples:
        >>> decimator_interval(4)
        1
    """
    if keep_one_of not in KEEP_ONE_OF:
        message = f"a decimator cannot pass one of {keep_one_of} spikes"
        raise InvalidInput(message, hint=f"take one of {', '.join(map(str, KEEP_ONE_OF))}")
    return KEEP_ONE_OF.index(keep_one_of)


def decimated(n_spikes: int, keep_one_of: int, passed_over: int = 0) -> Int64[np.ndarray, " kept"]:
    """Return which of a core's next spikes leave it.

    Args:
        n_spikes: how many spikes its neurons fire.
        keep_one_of: of how many one passes; 1: the decimator is off.
        passed_over: spikes dropped since the last that passed.

    Examples:
        >>> decimated(10, 4).tolist(), decimated(10, 4, passed_over=3).tolist()
        ([3, 7], [0, 4, 8])
    """
    return np.arange(keep_one_of - 1 - passed_over, n_spikes, keep_one_of)
