r"""Circuits in numbers: what a chip's process fixes, and the bias currents that set the rest.

A leak current makes a time constant, and a pulse current the length of a pulse:

$$ \tau = \frac{U_T C}{\kappa I_\tau}, \qquad t = \frac{V_{th} C}{I} $$

Chicca, Stefanini, Bartolozzi & Indiveri, "Neuromorphic electronic circuits for building autonomous
cognitive systems", Proc. IEEE 102(9), 2014. Values of DYNAP-SE2 are those its vendor's open-source
simulator starts from; none was measured by us.
"""

import math
from dataclasses import asdict, dataclass, fields
from typing import Self

from eventstore.errors import InvalidInput


@dataclass(frozen=True, slots=True, kw_only=True)
class Circuit:
    """What the process of a chip fixes.

    Args:
        c_mem: capacitance of the membrane in farads.
        c_syn: that of a synapse.
        c_ahp: that of the adaptation.
        c_pulse: that which times the pulse of a synapse.
        c_pulse_ahp: that which times the pulse of the adaptation.
        c_ref: that which times the refractory period.
        io: dark current of a transistor in amperes: no current is smaller.
        kappa_n: subthreshold slope of n-type transistors; what counts is the mean of both.
        kappa_p: that of p-type transistors.
        ut: thermal voltage in volts.
        vth: voltage at which timing circuits switch, in volts.

    Raises:
        InvalidInput: a number is not positive.

    Examples:
        >>> round(Circuit().kappa, 3)
        0.705
    """

    c_mem: float = 3e-12
    c_syn: float = 24.5e-12
    c_ahp: float = 40e-12
    c_pulse: float = 0.5e-12
    c_pulse_ahp: float = 0.5e-12
    c_ref: float = 1.5e-12
    io: float = 5e-13
    kappa_n: float = 0.75
    kappa_p: float = 0.66
    ut: float = 0.025
    vth: float = 0.7

    def __post_init__(self) -> None:
        _check_positive(self, "farads, amperes or volts: 3 pF is 3e-12")

    @property
    def kappa(self) -> float:
        """Subthreshold slope that time constants are computed with."""
        return (self.kappa_n + self.kappa_p) / 2

    def leak_current(self, tau: float, capacitance: float) -> float:
        """Return the current that gives a capacitance a time constant of ``tau`` seconds."""
        return self.ut * capacitance / (self.kappa * tau)

    def time_constant(self, current: float, capacitance: float) -> float:
        """Return the time constant in seconds that a current gives a capacitance.

        Examples:
            >>> circuit = Circuit()
            >>> round(circuit.time_constant(circuit.leak_current(0.02, 3e-12), 3e-12), 9)
            0.02
        """
        return self.ut * capacitance / (self.kappa * current)

    def pulse_current(self, seconds: float, capacitance: float) -> float:
        """Return the current that times a pulse of so many seconds."""
        return self.vth * capacitance / seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class BiasCurrents:
    """Bias currents of neurons that are alike, in amperes.

    Args:
        itau_mem: leak of the membrane.
        igain_mem: its gain; what it is worth depends on the ratio to the leak.
        itau_syn: leak of the synapse.
        igain_syn: its gain.
        ipulse: length of the pulse that a spike makes in a synapse.
        itau_ahp: leak of the adaptation, which each spike of the neuron itself feeds.
        igain_ahp: its gain.
        ipulse_ahp: length of its pulse.
        iw_ahp: its weight; the dark current: none.
        iref: length of the refractory period.
        ispkthr: membrane current at which the neuron spikes.
        idc: constant input.

    Raises:
        InvalidInput: a current is not positive.

    Examples:
        >>> f"{BiasCurrents.from_times(tau_mem=0.02).itau_mem:.3g}"
        '5.32e-12'
    """

    itau_mem: float
    igain_mem: float
    itau_syn: float
    igain_syn: float
    ipulse: float
    itau_ahp: float
    igain_ahp: float
    ipulse_ahp: float
    iw_ahp: float
    iref: float
    ispkthr: float
    idc: float

    def __post_init__(self) -> None:
        _check_positive(self, "amperes: 5 pA is 5e-12")

    @classmethod
    def from_times(
        cls,
        *,
        tau_mem: float = 0.02,
        tau_syn: float = 0.01,
        tau_ahp: float = 0.05,
        t_ref: float = 1e-3,
        t_pulse: float = 1e-5,
        t_pulse_ahp: float = 1e-6,
        gain_mem: float = 4.0,
        gain_syn: float = 100.0,
        gain_ahp: float = 1.0,
        ispkthr: float = 1e-7,
        iw_ahp: float | None = None,
        idc: float | None = None,
        circuit: Circuit | None = None,
    ) -> Self:
        """Return the currents of time constants and gains.

        Args:
            tau_mem: time constant of the membrane in seconds.
            tau_syn: that of the synapse.
            tau_ahp: that of the adaptation.
            t_ref: refractory period in seconds.
            t_pulse: length of the pulse that a spike makes in a synapse.
            t_pulse_ahp: the same of the adaptation.
            gain_mem: ratio of gain and leak current of the membrane.
            gain_syn: that of the synapse.
            gain_ahp: that of the adaptation.
            ispkthr: membrane current at which the neuron spikes, in amperes.
            iw_ahp: weight of the adaptation in amperes; None: none.
            idc: constant input in amperes; None: none.
            circuit: what the process fixes; None: that of DYNAP-SE2.

        Raises:
            InvalidInput: a number is not positive.
        """
        given = {name: value for name, value in locals().items() if isinstance(value, float)}
        for name, value in given.items():
            if not 0 < value < math.inf:
                message = f"{name}={value!r} is not positive"
                raise InvalidInput(message, hint="times are in seconds, currents in amperes")
        circuit = circuit or Circuit()
        itau_mem = circuit.leak_current(tau_mem, circuit.c_mem)
        itau_syn = circuit.leak_current(tau_syn, circuit.c_syn)
        itau_ahp = circuit.leak_current(tau_ahp, circuit.c_ahp)
        return cls(
            itau_mem=itau_mem,
            igain_mem=gain_mem * itau_mem,
            itau_syn=itau_syn,
            igain_syn=gain_syn * itau_syn,
            ipulse=circuit.pulse_current(t_pulse, circuit.c_pulse),
            itau_ahp=itau_ahp,
            igain_ahp=gain_ahp * itau_ahp,
            ipulse_ahp=circuit.pulse_current(t_pulse_ahp, circuit.c_pulse_ahp),
            iw_ahp=circuit.io if iw_ahp is None else iw_ahp,
            iref=circuit.pulse_current(t_ref, circuit.c_ref),
            ispkthr=ispkthr,
            idc=circuit.io if idc is None else idc,
        )

    def to_dict(self) -> dict[str, float]:
        """Return the currents by name."""
        return asdict(self)


CURRENTS: tuple[str, ...] = tuple(field.name for field in fields(BiasCurrents))
"""Names of all bias currents of a neuron."""


def _check_positive(value: Circuit | BiasCurrents, unit: str) -> None:
    for name, number in asdict(value).items():
        if not 0 < number < math.inf:
            message = f"{name}={number!r} of {type(value).__name__} is not positive"
            raise InvalidInput(message, hint=f"it is in {unit}")
