"""Ask for memory before it is needed.

A scan steps from one time step to the next: at each it meets a few kilobytes in a row, then leaps
by all neurons. The processor foresees rows, not leaps, and would wait for memory at each.
"""

from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from eventstore.jit import INTERPRETED, inner_kernel
from snn.kernels.lines import LINE_BYTES


@intrinsic
def _prefetch(_: Any, array: Any, index: Any) -> Any:  # noqa: ANN401 # numba's own types
    """Begin to load the line of an element; harmless where there is none."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:  # noqa: ANN401
        proxy = cgutils.create_struct_proxy(signature.args[0])  # type: ignore[no-untyped-call]
        values = proxy(context, builder, value=args[0])
        address = builder.bitcast(builder.gep(values.data, [args[1]]), ir.IntType(8).as_pointer())
        number = ir.IntType(32)
        shape = ir.FunctionType(ir.VoidType(), [address.type, number, number, number])
        name = "llvm.prefetch.p0" if "*" not in str(address.type) else "llvm.prefetch.p0i8"
        function = cgutils.get_or_insert_function(builder.module, shape, name)  # type: ignore[no-untyped-call]
        reads, keep, data = number(0), number(3), number(1)
        builder.call(function, [address, reads, keep, data])
        return context.get_dummy_value()

    return types.void(array, types.intp), generate


@inner_kernel
def prefetch_row(row: np.ndarray) -> None:
    """Begin to load a contiguous row."""
    if INTERPRETED:  # the interpreter has no such instruction
        return
    for i in range(0, len(row), LINE_BYTES // row.itemsize):
        _prefetch(row, i)  # type: ignore[call-arg]  # numba gives the first one


@inner_kernel
def foresee(x: np.ndarray, b: int, t: int, start: int, stop: int) -> None:
    """Begin to load what a block of neurons meets in a time step, of all synapses."""
    for k in range(x.shape[2]):
        prefetch_row(x[b, t, k, start:stop])
