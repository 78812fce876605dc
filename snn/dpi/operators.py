"""The recurrence as an operator of torch: differentiable, single or double precision, on CPUs."""

from collections.abc import Sequence
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from snn.dpi.dynamics import N_ROWS, N_STATES, DpiNeuron
from snn.dpi.kernel import DpiVariant, backward_kernel, forward_kernel
from snn.kernels.buffers import empty
from snn.kernels.feedback import weigh
from snn.kernels.scans import array
from snn.kernels.template import STRIDE
from snn.kernels.threads import run_columns, run_parts


def run_dpi_fused(
    x: Float[Tensor, "b t n"],
    state: Float[Tensor, "b k n"],
    rows: Float[Tensor, "p n"],
    neuron: DpiNeuron,
    weight: Float[Tensor, "n n"] | None = None,
) -> tuple[Float[Tensor, "b t n"], Float[Tensor, "b k n"]]:
    """Advance neurons over all time steps in one kernel; twin of ``run_dpi_reference``.

    Args:
        x: weighted input of each step.
        state: where to begin.
        rows: constants of each neuron.
        neuron: what a step consists of.
        weight: from spikes to inputs, of recurrent neurons.

    Returns: spikes of each step, and the last state.

    Examples:
        >>> from snn.dpi.circuit import BiasCurrents, Circuit
        >>> from snn.dpi.dynamics import at_rest, recurrence_rows
        >>> given = BiasCurrents.from_times().to_dict()
        >>> rows = recurrence_rows(
        ...     {k: torch.tensor([v]) for k, v in given.items()}, Circuit(), 0.001, 1e-8
        ... )
        >>> x = torch.full((1, 20, 1), 5.0)
        >>> run_dpi_fused(x, at_rest(1, (1,), x), rows, DpiNeuron())[0].sum().item()
        2.0
    """
    kind = [int(neuron.recurrent), int(neuron.detach_reset), neuron.surrogate.code]
    y, last, _ = dpi_neurons(x, state, rows, weight, kind, list(neuron.surrogate.numbers))
    return y, last


def can_fuse_dpi(x: Tensor) -> bool:
    """Say whether there is a kernel: for single and double precision on the CPU."""
    return x.device.type == "cpu" and x.numel() > 0 and x.dtype in {torch.float32, torch.float64}


@torch.library.custom_op("spikelake::dpi_neurons", mutates_args=(), device_types="cpu")
def dpi_neurons(  # noqa: PLR0917 # an operator's autograd takes no keywords
    x: Tensor,
    state: Tensor,
    rows: Tensor,
    weight: Tensor | None,
    kind: Sequence[int],
    numbers: Sequence[float],
) -> tuple[Tensor, Tensor, Tensor]:
    """Advance neurons: output, state after the last step, and states kept for the way back."""
    _ = numbers
    batch, steps, columns = x.shape
    source, first, constants = x.contiguous(), state.contiguous(), _columns(rows, x)
    y, last = empty((batch, steps, columns), x.dtype), torch.empty_like(first)
    kept = first.new_empty(batch, -(-steps // STRIDE), N_STATES, columns)
    run = forward_kernel(bool(kind[0]), x.dtype == torch.float64)
    given = [array(one) for one in (source, first, constants, _weight(weight, x))]
    taken = [array(one) for one in (y, kept, last)]
    sizes = (batch, steps, columns)
    run_parts(sizes, lambda part: run(*given, part, *taken), whole_rows=bool(kind[0]))
    return y, last, kept


@torch.library.custom_op("spikelake::dpi_neurons_backward", mutates_args=(), device_types="cpu")
def dpi_neurons_backward(  # noqa: PLR0917 # the same
    grad_y: Tensor | None,
    grad_last: Tensor | None,
    x: Tensor,
    kept: Tensor,
    rows: Tensor,
    weight: Tensor | None,
    y: Tensor | None,
    kind: Sequence[int],
    numbers: Sequence[float],
    wants: Sequence[bool],
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Return gradients to x, to the first state, and where wanted to constants and weight."""
    source, learns = x.contiguous(), bool(wants[0])
    batch, steps, columns = source.shape
    g = torch.zeros_like(source) if grad_y is None else grad_y.contiguous()
    grad_state = kept.new_zeros(batch, N_STATES, columns)
    if grad_last is not None:
        grad_state.copy_(grad_last)
    grad_x = empty((batch, steps, columns), source.dtype)
    grad_rows = torch.zeros(batch, N_ROWS, columns if learns else 1, dtype=torch.float64)
    recurrent, detached, surrogate = kind
    variant = DpiVariant(
        recurrent=bool(recurrent),
        detached=bool(detached),
        surrogate=surrogate,
        learns=learns,
        double=x.dtype == torch.float64,
    )
    run = backward_kernel(variant)
    given = [array(one) for one in (source, kept, _columns(rows, x))]
    slope = tuple(given[0].dtype.type(number) for number in numbers)
    w = array(_weight(weight, x))
    taken = [array(one) for one in (g, grad_x, grad_state, grad_rows)]
    sizes = (batch, steps, columns)
    run_parts(sizes, lambda part: run(*given, slope, w, part, *taken), whole_rows=variant.recurrent)
    grad_weight = x.new_empty(0)
    if wants[1] and y is not None:
        grad_weight = _weight_gradient(kept, y, grad_x)
    total = grad_rows.sum(0).to(x.dtype) if learns else x.new_empty(0)
    return grad_x, grad_state, total.sum_to_size(rows.shape) if learns else total, grad_weight


def _columns(rows: Tensor, x: Tensor) -> Tensor:
    """Return constants with a column for each neuron."""
    return rows.detach().to(x.dtype).expand(N_ROWS, x.shape[2]).contiguous()


def _weight(weight: Tensor | None, x: Tensor) -> Tensor:
    return x.new_zeros(1, 1) if weight is None else weight.detach().to(x.dtype).contiguous()


def _weight_gradient(kept: Tensor, y: Tensor, grad_x: Tensor) -> Tensor:
    grad = grad_x.new_zeros(y.shape[2], grad_x.shape[2])
    first = array(kept[:, 0, -1].contiguous())
    spikes, fed, into = array(y.contiguous()), array(grad_x), array(grad)
    run_columns(grad.shape[0], y.numel(), lambda part: weigh(first, spikes, fed, part, into))
    return grad


@dpi_neurons.register_fake
def _(  # noqa: PLR0917 # the same
    x: Tensor,
    state: Tensor,
    rows: Tensor,
    weight: Tensor | None,
    kind: Sequence[int],
    numbers: Sequence[float],
) -> tuple[Tensor, Tensor, Tensor]:
    kept = state.new_empty(x.shape[0], -(-x.shape[1] // STRIDE), *state.shape[1:])
    return x.new_empty(x.shape), state.new_empty(state.shape), kept


@dpi_neurons_backward.register_fake
def _(  # noqa: PLR0917 # the same
    grad_y: Tensor | None,
    grad_last: Tensor | None,
    x: Tensor,
    kept: Tensor,
    rows: Tensor,
    weight: Tensor | None,
    y: Tensor | None,
    kind: Sequence[int],
    numbers: Sequence[float],
    wants: Sequence[bool],
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    grad_rows = rows.new_empty(rows.shape if wants[0] else (0,))
    wanted = wants[1] and weight is not None
    grad_weight = x.new_empty((x.shape[2], x.shape[2]) if wanted else (0,))
    return x.new_empty(x.shape), kept.new_empty(x.shape[0], *kept.shape[2:]), grad_rows, grad_weight


def _set_up(ctx: Any, inputs: tuple[Any, ...], output: tuple[Tensor, ...]) -> None:  # noqa: ANN401
    x, _, rows, weight, kind, numbers = inputs
    y, _, kept = output
    ctx.save_for_backward(x, kept, rows, weight, y if kind[0] else None)
    ctx.kind, ctx.numbers = kind, numbers
    ctx.set_materialize_grads(False)


def _back(
    ctx: Any,  # noqa: ANN401
    grad_y: Tensor | None,
    grad_last: Tensor | None,
    _: Tensor | None,
) -> tuple[Tensor | None, ...]:
    x, kept, rows, weight, y = ctx.saved_tensors
    wants = [ctx.needs_input_grad[2], ctx.needs_input_grad[3]]
    grad_x, grad_state, grad_rows, grad_weight = dpi_neurons_backward(
        grad_y, grad_last, x, kept, rows, weight, y, ctx.kind, ctx.numbers, wants
    )
    learnt, woven = grad_rows if wants[0] else None, grad_weight if wants[1] else None
    return grad_x, grad_state, learnt, woven, None, None


dpi_neurons.register_autograd(_back, setup_context=_set_up)
