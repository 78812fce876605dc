"""Leaky integrate-and-fire neurons."""

from collections.abc import Collection, Mapping

from torch import Tensor

from snn.dynamics import Neuron, Reset
from snn.layers.constants import Constants, Value, check_dt, decay
from snn.layers.spiking import SpikingLayer
from snn.surrogate import SingleExponential, Surrogate


class LIF(SpikingLayer):
    r"""Leaky integrate-and-fire neurons.

    $$ v \leftarrow \alpha v + (1 - \alpha) x, \quad \alpha = \exp(-dt / \tau_{mem}) $$

    Args:
        tau_mem: time constant of the leak in seconds.
        dt: length of a time step in seconds.
        spike_threshold: potential at which a neuron spikes.
        min_v_mem: lower bound of the potential, applied after the reset; None: no bound.
        max_spikes: most spikes in one step; None: as many as thresholds were reached.
        reset: ``"subtract"`` the threshold for each spike, ``"set"`` to ``v_reset``, or ``"none"``.
        v_reset: potential after a spike, where it is set.
        detach_reset: keep gradients from flowing through the spikes of the reset.
        surrogate: derivative of a spike in the backward pass.
        norm_input: weigh the input with (1 − α), so that a constant 1.0 drives v to 1.0;
            False: add it as it is.
        bit_shift: round α to what a chip computes by shifting, see `decay`.
        train: constants to train: ``"tau_mem"``, ``"spike_threshold"``.

    Examples:
        >>> import torch
        >>> LIF(tau_mem=0.02, dt=0.001)(torch.full((1, 50, 1), 1.5)).sum().item()
        2.0
    """

    def __init__(
        self,
        tau_mem: Value = 0.02,
        dt: float = 0.001,
        *,
        spike_threshold: Value = 1.0,
        min_v_mem: float | None = None,
        max_spikes: int | None = None,
        reset: Reset = "subtract",
        v_reset: float = 0.0,
        detach_reset: bool = False,
        surrogate: Surrogate | None = None,
        norm_input: bool = True,
        bit_shift: bool = False,
        train: Collection[str] = (),
    ) -> None:
        neuron = Neuron(
            max_spikes=max_spikes,
            reset=reset,
            v_reset=v_reset,
            detach_reset=detach_reset,
            min_v_mem=min_v_mem,
            surrogate=surrogate or SingleExponential(),
        )
        values = {"tau_mem": tau_mem, "spike_threshold": spike_threshold}
        super().__init__(neuron, Constants(values, train), check_dt(dt))
        self.dt: float = dt
        self.norm_input = norm_input
        self.bit_shift = bit_shift

    def rows(self) -> Mapping[str, Tensor]:
        """Return the constants of the recurrence."""
        alpha = decay(self.constants["tau_mem"], self.dt, bit_shift=self.bit_shift)
        rows = {"alpha": alpha, "spike_threshold": self.constants["spike_threshold"]}
        return rows | {"gain": 1 - alpha} if self.norm_input else rows
