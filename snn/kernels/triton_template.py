"""Two Triton kernels for all neurons that are not recurrent: forward scan, and backward scan.

They compute what `snn.kernels.template` does, with the same memory: the forward pass keeps the
state at every ``STRIDE`` steps, the backward pass recomputes the steps in between. A program does
one row of the batch and ``BLOCK`` neurons, over all time. It takes ``GROUP`` steps at once: their
inputs are asked for before the first is used, so that memory answers while nothing waits, and going
back what they were like stays in registers. Only states at the borders of groups go through a
scratch memory of a few steps.
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
    chosen,
    columns_at,
    load_constants,
    load_numbers,
    load_rows,
    load_steps,
    no_rows,
    store_rows,
)
from snn.kernels.triton_step import advance, retreat


@triton.jit(do_not_specialize=["steps"])
def forward_kernel(
    x_ptr: "Pointer",
    first_ptr: "Pointer",
    constants_ptr: "Pointer",
    numbers_ptr: "Pointer",
    y_ptr: "Pointer",
    kept_ptr: "Pointer",
    last_ptr: "Pointer",
    steps: "Size",
    columns: "Size",
    KIND: tl.constexpr,
    EACH: tl.constexpr,
    STRIDE: tl.constexpr,
    GROUP: tl.constexpr,
    BLOCK: tl.constexpr,
) -> None:
    """Advance a block of neurons over all time steps."""
    N_STATES: tl.constexpr = 1 + KIND.n_synapses + KIND.adaptive
    N_INPUTS: tl.constexpr = KIND.n_synapses if KIND.n_synapses > 0 else 1
    DTYPE: tl.constexpr = first_ptr.dtype.element_ty
    n_blocks = tl.cdiv(columns, BLOCK)
    b = tl.cast(tl.program_id(0) // n_blocks, tl.int64)
    column = (tl.program_id(0) % n_blocks) * BLOCK + tl.arange(0, BLOCK)
    x_ptr += b * steps * N_INPUTS * columns
    y_ptr += b * steps * columns
    kept_ptr += b * tl.cdiv(steps, STRIDE) * N_STATES * columns
    constants = load_constants(constants_ptr, column, columns, KIND, EACH)
    numbers = load_numbers(numbers_ptr)
    state = load_rows(first_ptr + b * N_STATES * columns, N_STATES, columns, column, columns)
    for t0 in range(0, steps, GROUP):
        if t0 % STRIDE == 0:
            at = kept_ptr + tl.cast(t0 // STRIDE, tl.int64) * N_STATES * columns
            store_rows(at, state, N_STATES, columns, column, columns)
        x = load_steps(x_ptr, t0, (steps, columns), column, N_INPUTS, GROUP, DTYPE)
        for h in tl.static_range(GROUP):
            end = columns_at(t0 + h, steps, columns)
            y, after = advance(
                x[h * N_INPUTS : (h + 1) * N_INPUTS], state, constants, numbers, KIND
            )
            at = y_ptr + tl.cast(t0 + h, tl.int64) * columns + column
            tl.store(at, y.to(y_ptr.dtype.element_ty), mask=column < end)
            state = chosen(column < end, after, state, N_STATES)
    store_rows(last_ptr + b * N_STATES * columns, state, N_STATES, columns, column, columns)


@triton.jit(do_not_specialize=["steps"])
def backward_kernel(
    x_ptr: "Pointer",
    kept_ptr: "Pointer",
    constants_ptr: "Pointer",
    numbers_ptr: "Pointer",
    scratch_ptr: "Pointer",
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
    GROUP: tl.constexpr,
    BLOCK: tl.constexpr,
) -> None:
    """Take a block's gradients back through all time steps."""
    N_STATES: tl.constexpr = 1 + KIND.n_synapses + KIND.adaptive
    N_INPUTS: tl.constexpr = KIND.n_synapses if KIND.n_synapses > 0 else 1
    N_ROWS: tl.constexpr = 6 + KIND.n_synapses
    DTYPE: tl.constexpr = kept_ptr.dtype.element_ty
    n_blocks, n_chunks = tl.cdiv(columns, BLOCK), tl.cdiv(steps, STRIDE)
    b = tl.cast(tl.program_id(0) // n_blocks, tl.int64)
    column = (tl.program_id(0) % n_blocks) * BLOCK + tl.arange(0, BLOCK)
    sizes = (steps, columns)
    x_ptr += b * steps * N_INPUTS * columns
    grad_x_ptr += b * steps * N_INPUTS * columns
    grad_y_ptr += b * steps * columns
    kept_ptr += b * n_chunks * N_STATES * columns
    scratch_ptr += b * (STRIDE // GROUP) * N_STATES * columns
    grad_state_ptr += b * N_STATES * columns
    grad_constants_ptr += b * N_ROWS * columns
    constants = load_constants(constants_ptr, column, columns, KIND, EACH)
    numbers = load_numbers(numbers_ptr)
    carried = load_rows(grad_state_ptr, N_STATES, columns, column, columns)
    for back in range(n_chunks):
        chunk = n_chunks - 1 - back
        first = chunk * STRIDE
        n_groups = tl.cdiv(tl.minimum(steps - first, STRIDE), GROUP)
        at = kept_ptr + tl.cast(chunk, tl.int64) * N_STATES * columns
        state = load_rows(at, N_STATES, columns, column, columns)
        keep_borders(
            x_ptr,
            scratch_ptr,
            state,
            first,
            n_groups,
            sizes,
            column,
            constants,
            numbers,
            KIND,
            GROUP,
        )
        tl.debug_barrier()  # what was written above is read below
        learnt = no_rows(column, N_ROWS, DTYPE)
        for later in range(n_groups):
            group = n_groups - 1 - later
            t0 = first + group * GROUP
            at = scratch_ptr + group * N_STATES * columns
            state = load_rows(at, N_STATES, columns, column, columns)
            x = load_steps(x_ptr, t0, sizes, column, N_INPUTS, GROUP, DTYPE)
            grad_y = load_steps(grad_y_ptr, t0, sizes, column, 1, GROUP, DTYPE)
            states = advance_group(x, state, constants, numbers, KIND, N_INPUTS, GROUP - 1)
            given = (x, states, grad_y)
            carried, learnt = retreat_group(
                given,
                carried,
                learnt,
                grad_x_ptr,
                t0,
                sizes,
                column,
                constants,
                numbers,
                KIND,
                LEARNS,
                N_INPUTS,
                GROUP,
            )
        if LEARNS:
            add_rows(grad_constants_ptr, learnt, N_ROWS, columns, column)
        tl.debug_barrier()  # and the scratch is written again
    store_rows(grad_state_ptr, carried, N_STATES, columns, column, columns)


@triton.jit
def keep_borders(
    x_ptr: "Pointer",
    scratch_ptr: "Pointer",
    state: "Blocks",
    first: "Size",
    n_groups: "Size",
    sizes: "Blocks",
    column: "Block",
    constants: "Blocks",
    numbers: "Blocks",
    KIND: tl.constexpr,
    GROUP: tl.constexpr,
) -> None:
    """Advance neurons through groups of steps, and write the state before each to the scratch."""
    N_STATES: tl.constexpr = 1 + KIND.n_synapses + KIND.adaptive
    N_INPUTS: tl.constexpr = KIND.n_synapses if KIND.n_synapses > 0 else 1
    DTYPE: tl.constexpr = scratch_ptr.dtype.element_ty
    _, columns = sizes
    for group in range(n_groups):
        at = scratch_ptr + group * N_STATES * columns
        store_rows(at, state, N_STATES, columns, column, columns)
        x = load_steps(x_ptr, first + group * GROUP, sizes, column, N_INPUTS, GROUP, DTYPE)
        states = advance_group(x, state, constants, numbers, KIND, N_INPUTS, GROUP)
        state = states[GROUP * N_STATES : (GROUP + 1) * N_STATES]


@triton.jit
def advance_group(
    x: "Blocks",
    state: "Blocks",
    constants: "Blocks",
    numbers: "Blocks",
    KIND: tl.constexpr,
    N_INPUTS: tl.constexpr,
    N_STEPS: tl.constexpr,
) -> "Blocks":
    """Return the states before and after each of some steps, all in one tuple."""
    states = state
    for h in tl.static_range(N_STEPS):
        _, state = advance(x[h * N_INPUTS : (h + 1) * N_INPUTS], state, constants, numbers, KIND)
        states = states + state
    return states


@triton.jit
def retreat_group(
    given: "Blocks",
    carried: "Blocks",
    learnt: "Blocks",
    grad_x_ptr: "Pointer",
    t0: "Size",
    sizes: "Blocks",
    column: "Block",
    constants: "Blocks",
    numbers: "Blocks",
    KIND: tl.constexpr,
    LEARNS: tl.constexpr,
    N_INPUTS: tl.constexpr,
    GROUP: tl.constexpr,
) -> "Blocks":
    """Take gradients back through a group of steps, and write those to its inputs.

    Args:
        given: inputs, states before, and gradients to the outputs of its steps.
        carried: gradients to the state after its last.
        learnt: sums of gradients to the constants, which get more.
        grad_x_ptr: takes gradients to inputs.
        t0: its first step.
        sizes: steps and columns.
        column: neurons.
        constants: rows of them.
        numbers: bound, reset, surrogate, most spikes.
        KIND: the neuron.
        LEARNS: whether gradients to constants are wanted.
        N_INPUTS: inputs of a neuron.
        GROUP: steps.

    Returns: gradients to the state before its first step, and the sums.
    """
    N_STATES: tl.constexpr = 1 + KIND.n_synapses + KIND.adaptive
    N_ROWS: tl.constexpr = 6 + KIND.n_synapses
    x, states, grad_y = given
    steps, columns = sizes
    for h in tl.static_range(GROUP - 1, -1, -1):
        inputs = x[h * N_INPUTS : (h + 1) * N_INPUTS]
        state = states[h * N_STATES : (h + 1) * N_STATES]
        to_inputs, before, found = retreat(
            inputs, state, grad_y[h], carried, constants, numbers, KIND
        )
        end = columns_at(t0 + h, steps, columns)
        at = grad_x_ptr + tl.cast(t0 + h, tl.int64) * N_INPUTS * columns
        store_rows(at, to_inputs, N_INPUTS, columns, column, end)
        carried = chosen(column < end, before, carried, N_STATES)
        if LEARNS:
            learnt = added(column < end, learnt, found, N_ROWS)
    return carried, learnt
