"""The kernels of recurrent neurons over tensors on a GPU: memory is given to them.

A product of matrices over all time steps gives the gradients to the weights: it needs no scan.
"""

from collections.abc import Sequence
from typing import NamedTuple

import torch
import triton
from torch import Tensor

from eventstore.errors import InvalidInput
from snn.kernels.gpu import MOST_RECURRENT
from snn.kernels.kinds import Kind, computed
from snn.kernels.template import STRIDE
from snn.kernels.triton_recurrent import backward_kernel, forward_kernel
from snn.kernels.triton_scans import kernel_numbers, summed


class Layout(NamedTuple):
    """How a program is laid over the neurons of a row.

    Args:
        block: neurons of a program: a power of two, not less than there are.
        chunk: neurons whose spikes are weighed at once.
        warps: groups of 32 threads that share them.
    """

    block: int
    chunk: int
    warps: int


def layout_of(columns: int) -> Layout:
    """Return how to lay a program over so many neurons.

    Raises:
        InvalidInput: there are more than a program takes.

    Examples:
        >>> layout_of(500)
        Layout(block=512, chunk=16, warps=8)
    """
    if columns > MOST_RECURRENT:
        message = f"{columns} recurrent neurons are more than a kernel takes, {MOST_RECURRENT}"
        raise InvalidInput(message, hint="call snn.dynamics.run_reference, as layers do")
    block = max(32, triton.next_power_of_2(columns))
    return Layout(block, 16 if block <= 512 else 8, 8 if block > 128 else 4)


def scan(
    x: Tensor,
    state: Tensor,
    constants: Tensor,
    weight: Tensor | None,
    kind: Sequence[int],
    numbers: Sequence[float],
) -> tuple[Tensor, Tensor, Tensor]:
    """Advance neurons; see `snn.kernels.operators.neurons`."""
    which, layout = Kind(*kind), layout_of(x.shape[3])
    batch, steps, _, columns = x.shape
    first = state.to(computed(x.dtype)).contiguous()
    y, last = x.new_empty(batch, steps, columns), torch.empty_like(first)
    kept = first.new_empty(batch, -(-steps // STRIDE), *first.shape[1:])
    if x.numel() == 0:
        return y, state.clone(), kept
    with torch.cuda.device_of(x):  # type: ignore[no-untyped-call]
        forward_kernel[(batch,)](
            x.contiguous(),
            first,
            constants.to(first.dtype).contiguous(),
            kernel_numbers(which.max_spikes, tuple(numbers), first.dtype, x.device),
            given(weight, first),
            first.new_empty(batch, 2, columns),
            y,
            kept,
            last,
            steps,
            columns,
            KIND=which._replace(max_spikes=0, surrogate=0, detached=0),
            EACH=constants.shape[1] > 1,
            STRIDE=STRIDE,
            CHUNK=layout.chunk,
            BLOCK=layout.block,
            num_warps=layout.warps,
            enable_fp_fusion=False,
        )
    return y, last.to(state.dtype), kept


def scan_back(
    grads: tuple[Tensor | None, Tensor | None],
    x: Tensor,
    kept: Tensor,
    constants: Tensor,
    weight: Tensor | None,
    y: Tensor | None,
    kind: Sequence[int],
    numbers: Sequence[float],
    wants: Sequence[bool],
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Take gradients back; see `snn.kernels.operators.neurons_backward`."""
    which, layout, learns = Kind(*kind), layout_of(x.shape[3]), bool(wants[0])
    batch, steps, n_inputs, columns = x.shape
    grad_y, grad_last = grads
    g = x.new_zeros(batch, steps, columns) if grad_y is None else grad_y.contiguous()
    grad_state = kept.new_zeros(batch, *kept.shape[2:])
    if grad_last is not None:
        grad_state.copy_(grad_last)
    grad_x = torch.empty_like(x, memory_format=torch.contiguous_format)
    rows = constants.shape[0] if learns else 0
    grad_rows = torch.zeros(batch, rows, columns, dtype=torch.float64, device=x.device)
    w = given(weight, kept)
    with torch.cuda.device_of(x):  # type: ignore[no-untyped-call]
        backward_kernel[(batch if x.numel() else 0,)](
            x.contiguous(),
            kept,
            constants.to(kept.dtype).contiguous(),
            kernel_numbers(which.max_spikes, tuple(numbers), kept.dtype, x.device),
            w,
            w.T.contiguous(),
            kept.new_empty(batch, 2, n_inputs, columns),
            kept.new_empty(batch, STRIDE, n_inputs, columns),
            kept.new_empty(batch, STRIDE, *kept.shape[2:]),
            g,
            grad_x,
            grad_state,
            grad_rows,
            steps,
            columns,
            KIND=which._replace(max_spikes=0),
            EACH=constants.shape[1] > 1,
            LEARNS=learns,
            STRIDE=STRIDE,
            CHUNK=layout.chunk,
            BLOCK=layout.block,
            num_warps=layout.warps,
            enable_fp_fusion=False,
        )
    grad_weight = x.new_empty(0)
    if wants[1] and y is not None and weight is not None:
        grad_weight = weight_gradient(kept, y, grad_x).to(weight.dtype)
    return grad_x, grad_state, summed(grad_rows, constants, learns), grad_weight


def given(weight: Tensor | None, like: Tensor) -> Tensor:
    """Return the weight as kernels take it.

    Raises:
        InvalidInput: there is none.
    """
    if weight is None:
        message = "recurrent neurons need a weight"
        raise InvalidInput(message, hint="pass the (n, s·n) tensor from spikes to inputs")
    return weight.to(like.dtype).contiguous()


def weight_gradient(kept: Tensor, y: Tensor, grad_x: Tensor) -> Tensor:
    """Return gradients to weights: spikes of the step before times gradients to the inputs."""
    spikes = torch.cat([kept[:, :1, -1], y.to(kept.dtype)], 1)[:, : y.shape[1]]
    return spikes.flatten(0, 1).T @ grad_x.to(kept.dtype).flatten(2).flatten(0, 1)
