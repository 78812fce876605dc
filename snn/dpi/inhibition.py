r"""Inhibition by synapses of their own: excitatory and inhibitory currents decay apart.

One synapse for both signs, as `snn.dpi.dynamics` has it, cancels inhibition with what arrives in
the same step. The chip has a circuit for each, and the membrane gets their difference:

$$
E_t &= a_E E_{t-1} + \max(g_E z^+_t, f_E), \qquad
H_t = a_H H_{t-1} + \max(g_H z^-_t, f_H) \\
S_t &= E_t - H_t
$$

with the weighted inputs $z^+$ of excitatory and $z^-$ of inhibitory synapses, both positive. $S$
takes the place of the synapse's current in the equations of the neuron, which clip what comes of it
at the dark current. Both circuits share the length of a pulse.
"""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Self

import torch
from jaxtyping import Float
from torch import Tensor

from eventstore.errors import InvalidInput
from snn.dpi.circuit import CURRENTS, Circuit
from snn.dpi.dynamics import DRIVE, DRIVE_FLOOR, SYN_DECAY, recurrence_rows
from snn.dynamics import Neuron
from snn.scan import run_dynamics

EXCITATORY, INHIBITORY = range(2)
"""Order of the two synapses along their axis."""

N_SYNAPSES = 2

NO_FLOOR = -1e30
"""Floor of a current that may be of either sign."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InhibitionCurrents:
    """Bias currents of inhibitory synapses, in amperes.

    Args:
        itau_inh: leak of the synapse.
        igain_inh: its gain.

    Raises:
        InvalidInput: a current is not positive.

    Examples:
        >>> f"{InhibitionCurrents.from_times(tau_inh=0.02).itau_inh:.3g}"
        '4.34e-11'
    """

    itau_inh: float
    igain_inh: float

    def __post_init__(self) -> None:
        for name, number in asdict(self).items():
            if not 0 < number < math.inf:
                message = f"{name}={number!r} of InhibitionCurrents is not positive"
                raise InvalidInput(message, hint="it is in amperes: 5 pA is 5e-12")

    @classmethod
    def from_times(
        cls, *, tau_inh: float = 0.01, gain_inh: float = 100.0, circuit: Circuit | None = None
    ) -> Self:
        """Return the currents of a time constant and a gain.

        Args:
            tau_inh: time constant of the synapse in seconds.
            gain_inh: ratio of its gain and leak current.
            circuit: what the process fixes; None: that of DYNAP-SE2.

        Raises:
            InvalidInput: a number is not positive.
        """
        for name, number in (("tau_inh", tau_inh), ("gain_inh", gain_inh)):
            if not 0 < number < math.inf:
                message = f"{name}={number!r} is not positive"
                raise InvalidInput(message, hint="a time is in seconds: 0.03; a gain is a ratio")
        circuit = circuit or Circuit()
        itau_inh = circuit.leak_current(tau_inh, circuit.c_syn)
        return cls(itau_inh=itau_inh, igain_inh=gain_inh * itau_inh)

    def to_dict(self) -> dict[str, float]:
        """Return the currents by name."""
        return asdict(self)


INHIBITION: tuple[str, ...] = tuple(field.name for field in fields(InhibitionCurrents))
"""Names of the bias currents of inhibitory synapses."""


def names_of_rows(n_rows: int) -> tuple[str, ...]:
    """Return the names of currents in rows: those of neurons, and of inhibitory synapses if there.

    Examples:
        >>> names_of_rows(14)[12:]
        ('itau_inh', 'igain_inh')
    """
    return (*CURRENTS, *INHIBITION)[:n_rows]


ROW_COUNTS = (len(CURRENTS), len(CURRENTS) + len(INHIBITION))
"""Rows of currents without and with inhibitory synapses of their own."""


def synapse_rows(
    currents: Mapping[str, Tensor], circuit: Circuit, dt: float, i_scale: float
) -> tuple[Float[Tensor, "p *n"], Float[Tensor, "3 s *n"]]:
    """Return the constants of the neurons, and decay, drive and floor of both synapses.

    Those of the neurons take the difference of the synapses as it is.

    Args:
        currents: bias currents in amperes, those of `INHIBITION` among them.
        circuit: what the process fixes.
        dt: length of a time step in seconds.
        i_scale: amperes that a weight of 1 stands for.
    """
    shape = max((value.shape for value in currents.values()), key=len)  # one, or one a neuron
    wide = {name: value.expand(shape) for name, value in currents.items()}
    rows = recurrence_rows(wide, circuit, dt, i_scale)
    swapped = {"itau_syn": wide["itau_inh"], "igain_syn": wide["igain_inh"]}
    inhibitory = recurrence_rows({**wide, **swapped}, circuit, dt, i_scale)
    names = (SYN_DECAY, DRIVE, DRIVE_FLOOR)
    synapses = torch.stack([torch.stack((rows[k], inhibitory[k])) for k in names])
    taken = {SYN_DECAY: 0.0, DRIVE: 1.0, DRIVE_FLOOR: NO_FLOOR}
    kept = [torch.full_like(row, taken[k]) if k in taken else row for k, row in enumerate(rows)]
    return torch.stack(kept), synapses


def run_synapses(
    x: Float[Tensor, "b t s n"], state: Float[Tensor, "b s n"], rows: Float[Tensor, "3 s n"]
) -> tuple[Float[Tensor, "b t n"], Float[Tensor, "b s n"]]:
    """Return the difference of excitation and inhibition at each step, and both after the last.

    Runs by the fastest scan there is; twin of ``run_synapses_reference``.

    Args:
        x: weighted input of excitatory and of inhibitory synapses, each positive.
        state: currents of both before, as multiples of the dark current.
        rows: decay, drive and floor.
    """
    n = x.shape[-1]
    decay, drive, floor = (row.expand(N_SYNAPSES, n) for row in rows)
    charge = torch.maximum(x * drive, floor).flatten(2)
    one, zero = torch.ones_like(decay), torch.zeros_like(decay)
    constants = torch.stack((decay, one, one, zero, zero, zero)).flatten(1)
    neuron = Neuron(spiking=False)
    y, last = run_dynamics(charge.unsqueeze(2), state.flatten(1).unsqueeze(1), constants, neuron)
    both = y.reshape(x.shape)
    return both[:, :, EXCITATORY] - both[:, :, INHIBITORY], last.reshape(state.shape)


def run_synapses_reference(
    x: Float[Tensor, "b t s n"], state: Float[Tensor, "b s n"], rows: Float[Tensor, "3 s n"]
) -> tuple[Float[Tensor, "b t n"], Float[Tensor, "b s n"]]:
    """Return the same by a plain loop over time: the definition."""
    decay, drive, floor = rows
    differences = []
    for step in x.unbind(1):
        state = decay * state + torch.maximum(drive * step, floor)
        differences.append(state[:, EXCITATORY] - state[:, INHIBITORY])
    return torch.stack(differences, 1), state
