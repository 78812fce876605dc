"""The kernels of a GPU over tensors: memory is given to them and programs are laid over neurons.

Imported when the first tensor on a GPU comes along: importing snn needs no Triton. What half
precision rounds is inputs and outputs alone; kernels compute in float32, or in float64 where the
input is.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import torch
import triton
from torch import Tensor

from eventstore.errors import InvalidInput
from snn.kernels.kinds import Kind, computed
from snn.kernels.template import STRIDE
from snn.kernels.triton_template import backward_kernel, forward_kernel


class Layout(NamedTuple):
    """How programs are laid over neurons.

    Args:
        block: neurons of one program.
        warps: groups of 32 threads that share them.
        group: time steps that a program holds in registers.
    """

    block: int
    warps: int
    group: int


FEW = 1 << 15
"""Neurons below which programs of one warp are needed to give every processor of a GPU one."""


def layout_of(kind: Kind, neurons: int) -> Layout:
    """Return how to lay programs over so many neurons.

    Examples:
        >>> layout_of(Kind(0, 0, 1, 0, 0, 0, 0, 0, 0), 16 * 512)
        Layout(block=32, warps=1, group=8)
    """
    n_states = 1 + kind.n_synapses + kind.adaptive
    group = 8 if n_states == 1 else 4 if n_states <= 3 else 2
    return Layout(32, 1, group) if neurons < FEW else Layout(128, 4, group)


def scan(
    x: Tensor,
    state: Tensor,
    constants: Tensor,
    weight: Tensor | None,
    kind: Sequence[int],
    numbers: Sequence[float],
) -> tuple[Tensor, Tensor, Tensor]:
    """Advance neurons; see `snn.kernels.operators.neurons`."""
    del weight
    which = compiled_kind(Kind(*kind))
    batch, steps, _, columns = x.shape
    first = state.to(computed(x.dtype)).contiguous()
    y, last = x.new_empty(batch, steps, columns), torch.empty_like(first)
    kept = first.new_empty(batch, -(-steps // STRIDE), *first.shape[1:])
    layout = layout_of(which, batch * columns)
    with torch.cuda.device_of(x):  # type: ignore[no-untyped-call]
        forward_kernel[programs(batch, columns, layout)](
            x.contiguous(),
            first,
            constants.to(first.dtype).contiguous(),
            kernel_numbers(Kind(*kind).max_spikes, tuple(numbers), first.dtype, x.device),
            y,
            kept,
            last,
            steps,
            columns,
            KIND=which._replace(surrogate=0, detached=0),
            EACH=constants.shape[1] > 1,
            STRIDE=STRIDE,
            GROUP=layout.group,
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
    del weight, y
    which, learns = compiled_kind(Kind(*kind)), bool(wants[0])
    batch, steps, _, columns = x.shape
    grad_y, grad_last = grads
    g = x.new_zeros(batch, steps, columns) if grad_y is None else grad_y.contiguous()
    grad_state = kept.new_zeros(batch, *kept.shape[2:])
    if grad_last is not None:
        grad_state.copy_(grad_last)
    grad_x = torch.empty_like(x, memory_format=torch.contiguous_format)
    layout = layout_of(which, batch * columns)
    scratch = kept.new_empty(batch, STRIDE // layout.group, *kept.shape[2:])
    # In double precision: sums over time and rows of numbers that nearly cancel.
    rows = constants.shape[0] if learns else 0
    grad_rows = torch.zeros(batch, rows, columns, dtype=torch.float64, device=x.device)
    with torch.cuda.device_of(x):  # type: ignore[no-untyped-call]
        backward_kernel[programs(batch, columns, layout)](
            x.contiguous(),
            kept,
            constants.to(kept.dtype).contiguous(),
            kernel_numbers(Kind(*kind).max_spikes, tuple(numbers), kept.dtype, x.device),
            scratch,
            g,
            grad_x,
            grad_state,
            grad_rows,
            steps,
            columns,
            KIND=which,
            EACH=constants.shape[1] > 1,
            LEARNS=learns,
            STRIDE=STRIDE,
            GROUP=layout.group,
            BLOCK=layout.block,
            num_warps=layout.warps,
            enable_fp_fusion=False,
        )
    return grad_x, grad_state, summed(grad_rows, constants, learns), x.new_empty(0)


def compiled_kind(kind: Kind) -> Kind:
    """Return the kind as kernels are compiled for it: the most spikes are a number to them.

    Raises:
        InvalidInput: it is recurrent.
    """
    if kind.recurrent:
        message = "this kernel has no recurrent neurons"
        raise InvalidInput(message, hint="snn.kernels.triton_recurrent_scans has one for them")
    return kind._replace(max_spikes=0)


def programs(batch: int, columns: int, layout: Layout) -> tuple[int]:
    """Return how many programs there are: one dimension, for a GPU's others are short."""
    return (batch * triton.cdiv(columns, layout.block),)


@lru_cache(maxsize=256)
def kernel_numbers(
    most: int, numbers: tuple[float, ...], dtype: torch.dtype, place: torch.device
) -> Tensor:
    """Return a neuron's numbers in a GPU's memory; copied once, for a copy makes a GPU wait.

    As arguments of a kernel they would be rounded to float32.
    """
    return torch.tensor([*numbers, most or torch.inf], dtype=dtype, device=place)


def summed(grad_rows: Tensor, constants: Tensor, learns: bool) -> Tensor:
    """Return gradients to constants, of each neuron or of all, from those of each row."""
    if not learns:
        return constants.new_empty(0)
    return grad_rows.sum(0).sum_to_size(constants.shape).to(constants.dtype)
