"""Integrate-and-fire neurons."""

from collections.abc import Collection, Mapping

from torch import Tensor

from snn.dynamics import Neuron, Reset
from snn.layers.constants import Constants, Value
from snn.layers.spiking import SpikingLayer
from snn.surrogate import SingleExponential, Surrogate


class IAF(SpikingLayer):
    r"""Integrate-and-fire neurons without a leak: what Speck computes.

    $$ v \leftarrow v + x, \; s = \lfloor v / \theta \rfloor, \; v \leftarrow v - \theta s $$

    Args:
        spike_threshold: potential at which a neuron spikes.
        min_v_mem: lower bound of the potential, applied after the reset; None: no bound.
        max_spikes: most spikes in one step; None: as many as thresholds were reached.
        reset: ``"subtract"`` the threshold for each spike, ``"set"`` to ``v_reset``, or ``"none"``.
        v_reset: potential after a spike, where it is set.
        detach_reset: keep gradients from flowing through the spikes of the reset.
        surrogate: derivative of a spike in the backward pass.
        train: constants to train: ``"spike_threshold"``.

    Examples:
        >>> import torch
        >>> IAF()(torch.full((1, 4, 1), 0.5)).flatten().tolist()
        [0.0, 1.0, 0.0, 1.0]
    """

    def __init__(
        self,
        spike_threshold: Value = 1.0,
        min_v_mem: float | None = None,
        *,
        max_spikes: int | None = None,
        reset: Reset = "subtract",
        v_reset: float = 0.0,
        detach_reset: bool = False,
        surrogate: Surrogate | None = None,
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
        super().__init__(neuron, Constants({"spike_threshold": spike_threshold}, train))

    def rows(self) -> Mapping[str, Tensor]:
        """Return the constants of the recurrence."""
        threshold = self.constants["spike_threshold"]
        return {"alpha": threshold.new_ones(()), "spike_threshold": threshold}
