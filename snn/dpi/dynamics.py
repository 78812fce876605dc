r"""What neurons of differential-pair integrators compute, as a plain loop over time.

All currents are multiples of the dark current $I_0$, so that single precision has room; states are
$S$ of the synapse, $A$ of the adaptation, $M$ of the membrane and $v = \ln M$ before the reset. One
step, from the weighted input $z_t = x_t + W^T s_{t-1}$:

$$
S_t &= a_S S_{t-1} + \max(g z_t, f) \\
A_t &= \max(1,\; a_A A_{t-1} + \max(w s_{t-1}, f_A)) \\
\Lambda &= L + A_t, \qquad J = \max(1,\; S_t - \Lambda + D) \text{, or 1 while refractory} \\
M' &= M + h \Big( \Lambda \frac{M}{M + G}
\Big( \frac{G}{L} (J - \Lambda) - M \big(1 + \tfrac{A_t}{L}\big) \Big) + M e^{p\, v} \Big) \\
v_t &= \ln \max(1, M'), \qquad s_t = [v_t \ge \theta], \qquad
M_t = 1 \text{ after a spike, else } \max(1, M')
$$

$M e^{pv}$ is the positive feedback that makes the upswing of a spike; it reads the membrane before
the reset, as the vendor's simulator does. A synapse's pulse is shorter than a step, and so adds its
whole charge at once. Gradients are those of backpropagation through time, with a surrogate for the
derivative of a spike; where a maximum holds the constant, none passes.

Chicca et al., Proc. IEEE 102(9), 2014; Livi & Indiveri, ISCAS 2009.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import torch
from jaxtyping import Float
from torch import Tensor

from snn.dpi.circuit import Circuit
from snn.dynamics import Neuron, count_spikes
from snn.surrogate import SingleExponential, Surrogate

(
    SYN_DECAY,
    DRIVE,
    DRIVE_FLOOR,
    AHP_DECAY,
    AHP_JUMP,
    AHP_FLOOR,
    LEAK,
    DC,
    GAIN,
    RATE,
    FEEDBACK,
    THRESHOLD,
    REFRACTORY,
) = range(13)
"""Rows of a neuron's constants."""

N_ROWS = 13

I_SYN, I_AHP, I_MEM, V_MEM, REST, SPIKES = range(6)
"""Rows of a neuron's state; ``REST`` counts the steps that it stays refractory."""

N_STATES = 6

SLACK = 1e-3
"""Share of a step by which a refractory period may be longer without lasting a step more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DpiNeuron:
    """What a step of the neurons consists of, their numbers aside.

    Args:
        recurrent: whether spikes go back to the inputs, a step later.
        detach_reset: keep gradients from flowing through the spikes of the reset.
        surrogate: derivative of a spike by the membrane's logarithm, in thresholds.

    Examples:
        >>> DpiNeuron().surrogate.width
        0.5
    """

    recurrent: bool = False
    detach_reset: bool = False
    surrogate: Surrogate = field(default_factory=SingleExponential)


def recurrence_rows(
    currents: Mapping[str, Tensor], circuit: Circuit, dt: float, i_scale: float
) -> Float[Tensor, "p *n"]:
    """Return the constants of the recurrence, differentiable by the bias currents.

    Args:
        currents: bias currents in amperes, by the names of `snn.dpi.circuit.BiasCurrents`; what is
            below the dark current counts as that.
        circuit: what the process fixes.
        dt: length of a time step in seconds.
        i_scale: amperes that a weight of 1 stands for.

    Examples:
        >>> from snn.dpi.circuit import BiasCurrents
        >>> given = BiasCurrents.from_times(tau_syn=0.01).to_dict()
        >>> rows = recurrence_rows(
        ...     {k: torch.tensor(v) for k, v in given.items()}, Circuit(), 0.001, 1e-8
        ... )
        >>> round(rows[SYN_DECAY].item(), 4)
        0.9048
    """
    io, dark = circuit.io, {name: value.clamp_min(circuit.io) for name, value in currents.items()}
    per_tau = circuit.kappa / circuit.ut
    tau_syn = circuit.c_syn / (per_tau * dark["itau_syn"])
    tau_ahp = circuit.c_ahp / (per_tau * dark["itau_ahp"])
    charge_syn = -torch.expm1(-circuit.vth * circuit.c_pulse / dark["ipulse"] / tau_syn)
    charge_ahp = -torch.expm1(-circuit.vth * circuit.c_pulse_ahp / dark["ipulse_ahp"] / tau_ahp)
    rest = torch.ceil(circuit.vth * circuit.c_ref / dark["iref"].detach() / dt - SLACK)
    rows = {
        SYN_DECAY: torch.exp(-dt / tau_syn),
        DRIVE: charge_syn * (dark["igain_syn"] / dark["itau_syn"]) * (i_scale / io),
        DRIVE_FLOOR: charge_syn,
        AHP_DECAY: torch.exp(-dt / tau_ahp),
        AHP_JUMP: charge_ahp * (dark["igain_ahp"] / dark["itau_ahp"]) * (dark["iw_ahp"] / io),
        AHP_FLOOR: charge_ahp,
        LEAK: dark["itau_mem"] / io,
        DC: dark["idc"] / io,
        GAIN: dark["igain_mem"] / io,
        RATE: torch.full_like(rest, dt * per_tau * io / circuit.c_mem),
        FEEDBACK: torch.full_like(rest, circuit.kappa / (circuit.kappa + 1)),
        THRESHOLD: torch.log(dark["ispkthr"] / io),
        REFRACTORY: rest,
    }
    shape = max((row.shape for row in rows.values()), key=len)  # one number, or one a neuron
    return torch.stack([rows[k].expand(shape) for k in range(N_ROWS)])


def at_rest(batch: int, shape: tuple[int, ...], like: Tensor) -> Float[Tensor, "b k *n"]:
    """Return the state in which only dark currents flow."""
    state = like.new_zeros(batch, N_STATES, *shape)
    state[:, : I_MEM + 1] = 1.0
    return state


def _above(value: Tensor, floor: Tensor) -> Tensor:
    """Return the larger one; where they are equal gradients go to the floor."""
    return torch.where(value > floor, value, floor)


def dpi_step(
    x: Float[Tensor, "b n"],
    state: Float[Tensor, "b k n"],
    rows: Float[Tensor, "p n"],
    neuron: DpiNeuron,
    weight: Float[Tensor, "n n"] | None = None,
) -> tuple[Float[Tensor, "b n"], Float[Tensor, "b k n"]]:
    """Advance neurons by one time step.

    Args:
        x: weighted input, in units of the current that a weight of 1 stands for.
        state: rows ``I_SYN`` to ``SPIKES``.
        rows: constants, ``SYN_DECAY`` to ``REFRACTORY``, of all neurons or of each.
        neuron: what the step consists of.
        weight: row j holds what a spike of neuron j adds to each input; None: nothing.

    Returns: spikes in {0, 1}, and the new state.
    """
    i_syn, i_ahp, i_mem, v_mem, rest, spikes = state.unbind(1)
    one = rows.new_ones(())
    z = x if weight is None else x + spikes @ weight
    i_syn = rows[SYN_DECAY] * i_syn + _above(rows[DRIVE] * z, rows[DRIVE_FLOOR])
    jump = _above(rows[AHP_JUMP] * spikes, rows[AHP_FLOOR])
    i_ahp = _above(rows[AHP_DECAY] * i_ahp + jump, one)
    leak, gain = rows[LEAK] + i_ahp, rows[GAIN]
    i_in = torch.where(rest > 0, one, _above(i_syn - leak + rows[DC], one))
    pull = gain / rows[LEAK] * (i_in - leak) - i_mem * (1 + i_ahp / rows[LEAK])
    grown = leak * i_mem / (i_mem + gain) * pull + i_mem * torch.exp(rows[FEEDBACK] * v_mem)
    before = _above(i_mem + rows[RATE] * grown, one)
    v_mem = torch.log(before)
    counted = Neuron(max_spikes=1, surrogate=neuron.surrogate)
    spikes = count_spikes(v_mem, rows[THRESHOLD], counted)
    fired = spikes.detach() if neuron.detach_reset else spikes
    i_mem = before * (1 - fired) + fired
    rest = torch.where(spikes > 0, rows[REFRACTORY], (rest - 1).clamp_min(0)).detach()
    return spikes, torch.stack((i_syn, i_ahp, i_mem, v_mem, rest, spikes), 1)


def run_dpi_reference(
    x: Float[Tensor, "b t n"],
    state: Float[Tensor, "b k n"],
    rows: Float[Tensor, "p n"],
    neuron: DpiNeuron,
    weight: Float[Tensor, "n n"] | None = None,
) -> tuple[Float[Tensor, "b t n"], Float[Tensor, "b k n"], Float[Tensor, "b t k n"]]:
    """Advance neurons over all time steps, one by one.

    Returns: spikes of each step, the last state, and the state after each step.

    Examples:
        >>> from snn.dpi.circuit import BiasCurrents
        >>> given = BiasCurrents.from_times().to_dict()
        >>> rows = recurrence_rows(
        ...     {k: torch.tensor([v]) for k, v in given.items()}, Circuit(), 0.001, 1e-8
        ... )
        >>> x = torch.full((1, 20, 1), 5.0)
        >>> y, last, states = run_dpi_reference(x, at_rest(1, (1,), x), rows, DpiNeuron())
        >>> y.sum().item()
        2.0
    """
    outputs, states = [], []
    for x_t in x.unbind(1):
        y_t, state = dpi_step(x_t, state, rows, neuron, weight)
        outputs.append(y_t)
        states.append(state)
    return torch.stack(outputs, 1), state, torch.stack(states, 1)
