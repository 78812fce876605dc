"""Copy short runs of numbers, a line of the cache at a time.

A loop over a dozen channels costs more to begin than to run. A whole line is one instruction; what
is written past the run is written over by the next one, or falls into memory left for it.
"""

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from eventstore.jit import INTERPRETED, kernel
from snn.kernels.membrane import Array

LINE_BYTES = 64
"""Of a line of the cache, and of the widest vector there is."""

MARGIN = 16
"""Numbers that an array must have past the last one that is meant: a line, in single precision."""


@intrinsic
def _copy_line(
    _: Any,  # noqa: ANN401 # numba's own types
    source: Any,  # noqa: ANN401
    start: Any,  # noqa: ANN401
    into: Any,  # noqa: ANN401
    at: Any,  # noqa: ANN401
) -> Any:  # noqa: ANN401
    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:  # noqa: ANN401
        bits = signature.args[0].dtype.bitwidth
        item = context.get_value_type(signature.args[0].dtype)
        line = ir.VectorType(item, LINE_BYTES * 8 // bits)

        def address(array: int, index: int) -> Any:  # noqa: ANN401
            proxy = cgutils.create_struct_proxy(signature.args[array])  # type: ignore[no-untyped-call]
            first = proxy(context, builder, value=args[array]).data
            return builder.bitcast(builder.gep(first, [args[index]]), line.as_pointer())

        loaded = builder.load(address(0, 1), typ=line)
        stored = builder.store(loaded, address(2, 3))
        loaded.align = stored.align = bits // 8
        return context.get_dummy_value()

    return types.void(source, types.intp, into, types.intp), generate


@kernel
def copy_run(  # noqa: PLR0917 # a kernel takes no keywords
    source: Array, start: int, length: int, into: Array, at: int, n_lanes: int
) -> None:
    """Copy a run, and whatever comes after it up to the end of its last line.

    Both arrays must go on for `MARGIN` numbers past the run.

    Args:
        source: holds the run.
        start: where it begins.
        length: of the run.
        into: takes it.
        at: from where on.
        n_lanes: how many numbers fill a line.

    Examples:
        >>> import numpy as np
        >>> into = np.zeros(3 + MARGIN, np.float32)
        >>> copy_run(np.arange(6 + MARGIN, dtype=np.float32), 2, 3, into, 0, 16)
        >>> into[:3].tolist()
        [2.0, 3.0, 4.0]
    """
    for c in range(0, length, n_lanes):
        if INTERPRETED:  # the interpreter has no such instruction
            into[at + c : at + c + n_lanes] = source[start + c : start + c + n_lanes]
        else:
            _copy_line(source, start + c, into, at + c)  # type: ignore[call-arg]  # numba gives one
