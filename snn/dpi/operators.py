"""The recurrence as an operator of torch: differentiable, single or double precision, on CPUs."""

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from snn.dpi.dynamics import N_ROWS, DpiNeuron
from snn.dpi.kernel import DpiVariant, backward_kernel, forward_kernel
from snn.kernels.buffers import empty
from snn.kernels.direct import Operator
from snn.kernels.registration import register
from snn.kernels.scans import array, ready, summed, typed, weight_gradient, weights_of
from snn.kernels.template import STRIDE
from snn.kernels.threads import run_parts


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
    y, last, _ = _call(x, state, rows, weight, kind, list(neuron.surrogate.numbers))
    return y, last


def can_fuse_dpi(x: Tensor) -> bool:
    """Say whether there is a kernel: for single and double precision on the CPU."""
    return x.device.type == "cpu" and x.numel() > 0 and x.dtype in {torch.float32, torch.float64}


def _neurons(  # noqa: PLR0917 # an operator's autograd takes no keywords
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
    source, first, constants = ready(x, x), ready(state, x), _columns(rows, x)
    y, last = empty((batch, steps, columns), x.dtype), torch.empty_like(first)
    kept = first.new_empty(batch, -(-steps // STRIDE), *first.shape[1:])
    run = forward_kernel(bool(kind[0]), x.dtype == torch.float64)
    given = [array(one) for one in (source, first, constants)]
    w, taken = weights_of(weight, source), [array(one) for one in (y, kept, last)]
    sizes = (batch, steps, columns)
    run_parts(sizes, lambda part: run(*given, w, part, *taken), whole_rows=bool(kind[0]))
    return y, last.to(state.dtype), kept


def _neurons_backward(  # noqa: PLR0917 # the same
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
    learns, recurs = wants
    variant = _variant(kind, learns=learns, double=x.dtype == torch.float64)
    sizes = batch, steps, columns = x.shape[0], x.shape[1], x.shape[2]
    g = torch.zeros_like(x) if grad_y is None else grad_y
    grad_state = torch.zeros_like(kept[:, 0])
    if grad_last is not None:
        grad_state.copy_(grad_last)
    grad_x = empty((batch, steps, columns), kept.dtype)
    grad_rows = torch.zeros(batch, N_ROWS, columns if learns else 1, dtype=torch.float64)
    run = backward_kernel(variant)
    given = [array(one) for one in (ready(x, x), kept, _columns(rows, x))]
    slope, w = typed(numbers, given[0].dtype), weights_of(weight, kept)
    taken = [array(one) for one in (ready(g, x), grad_x, grad_state, grad_rows)]
    run_parts(sizes, lambda part: run(*given, slope, w, part, *taken), whole_rows=variant.recurrent)
    grad_weight = x.new_empty(0)
    if recurs and y is not None and weight is not None:
        grad_weight = weight_gradient(kept, y, grad_x).to(weight.dtype)
    return grad_x, grad_state, summed(grad_rows, rows, learns), grad_weight


def _variant(kind: Sequence[int], *, learns: bool, double: bool) -> DpiVariant:
    recurrent, detached, surrogate = kind
    return DpiVariant(
        recurrent=bool(recurrent),
        detached=bool(detached),
        surrogate=surrogate,
        learns=learns,
        double=double,
    )


def _columns(rows: Tensor, x: Tensor) -> Tensor:
    """Return constants with a column for each neuron."""
    return ready(rows.expand(N_ROWS, x.shape[2]), x)


dpi_neurons = torch.library.custom_op(
    "spikelake::dpi_neurons", _neurons, mutates_args=(), device_types="cpu"
)
dpi_neurons_backward = torch.library.custom_op(
    "spikelake::dpi_neurons_backward", _neurons_backward, mutates_args=(), device_types="cpu"
)
_call = register(
    Operator(dpi_neurons, _neurons),
    Operator(dpi_neurons_backward, _neurons_backward),
    lambda kind: bool(kind[0]),
)
