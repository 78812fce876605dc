"""Copy and add up short runs of numbers, a line of the cache at a time.

A loop over a dozen channels costs more to begin than to run. A whole line is one instruction; what
is written past the run is written over by the next one, or falls into memory left for it.
"""

import functools
from typing import Any, TypeAlias

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from eventstore.jit import INTERPRETED, inlined_kernel
from snn.kernels.membrane import Array

LINE_BYTES = 64
"""Of a line of the cache, and of the widest vector there is."""

Window: TypeAlias = tuple[int, int, int, int]
"""Rows and columns of a window; columns and channels of what it lies on."""

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
        loaded = _load_line(context, builder, signature, args, args[1])
        _store_line(context, builder, signature, args, loaded)
        return context.get_dummy_value()

    return types.void(source, types.intp, into, types.intp), generate


@intrinsic
def _add_up_lines(  # noqa: PLR0917 # as the kernel below
    _: Any,  # noqa: ANN401 # numba's own types
    source: Any,  # noqa: ANN401
    start: Any,  # noqa: ANN401
    into: Any,  # noqa: ANN401
    at: Any,  # noqa: ANN401
    row: Any,  # noqa: ANN401
    high: Any,  # noqa: ANN401
    step: Any,  # noqa: ANN401
    wide: Any,  # noqa: ANN401
) -> Any:  # noqa: ANN401
    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:  # noqa: ANN401
        _, start, _, _, row, high, step, wide = args
        total = cgutils.alloca_once(builder, _line(context, signature))  # type: ignore[no-untyped-call]

        def line_at(*offsets: Any) -> Any:  # noqa: ANN401
            place = functools.reduce(builder.add, offsets, start)
            return _load_line(context, builder, signature, args, place)

        two = ir.Constant(high.type, 2)
        usual = builder.and_(
            builder.icmp_signed("==", high, two), builder.icmp_signed("==", wide, two)
        )
        with builder.if_else(usual) as (then, otherwise):
            with then:  # what a loop of two turns costs more to begin than to run
                lines = (line_at(), line_at(step), line_at(row), line_at(row, step))
                builder.store(functools.reduce(builder.fadd, lines), total)
            with otherwise:
                builder.store(_line(context, signature)(None), total)
                with cgutils.for_range(builder, high) as rows:
                    below = builder.mul(rows.index, row)
                    with cgutils.for_range(builder, wide) as columns:
                        line = line_at(below, builder.mul(columns.index, step))
                        builder.store(builder.fadd(builder.load(total), line), total)
        _store_line(context, builder, signature, args, builder.load(total))
        return context.get_dummy_value()

    return types.void(source, types.intp, into, *(types.intp,) * 5), generate


def _line(context: Any, signature: Any) -> Any:  # noqa: ANN401
    """Return the type of a line of numbers."""
    number = signature.args[0].dtype
    return ir.VectorType(context.get_value_type(number), LINE_BYTES * 8 // number.bitwidth)


def _load_line(context: Any, builder: Any, signature: Any, args: Any, index: Any) -> Any:  # noqa: ANN401
    """Load a line of the first array, from an index on."""
    address = _address(context, builder, signature, args, 0, index)
    loaded = builder.load(address, typ=_line(context, signature))
    loaded.align = signature.args[0].dtype.bitwidth // 8
    return loaded


def _store_line(context: Any, builder: Any, signature: Any, args: Any, line: Any) -> None:  # noqa: ANN401
    """Store a line into the second array, the third argument, from the fourth on."""
    stored = builder.store(line, _address(context, builder, signature, args, 2, args[3]))
    stored.align = signature.args[0].dtype.bitwidth // 8


def _address(  # noqa: PLR0917 # one of several arguments
    context: Any,  # noqa: ANN401
    builder: Any,  # noqa: ANN401
    signature: Any,  # noqa: ANN401
    args: Any,  # noqa: ANN401
    array: int,
    index: Any,  # noqa: ANN401
) -> Any:  # noqa: ANN401
    """Return the address of an array's line, from an index on."""
    proxy = cgutils.create_struct_proxy(signature.args[array])  # type: ignore[no-untyped-call]
    first = proxy(context, builder, value=args[array]).data
    pointer = _line(context, signature).as_pointer()
    return builder.bitcast(builder.gep(first, [index]), pointer)


@inlined_kernel
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


@inlined_kernel
def add_up_runs(  # noqa: PLR0917 # a kernel takes no keywords
    source: Array, start: int, window: Window, into: Array, at: int, n_lanes: int
) -> None:
    """Add up the runs of a window, and whatever comes after each up to the end of its last line.

    Both arrays must go on for `MARGIN` numbers past the runs.

    Args:
        source: holds the runs: those of a row follow each other.
        start: where the first one begins.
        window: rows and columns of the window; runs in a row, and length of each.
        into: takes the sum.
        at: from where on.
        n_lanes: how many numbers fill a line.

    Examples:
        >>> import numpy as np
        >>> into = np.zeros(2 + MARGIN, np.float32)
        >>> source = np.arange(8 + MARGIN, dtype=np.float32)
        >>> add_up_runs(source, 0, (2, 2, 2, 2), into, 0, 16)
        >>> into[:2].tolist()
        [12.0, 16.0]
    """
    high, wide, columns, length = window
    row = columns * length
    for c in range(0, length, n_lanes):
        if INTERPRETED:
            total = np.zeros(n_lanes, source.dtype)
            for k in range(high * wide):
                begin = start + k // wide * row + k % wide * length + c
                total += source[begin : begin + n_lanes]
            into[at + c : at + c + n_lanes] = total
        else:
            _add_up_lines(source, start + c, into, at + c, row, high, length, wide)  # type: ignore[call-arg]
