"""Leaky integrate-and-fire neurons with exponential synapses."""

from collections.abc import Collection, Mapping, Sequence

import torch
from torch import Tensor, nn

from eventstore.errors import InvalidInput
from snn.dynamics import Neuron, Reset
from snn.layers.constants import Constants, Value, check_dt, decay
from snn.layers.spiking import SpikingLayer
from snn.surrogate import SingleExponential, Surrogate


class CubaLIF(SpikingLayer):
    r"""Leaky integrate-and-fire neurons driven by currents that decay: what Xylo computes.

    $$
    i_k &\leftarrow \beta_k (i_k + x_k), \quad \beta_k = \exp(-dt / \tau_{syn,k}) \\
    v &\leftarrow \alpha v + g \textstyle\sum_k i_k + c, \quad \alpha = \exp(-dt / \tau_{mem})
    $$

    Args:
        tau_mem: time constant of the membrane in seconds.
        tau_syn: time constants of the synapses in seconds: one number for one synapse, a list of
            one number or tensor for each of several. Several take inputs ``(B, T, S, …)``.
        dt: length of a time step in seconds.
        spike_threshold: potential at which a neuron spikes.
        min_v_mem: lower bound of the potential, applied after the reset; None: no bound.
        max_spikes: most spikes in one step; None: as many as thresholds were reached.
        reset: ``"subtract"`` the threshold for each spike, ``"set"`` to ``v_reset``, or ``"none"``.
        v_reset: potential after a spike, where it is set.
        detach_reset: keep gradients from flowing through the spikes of the reset.
        surrogate: derivative of a spike in the backward pass.
        norm_input: weigh the currents with (1 − α); False: add them as they are, as Rockpool does.
        bias: current c added in each step; None: none. It is always trained.
        bit_shift: round α and β to what a chip computes by shifting, see `decay`.
        train: constants to train: ``"tau_mem"``, ``"tau_syn"``, ``"spike_threshold"``.

    Raises:
        InvalidInput: there is no synapse, or a number is out of range.

    Examples:
        >>> layer = CubaLIF(tau_mem=0.02, tau_syn=[0.002, 0.01])
        >>> layer(torch.ones(1, 50, 2, 8)).shape
        torch.Size([1, 50, 8])
    """

    def __init__(
        self,
        tau_mem: Value = 0.02,
        tau_syn: float | Sequence[Value] = 0.02,
        dt: float = 0.001,
        *,
        spike_threshold: Value = 1.0,
        min_v_mem: float | None = None,
        max_spikes: int | None = None,
        reset: Reset = "subtract",
        v_reset: float = 0.0,
        detach_reset: bool = False,
        surrogate: Surrogate | None = None,
        norm_input: bool = False,
        bias: Value | None = None,
        bit_shift: bool = False,
        train: Collection[str] = (),
    ) -> None:
        stacked = stack_tau(tau_syn)
        neuron = Neuron(
            n_synapses=len(stacked),
            max_spikes=max_spikes,
            reset=reset,
            v_reset=v_reset,
            detach_reset=detach_reset,
            min_v_mem=min_v_mem,
            surrogate=surrogate or SingleExponential(),
        )
        values = {"tau_mem": tau_mem, "tau_syn": stacked, "spike_threshold": spike_threshold}
        super().__init__(neuron, Constants(values, train), check_dt(dt))
        self.dt: float = dt
        self.norm_input = norm_input
        self.bit_shift = bit_shift
        self.bias = None if bias is None else nn.Parameter(torch.as_tensor(bias).clone())

    def rows(self) -> Mapping[str, Tensor]:
        """Return the constants of the recurrence."""
        alpha = decay(self.constants["tau_mem"], self.dt, bit_shift=self.bit_shift)
        beta = decay(self.constants["tau_syn"], self.dt, bit_shift=self.bit_shift)
        rows = {"alpha": alpha, "beta": beta, "spike_threshold": self.constants["spike_threshold"]}
        if self.norm_input:
            rows["gain"] = 1 - alpha
        if self.bias is not None:
            rows["bias"] = self.bias
        return rows


def stack_tau(tau_syn: float | Sequence[Value]) -> Tensor:
    """Return time constants of synapses with an axis for the synapses.

    Raises:
        InvalidInput: there is none.
    """
    given = [tau_syn] if isinstance(tau_syn, int | float) else list(tau_syn)
    if not given:
        message = "no time constant of a synapse"
        raise InvalidInput(message, hint="give one number, or a list of one for each synapse")
    tensors = [torch.as_tensor(one, dtype=torch.get_default_dtype()) for one in given]
    return torch.stack(tuple(torch.broadcast_tensors(*tensors)))  # type: ignore[no-untyped-call]
