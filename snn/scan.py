"""The one place that picks how a layer's recurrence runs: fused kernel, parallel scan or loop."""

from contextlib import AbstractContextManager, nullcontext

import torch
from jaxtyping import Float
from torch import Tensor

from snn.dynamics import Neuron, run_reference
from snn.kernels.kinds import computed
from snn.kernels.operators import can_fuse, run_fused
from snn.parallel import can_run_in_parallel, run_parallel


def run_dynamics(
    x: Float[Tensor, "b t s n"],
    state: Float[Tensor, "b k n"],
    constants: Float[Tensor, "p n"],
    neuron: Neuron,
    weight: Float[Tensor, "n m"] | None = None,
) -> tuple[Float[Tensor, "b t n"], Float[Tensor, "b k n"]]:
    """Advance neurons over all time steps with the fastest implementation there is.

    Whichever it is, inputs of half precision are computed in float32, and what comes out is in the
    precision of what went in.

    Returns: spikes of each step, and the state after the last.
    """
    if can_fuse(x, neuron):
        return run_fused(x, state, constants, neuron, weight)
    source, first, rows = (one.to(computed(x.dtype)) for one in (x, state, constants))
    with _as_it_is(x.device.type):
        if can_run_in_parallel(neuron):
            y, last = run_parallel(source, first, rows, neuron)
        else:
            weight = None if weight is None else weight.to(source.dtype)
            y, last = run_reference(source, first, rows, neuron, weight)
    return y.to(x.dtype) if x.is_floating_point() else y, last.to(state.dtype)


def _as_it_is(place: str) -> AbstractContextManager[object]:
    """Return a context in which autocast does not round the products of recurrent neurons."""
    if torch.amp.is_autocast_available(place):
        return torch.autocast(place, enabled=False)
    return nullcontext()
