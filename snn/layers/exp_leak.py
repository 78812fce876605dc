"""Leaky integrators."""

from collections.abc import Collection, Mapping

from torch import Tensor

from snn.dynamics import Neuron
from snn.layers.constants import Constants, Value, check_dt, decay
from snn.layers.spiking import SpikingLayer


class ExpLeak(SpikingLayer):
    r"""Leaky integrators that never spike; their output is the potential.

    $$ v \leftarrow \alpha v + (1 - \alpha) x, \quad \alpha = \exp(-dt / \tau_{mem}) $$

    Args:
        tau_mem: time constant of the leak in seconds.
        dt: length of a time step in seconds.
        min_v_mem: lower bound of the potential; None: no bound.
        norm_input: weigh the input with (1 − α); False: add it as it is.
        bit_shift: round α to what a chip computes by shifting, see `decay`.
        train: constants to train: ``"tau_mem"``.

    Examples:
        >>> import torch
        >>> y = ExpLeak(tau_mem=0.01, dt=0.001)(torch.ones(1, 100, 1))
        >>> round(y[0, -1, 0].item(), 3)
        1.0
    """

    def __init__(
        self,
        tau_mem: Value = 0.02,
        dt: float = 0.001,
        *,
        min_v_mem: float | None = None,
        norm_input: bool = True,
        bit_shift: bool = False,
        train: Collection[str] = (),
    ) -> None:
        neuron = Neuron(spiking=False, min_v_mem=min_v_mem)
        super().__init__(neuron, Constants({"tau_mem": tau_mem}, train), check_dt(dt))
        self.dt: float = dt
        self.norm_input = norm_input
        self.bit_shift = bit_shift

    def rows(self) -> Mapping[str, Tensor]:
        """Return the constants of the recurrence."""
        alpha = decay(self.constants["tau_mem"], self.dt, bit_shift=self.bit_shift)
        return {"alpha": alpha, "gain": 1 - alpha} if self.norm_input else {"alpha": alpha}
