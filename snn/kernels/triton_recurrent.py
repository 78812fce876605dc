"""Two Triton kernels for recurrent neurons: forward scan, and backward scan.

A program does one row of the batch and all of its neurons, over all time: its spikes go through a
memory of two steps, from which every thread reads those of all others. What comes back of them is
summed over ``CHUNK`` neurons at a time, and chunks in which nobody spiked are skipped. Otherwise
the memory is that of `snn.kernels.triton_template`: states are kept at every ``STRIDE`` steps, and
going back the steps in between are done again, into a scratch.
"""

import triton
import triton.language as tl

from snn.kernels.triton_memory import (
    Block,
    Blocks,
    Pointer,
    Size,
    add_rows,
    added,
    load_constants,
    load_numbers,
    load_rows,
    no_rows,
    store_rows,
)
from snn.kernels.triton_step import advance, retreat


@triton.jit
def product(
    vector_ptr: "Pointer",
    n: "Size",
    matrix_ptr: "Pointer",
    apart: "Size",
    column: "Block",
    columns: "Size",
    CHUNK: tl.constexpr,
    DTYPE: tl.constexpr,
) -> "Block":
    """Return a vector of n numbers times the columns of a matrix whose rows are ``apart``."""
    total = tl.zeros_like(column).to(DTYPE)
    for j0 in range(0, n, CHUNK):
        j = j0 + tl.arange(0, CHUNK)
        some = tl.load(vector_ptr + j, mask=j < n, other=0.0)
        if tl.sum(tl.abs(some), 0) != 0.0:
            at = matrix_ptr + tl.cast(j, tl.int64)[:, None] * apart + column[None, :]
            inside = (j < n)[:, None] & (column < columns)[None, :]
            weights = tl.load(at, mask=inside, other=0.0)
            total += tl.sum(some[:, None] * weights, 0)
    return total


@triton.jit
def fed_inputs(
    x_ptr: "Pointer",
    spikes_ptr: "Pointer",
    weight_ptr: "Pointer",
    column: "Block",
    columns: "Size",
    N_INPUTS: tl.constexpr,
    CHUNK: tl.constexpr,
    DTYPE: tl.constexpr,
) -> "Blocks":
    """Return the inputs of one step and what the spikes of the step before add to them."""
    rows = ()
    for k in tl.static_range(N_INPUTS):
        x = tl.load(x_ptr + k * columns + column, mask=column < columns, other=0.0).to(DTYPE)
        at = weight_ptr + k * columns
        fed = product(spikes_ptr, columns, at, N_INPUTS * columns, column, columns, CHUNK, DTYPE)
        rows = rows + (x + fed,)
    return rows


@triton.jit(do_not_specialize=["steps"])
def forward_kernel(
    x_ptr: "Pointer",
    first_ptr: "Pointer",
    constants_ptr: "Pointer",
    numbers_ptr: "Pointer",
    weight_ptr: "Pointer",
    spikes_ptr: "Pointer",  # of two steps of each row
    y_ptr: "Pointer",
    kept_ptr: "Pointer",
    last_ptr: "Pointer",
    steps: "Size",
    columns: "Size",
    KIND: tl.constexpr,
    EACH: tl.constexpr,
    STRIDE: tl.constexpr,
    CHUNK: tl.constexpr,
    BLOCK: tl.constexpr,
) -> None:
    """Advance the neurons of a row over all time steps."""
    N_STATES: tl.constexpr = 2 + KIND.n_synapses + KIND.adaptive
    N_INPUTS: tl.constexpr = KIND.n_synapses if KIND.n_synapses > 0 else 1
    DTYPE: tl.constexpr = first_ptr.dtype.element_ty
    b = tl.cast(tl.program_id(0), tl.int64)
    column = tl.arange(0, BLOCK)
    x_ptr += b * steps * N_INPUTS * columns
    y_ptr += b * steps * columns
    kept_ptr += b * tl.cdiv(steps, STRIDE) * N_STATES * columns
    spikes_ptr += b * 2 * columns
    constants = load_constants(constants_ptr, column, columns, KIND, EACH)
    numbers = load_numbers(numbers_ptr)
    state = load_rows(first_ptr + b * N_STATES * columns, N_STATES, columns, column, columns)
    for t in range(steps):
        if t % STRIDE == 0:
            at = kept_ptr + tl.cast(t // STRIDE, tl.int64) * N_STATES * columns
            store_rows(at, state, N_STATES, columns, column, columns)
        y, state = recur(
            x_ptr + tl.cast(t, tl.int64) * N_INPUTS * columns,
            spikes_ptr + (t % 2) * columns,
            weight_ptr,
            x_ptr,
            state,
            column,
            columns,
            constants,
            numbers,
            KIND,
            CHUNK,
            DTYPE,
            False,
        )
        at = y_ptr + tl.cast(t, tl.int64) * columns + column
        tl.store(at, y.to(y_ptr.dtype.element_ty), mask=column < columns)
    store_rows(last_ptr + b * N_STATES * columns, state, N_STATES, columns, column, columns)


@triton.jit
def recur(
    x_ptr: "Pointer",
    spikes_ptr: "Pointer",
    weight_ptr: "Pointer",
    fed_ptr: "Pointer",
    state: "Blocks",
    column: "Block",
    columns: "Size",
    constants: "Blocks",
    numbers: "Blocks",
    KIND: tl.constexpr,
    CHUNK: tl.constexpr,
    DTYPE: tl.constexpr,
    KEEPS: tl.constexpr,
) -> "Blocks":
    """Advance the neurons of a row by one step; return output and state.

    One barrier is enough: spikes of two steps lie beside each other, and whoever writes those of
    the step after next has waited for all that still read these.
    """
    LAST: tl.constexpr = 1 + KIND.n_synapses + KIND.adaptive
    N_INPUTS: tl.constexpr = KIND.n_synapses if KIND.n_synapses > 0 else 1
    tl.store(spikes_ptr + column, state[LAST], mask=column < columns)
    tl.debug_barrier()
    x = fed_inputs(x_ptr, spikes_ptr, weight_ptr, column, columns, N_INPUTS, CHUNK, DTYPE)
    if KEEPS:
        store_rows(fed_ptr, x, N_INPUTS, columns, column, columns)
    y, after = advance(x, state[0:LAST], constants, numbers, KIND)
    return y, after + (y,)


@triton.jit
def redo(
    x_ptr: "Pointer",
    spikes_ptr: "Pointer",
    weight_ptr: "Pointer",
    fed_ptr: "Pointer",
    states_ptr: "Pointer",
    state: "Blocks",
    n_steps: "Size",
    column: "Block",
    columns: "Size",
    constants: "Blocks",
    numbers: "Blocks",
    KIND: tl.constexpr,
    CHUNK: tl.constexpr,
    DTYPE: tl.constexpr,
) -> None:
    """Advance the neurons of a row, and write what each step was given and began with."""
    N_STATES: tl.constexpr = 2 + KIND.n_synapses + KIND.adaptive
    N_INPUTS: tl.constexpr = KIND.n_synapses if KIND.n_synapses > 0 else 1
    for h in range(n_steps):
        at = states_ptr + h * N_STATES * columns
        store_rows(at, state, N_STATES, columns, column, columns)
        _, state = recur(
            x_ptr + h * N_INPUTS * columns,
            spikes_ptr + (h % 2) * columns,
            weight_ptr,
            fed_ptr + h * N_INPUTS * columns,
            state,
            column,
            columns,
            constants,
            numbers,
            KIND,
            CHUNK,
            DTYPE,
            True,
        )


@triton.jit
def unrecur(
    fed_ptr: "Pointer",
    state_ptr: "Pointer",
    spikes_ptr: "Pointer",
    back_ptr: "Pointer",
    grad_x_ptr: "Pointer",
    grad_y: "Block",
    carried: "Blocks",
    column: "Block",
    columns: "Size",
    constants: "Blocks",
    numbers: "Blocks",
    KIND: tl.constexpr,
    CHUNK: tl.constexpr,
    DTYPE: tl.constexpr,
) -> "Blocks":
    """Take gradients back through one step, and on to the spikes of the step before.

    Returns: gradients to the state before, its spikes last, and to each row of the constants.
    """
    LAST: tl.constexpr = 1 + KIND.n_synapses + KIND.adaptive
    N_INPUTS: tl.constexpr = KIND.n_synapses if KIND.n_synapses > 0 else 1
    state = load_rows(state_ptr, LAST, columns, column, columns)
    x = load_rows(fed_ptr, N_INPUTS, columns, column, columns)
    to_y = grad_y + carried[LAST]
    to_inputs, before, found = retreat(x, state, to_y, carried[0:LAST], constants, numbers, KIND)
    store_rows(grad_x_ptr, to_inputs, N_INPUTS, columns, column, columns)
    store_rows(spikes_ptr, to_inputs, N_INPUTS, columns, column, columns)
    tl.debug_barrier()
    n = N_INPUTS * columns
    to_spikes = product(spikes_ptr, n, back_ptr, columns, column, columns, CHUNK, DTYPE)
    return before + (to_spikes,), found


@triton.jit(do_not_specialize=["steps"])
def backward_kernel(
    x_ptr: "Pointer",
    kept_ptr: "Pointer",
    constants_ptr: "Pointer",
    numbers_ptr: "Pointer",
    weight_ptr: "Pointer",
    back_ptr: "Pointer",  # the weight, its axes changed over
    spikes_ptr: "Pointer",  # of two steps of each row, for as many numbers as a step has inputs
    fed_ptr: "Pointer",
    states_ptr: "Pointer",
    grad_y_ptr: "Pointer",
    grad_x_ptr: "Pointer",
    grad_state_ptr: "Pointer",  # gradient to the last state on entry, to the first on return
    grad_constants_ptr: "Pointer",
    steps: "Size",
    columns: "Size",
    KIND: tl.constexpr,
    EACH: tl.constexpr,
    LEARNS: tl.constexpr,
    STRIDE: tl.constexpr,
    CHUNK: tl.constexpr,
    BLOCK: tl.constexpr,
) -> None:
    """Take the gradients of a row back through all time steps."""
    N_STATES: tl.constexpr = 2 + KIND.n_synapses + KIND.adaptive
    N_INPUTS: tl.constexpr = KIND.n_synapses if KIND.n_synapses > 0 else 1
    N_ROWS: tl.constexpr = 6 + KIND.n_synapses
    DTYPE: tl.constexpr = kept_ptr.dtype.element_ty
    n_chunks = tl.cdiv(steps, STRIDE)
    b = tl.cast(tl.program_id(0), tl.int64)
    column = tl.arange(0, BLOCK)
    x_ptr += b * steps * N_INPUTS * columns
    grad_x_ptr += b * steps * N_INPUTS * columns
    grad_y_ptr += b * steps * columns
    kept_ptr += b * n_chunks * N_STATES * columns
    spikes_ptr += b * 2 * N_INPUTS * columns
    fed_ptr += b * STRIDE * N_INPUTS * columns
    states_ptr += b * STRIDE * N_STATES * columns
    grad_state_ptr += b * N_STATES * columns
    grad_constants_ptr += b * N_ROWS * columns
    constants = load_constants(constants_ptr, column, columns, KIND, EACH)
    numbers = load_numbers(numbers_ptr)
    carried = load_rows(grad_state_ptr, N_STATES, columns, column, columns)
    for back in range(n_chunks):
        first = (n_chunks - 1 - back) * STRIDE
        n_steps = tl.minimum(steps - first, STRIDE)
        at = kept_ptr + tl.cast(n_chunks - 1 - back, tl.int64) * N_STATES * columns
        state = load_rows(at, N_STATES, columns, column, columns)
        redo(
            x_ptr + tl.cast(first, tl.int64) * N_INPUTS * columns,
            spikes_ptr,
            weight_ptr,
            fed_ptr,
            states_ptr,
            state,
            n_steps,
            column,
            columns,
            constants,
            numbers,
            KIND,
            CHUNK,
            DTYPE,
        )
        tl.debug_barrier()  # what was written above is read below
        learnt = no_rows(column, N_ROWS, DTYPE)
        for later in range(n_steps):
            h = n_steps - 1 - later
            t = tl.cast(first + h, tl.int64)
            given = grad_y_ptr + t * columns + column
            grad_y = tl.load(given, mask=column < columns, other=0.0).to(DTYPE)
            carried, found = unrecur(
                fed_ptr + h * N_INPUTS * columns,
                states_ptr + h * N_STATES * columns,
                spikes_ptr + (h % 2) * N_INPUTS * columns,
                back_ptr,
                grad_x_ptr + t * N_INPUTS * columns,
                grad_y,
                carried,
                column,
                columns,
                constants,
                numbers,
                KIND,
                CHUNK,
                DTYPE,
            )
            if LEARNS:
                learnt = added(column < columns, learnt, found, N_ROWS)
        if LEARNS:
            add_rows(grad_constants_ptr, learnt, N_ROWS, columns, column)
        tl.debug_barrier()  # and the scratch is written again
    store_rows(grad_state_ptr, carried, N_STATES, columns, column, columns)
