"""The one place that picks how a layer's recurrence runs: fused kernel, parallel scan or loop."""

from jaxtyping import Float
from torch import Tensor

from snn.dynamics import Neuron, run_reference
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

    Returns: spikes of each step, and the state after the last.
    """
    if can_fuse(x, neuron):
        return run_fused(x, state, constants, neuron, weight)
    if can_run_in_parallel(neuron):
        return run_parallel(x, state, constants, neuron)
    return run_reference(x, state, constants, neuron, weight)
