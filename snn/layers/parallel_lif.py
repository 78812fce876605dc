"""Leaky neurons without a reset, whose time steps need not wait for each other."""

from collections.abc import Collection, Mapping

from torch import Tensor

from snn.dynamics import Neuron
from snn.layers.constants import Constants, Value, check_dt, decay
from snn.layers.spiking import SpikingLayer
from snn.surrogate import SingleExponential, Surrogate


class ParallelLIF(SpikingLayer):
    r"""Leaky neurons whose spikes leave the potential alone (Fang et al. 2023), for long sequences.

    $$ v_t = \alpha v_{t-1} + (1 - \alpha) x_t = (1 - \alpha) \sum_{k \le t} \alpha^{t-k} x_k $$

    The potential is linear in the input, so all time steps come from one associative scan: on a
    device of many cores in log T instead of T rounds. On the CPU the fused kernel is faster.

    Args:
        tau_mem: time constant of the leak in seconds.
        dt: length of a time step in seconds.
        spike_threshold: potential at which a neuron spikes.
        max_spikes: most spikes in one step; None: as many as thresholds were reached.
        surrogate: derivative of a spike in the backward pass.
        norm_input: weigh the input with (1 − α); False: add it as it is.
        train: constants to train: ``"tau_mem"``, ``"spike_threshold"``.

    Examples:
        >>> import torch
        >>> ParallelLIF(tau_mem=0.01)(torch.full((1, 100, 1), 1.5)).sum().item()
        90.0
    """

    def __init__(
        self,
        tau_mem: Value = 0.02,
        dt: float = 0.001,
        *,
        spike_threshold: Value = 1.0,
        max_spikes: int | None = 1,
        surrogate: Surrogate | None = None,
        norm_input: bool = True,
        train: Collection[str] = (),
    ) -> None:
        surrogate = surrogate or SingleExponential()
        neuron = Neuron(max_spikes=max_spikes, reset="none", surrogate=surrogate)
        values = {"tau_mem": tau_mem, "spike_threshold": spike_threshold}
        super().__init__(neuron, Constants(values, train), check_dt(dt))
        self.dt: float = dt
        self.norm_input = norm_input

    def rows(self) -> Mapping[str, Tensor]:
        """Return the constants of the recurrence."""
        alpha = decay(self.constants["tau_mem"], self.dt)
        rows = {"alpha": alpha, "spike_threshold": self.constants["spike_threshold"]}
        return rows | {"gain": 1 - alpha} if self.norm_input else rows
