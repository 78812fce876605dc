"""The one place that picks how a layer's recurrence runs: fused kernel or plain loop."""

from jaxtyping import Float
from torch import Tensor

from snn.dynamics import Dynamics, run_reference
from snn.kernels.fused import can_fuse, run_fused


def run_dynamics(
    x: Float[Tensor, "b t n"], v_mem: Float[Tensor, "b n"], dynamics: Dynamics
) -> tuple[Float[Tensor, "b t n"], Float[Tensor, "b n"]]:
    """Advance neurons over all time steps with the fastest implementation there is.

    Returns: spikes of each step, and the potential after the last.
    """
    if can_fuse(x, v_mem, dynamics):
        return run_fused(x, v_mem, dynamics)
    return run_reference(x, v_mem, dynamics)
