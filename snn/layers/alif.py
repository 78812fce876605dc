"""Adaptive leaky integrate-and-fire neurons."""

from collections.abc import Collection, Mapping, Sequence

from torch import Tensor

from snn.dynamics import Neuron, Reset
from snn.layers.constants import Constants, Value, check_dt, decay
from snn.layers.cuba_lif import stack_tau
from snn.layers.spiking import SpikingLayer
from snn.surrogate import SingleExponential, Surrogate


class ALIF(SpikingLayer):
    r"""Leaky integrate-and-fire neurons whose threshold rises with spikes (Bellec et al. 2018).

    $$
    v &\leftarrow \alpha v + (1 - \alpha) x, \quad \theta_t = \theta + a\, b \\
    b &\leftarrow \rho b + (1 - \rho) s, \quad \rho = \exp(-dt / \tau_{adapt})
    $$

    Args:
        tau_mem: time constant of the leak in seconds.
        tau_adapt: time constant of the threshold's return in seconds.
        dt: length of a time step in seconds.
        adapt_scale: a, how far the threshold rises for neurons that spike in every step.
        tau_syn: time constants of synapses, as `CubaLIF` takes them; None: no synapses.
        spike_threshold: potential at which a neuron spikes.
        min_v_mem: lower bound of the potential, applied after the reset; None: no bound.
        max_spikes: most spikes in one step; None: as many as thresholds were reached.
        reset: ``"subtract"`` the threshold for each spike, ``"set"`` to ``v_reset``, or ``"none"``.
        v_reset: potential after a spike, where it is set.
        detach_reset: keep gradients from flowing through the spikes of the reset.
        surrogate: derivative of a spike in the backward pass.
        norm_input: weigh the input with (1 − α); False: add it as it is.
        bit_shift: round α, β and ρ to what a chip computes by shifting, see `decay`.
        train: constants to train: ``"tau_mem"``, ``"tau_adapt"``, ``"adapt_scale"``,
            ``"tau_syn"``, ``"spike_threshold"``.

    Examples:
        >>> import torch
        >>> spikes = ALIF(tau_mem=0.005, tau_adapt=0.1)(torch.full((1, 200, 1), 4.0))
        >>> bool(spikes[:, :50].sum() > spikes[:, 150:].sum())
        True
    """

    def __init__(
        self,
        tau_mem: Value = 0.02,
        tau_adapt: Value = 0.2,
        dt: float = 0.001,
        *,
        adapt_scale: Value = 1.8,
        tau_syn: float | Sequence[Value] | None = None,
        spike_threshold: Value = 1.0,
        min_v_mem: float | None = None,
        max_spikes: int | None = 1,
        reset: Reset = "subtract",
        v_reset: float = 0.0,
        detach_reset: bool = False,
        surrogate: Surrogate | None = None,
        norm_input: bool = True,
        bit_shift: bool = False,
        train: Collection[str] = (),
    ) -> None:
        values: dict[str, Value] = {
            "tau_mem": tau_mem,
            "tau_adapt": tau_adapt,
            "adapt_scale": adapt_scale,
            "spike_threshold": spike_threshold,
        }
        if tau_syn is not None:
            values["tau_syn"] = stack_tau(tau_syn)
        neuron = Neuron(
            n_synapses=0 if tau_syn is None else len(stack_tau(tau_syn)),
            adaptive=True,
            max_spikes=max_spikes,
            reset=reset,
            v_reset=v_reset,
            detach_reset=detach_reset,
            min_v_mem=min_v_mem,
            surrogate=surrogate or SingleExponential(),
        )
        super().__init__(neuron, Constants(values, train), check_dt(dt))
        self.dt: float = dt
        self.norm_input = norm_input
        self.bit_shift = bit_shift

    def rows(self) -> Mapping[str, Tensor]:
        """Return the constants of the recurrence."""
        alpha = decay(self.constants["tau_mem"], self.dt, bit_shift=self.bit_shift)
        rows = {
            "alpha": alpha,
            "spike_threshold": self.constants["spike_threshold"],
            "rho": decay(self.constants["tau_adapt"], self.dt, bit_shift=self.bit_shift),
            "adapt_scale": self.constants["adapt_scale"],
        }
        if self.norm_input:
            rows["gain"] = 1 - alpha
        if self.neuron.n_synapses:
            rows["beta"] = decay(self.constants["tau_syn"], self.dt, bit_shift=self.bit_shift)
        return rows
