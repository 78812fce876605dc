"""Between a GPU's memory and the registers of a program: rows of a block of neurons.

A program's neurons may reach beyond the last column, and its last steps beyond the last step: what
is read there is of no consequence, and nothing is written.
"""

from typing import Any, TypeAlias

import triton
import triton.language as tl

Pointer: TypeAlias = Any
"""Where a tensor's memory begins. Triton has no types; it reads annotations as text."""

Size: TypeAlias = Any
"""A whole number, the same for all neurons."""

Block: TypeAlias = Any
"""A block of numbers in registers."""

Blocks: TypeAlias = Any
"""A tuple of them."""


@triton.jit
def load_rows(
    pointer: "Pointer", n: tl.constexpr, apart: "Size", column: "Block", end: "Size"
) -> "Blocks":
    """Return n rows of a block, ``apart`` numbers from each other; ones beyond the end."""
    rows = ()
    for k in tl.static_range(n):
        rows = rows + (tl.load(pointer + k * apart + column, mask=column < end, other=1.0),)
    return rows


@triton.jit
def store_rows(
    pointer: "Pointer",
    rows: "Blocks",
    n: tl.constexpr,
    apart: "Size",
    column: "Block",
    end: "Size",
) -> None:
    """Write n rows of a block, in the precision of the memory."""
    for k in tl.static_range(n):
        at = pointer + k * apart + column
        tl.store(at, rows[k].to(pointer.dtype.element_ty), mask=column < end)


@triton.jit
def load_steps(
    pointer: "Pointer",
    t0: "Size",
    sizes: "Blocks",
    column: "Block",
    N_ROWS: tl.constexpr,
    GROUP: tl.constexpr,
    DTYPE: tl.constexpr,
) -> "Blocks":
    """Return the rows of GROUP time steps, all in one tuple; zeros after the last step."""
    steps, columns = sizes
    rows = ()
    for h in tl.static_range(GROUP):
        end = columns_at(t0 + h, steps, columns)
        for k in tl.static_range(N_ROWS):
            at = pointer + (tl.cast(t0 + h, tl.int64) * N_ROWS + k) * columns + column
            rows = rows + (tl.load(at, mask=column < end, other=0.0).to(DTYPE),)
    return rows


@triton.jit
def columns_at(t: "Size", steps: "Size", columns: "Size") -> "Size":
    """Return how many columns a time step has: none after the last."""
    return tl.where(t < steps, columns, 0)


@triton.jit
def load_constants(
    pointer: "Pointer",
    column: "Block",
    columns: "Size",
    KIND: tl.constexpr,
    EACH: tl.constexpr,
) -> "Blocks":
    """Return rows of constants: of each neuron, or one number for all."""
    rows = ()
    for k in tl.static_range(0, tl.constexpr(6 + KIND.n_synapses)):
        if EACH:
            at = pointer + k * columns + column
            rows = rows + (tl.load(at, mask=column < columns, other=1.0),)
        else:
            rows = rows + (tl.load(pointer + k),)
    return rows


@triton.jit
def load_numbers(pointer: "Pointer") -> "Blocks":
    """Return bound, reset, the five of the surrogate, and most spikes."""
    numbers = ()
    for k in tl.static_range(8):
        numbers = numbers + (tl.load(pointer + k),)
    return numbers


@triton.jit
def no_rows(column: "Block", n: tl.constexpr, DTYPE: tl.constexpr) -> "Blocks":
    """Return n blocks of zeros."""
    rows = ()
    for _ in tl.static_range(n):
        rows = rows + (tl.zeros_like(column).to(DTYPE),)
    return rows


@triton.jit
def chosen(where: "Block", ones: "Blocks", others: "Blocks", n: tl.constexpr) -> "Blocks":
    """Return one of two tuples of n blocks, neuron by neuron."""
    taken = ()
    for k in tl.static_range(n):
        taken = taken + (tl.where(where, ones[k], others[k]),)
    return taken


@triton.jit
def added(where: "Block", totals: "Blocks", rows: "Blocks", n: tl.constexpr) -> "Blocks":
    """Return sums of two tuples of n blocks, of the neurons ``where`` there is something to add."""
    sums = ()
    for k in tl.static_range(n):
        sums = sums + (totals[k] + tl.where(where, rows[k], 0.0),)
    return sums


@triton.jit
def add_rows(
    pointer: "Pointer", rows: "Blocks", n: tl.constexpr, columns: "Size", column: "Block"
) -> None:
    """Add n rows of a block to numbers of double precision."""
    for k in tl.static_range(n):
        at = pointer + k * columns + column
        total = tl.load(at, mask=column < columns, other=0.0)
        tl.store(at, total + rows[k].to(tl.float64), mask=column < columns)
