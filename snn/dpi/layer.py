"""A layer of differential-pair integrator neurons, whose constants are bias currents."""

import math
from collections.abc import Callable, Collection, Mapping
from typing import NamedTuple, TypeAlias

import torch
from jaxtyping import Float
from torch import Tensor, nn

from eventstore.errors import InvalidInput, NotFound
from snn.dpi.circuit import CURRENTS, BiasCurrents, Circuit
from snn.dpi.dynamics import (
    I_AHP,
    I_MEM,
    I_SYN,
    N_STATES,
    V_MEM,
    DpiNeuron,
    at_rest,
    recurrence_rows,
    run_dpi_reference,
)
from snn.dpi.inhibition import (
    INHIBITION,
    N_SYNAPSES,
    InhibitionCurrents,
    run_synapses,
    run_synapses_reference,
    synapse_rows,
)
from snn.dpi.operators import can_fuse_dpi, run_dpi_fused
from snn.kernels.kinds import computed
from snn.layers.constants import Constants, Value, check_dt
from snn.layers.stateful import StatefulLayer, check_time_axis
from snn.surrogate import SingleExponential, Surrogate

Parts: TypeAlias = tuple[Tensor, Tensor, Tensor, DpiNeuron, Tensor | None]
"""Input, state, constants, neuron and recurrent weight: what a recurrence is run on."""

RunSynapses: TypeAlias = Callable[[Tensor, Tensor, Tensor], tuple[Tensor, Tensor]]


class DpiRecord(NamedTuple):
    """Currents and potentials of each step, ``(B, T, N)``.

    Args:
        i_syn: current of the synapse in amperes; of two, their difference.
        i_ahp: current of the adaptation in amperes.
        i_mem: current of the membrane after the reset, in amperes.
        v_mem: potential of the membrane before the reset, in volts.
        spikes: spikes.
    """

    i_syn: Tensor
    i_ahp: Tensor
    i_mem: Tensor
    v_mem: Tensor
    spikes: Tensor


class DPI(StatefulLayer):
    r"""Neurons of differential-pair integrators: synapse, adaptation and membrane in currents.

    The equations are in `snn.dpi.dynamics`. Weighted inputs are in units of ``i_scale``: a weight
    of 1 is a current of so many amperes. Negative input cancels positive input of the same step;
    below zero it does nothing, as the synapse has no current to take away. With ``inhibition`` it
    lasts: excitatory and inhibitory synapses have currents of their own, and the membrane gets
    their difference (`snn.dpi.inhibition`). Their inputs come apart, ``(B, T, 2, N)``, from a
    `snn.dpi.signed_linear.SignedLinear`.

    Args:
        currents: bias currents in amperes, one for all neurons or one each; those not named are
            the usual ones. None: the usual ones.
        dt: length of a time step in seconds.
        inhibition: bias currents of inhibitory synapses; None: there is one synapse for both signs.
        n_recurrent: neurons of a layer whose spikes go back to its inputs; None: they do not.
        circuit: what the process fixes; None: that of DYNAP-SE2.
        i_scale: amperes that a weight of 1 stands for.
        detach_reset: keep gradients from flowing through the spikes of the reset, which takes the
            membrane back by five orders of magnitude, and gradients with it.
        surrogate: derivative of a spike by the membrane's potential, in thresholds.
        train: currents to train, such as ``"itau_mem"``.

    Attributes:
        constants: the bias currents.
        weight: of a recurrent layer: row j holds what a spike of neuron j adds to each input.

    Raises:
        InvalidInput: a current or the time step is not positive, or a recurrent layer is to have
            inhibitory synapses.
        NotFound: there is no current of a name.

    Examples:
        >>> DPI(dt=0.001)(torch.full((1, 20, 1), 5.0)).sum().item()
        2.0
    """

    constants: Constants
    weight: nn.Parameter | None

    def __init__(
        self,
        currents: BiasCurrents | Mapping[str, Value] | None = None,
        dt: float = 1e-3,
        *,
        inhibition: InhibitionCurrents | Mapping[str, Value] | None = None,
        n_recurrent: int | None = None,
        circuit: Circuit | None = None,
        i_scale: float = 1e-8,
        detach_reset: bool = True,
        surrogate: Surrogate | None = None,
        train: Collection[str] = (),
    ) -> None:
        super().__init__()
        self.circuit = circuit or Circuit()
        self.dt = check_dt(dt)
        if not 0 < i_scale < math.inf:
            message = f"i_scale={i_scale!r} is not positive"
            raise InvalidInput(message, hint="amperes of a weight of 1, such as 1e-8")
        self.i_scale = i_scale
        self.neuron = DpiNeuron(
            recurrent=n_recurrent is not None,
            detach_reset=detach_reset,
            surrogate=surrogate or SingleExponential(width=0.2),
        )
        found = _all_currents(currents, self.circuit)
        self.inhibited = inhibition is not None
        if inhibition is not None:
            if n_recurrent is not None:
                message = "recurrent neurons have no inhibitory synapses of their own here"
                raise InvalidInput(message, hint="leave out n_recurrent, or inhibition")
            found |= _inhibitory_currents(inhibition, self.circuit)
        self.constants = Constants(found, train)
        self.weight = None
        if n_recurrent is not None:
            start = torch.randn(n_recurrent, n_recurrent) * 0.5 / math.sqrt(n_recurrent)
            self.weight = nn.Parameter(start)

    def rows(self) -> Float[Tensor, "p *n"]:
        """Return the constants of the recurrence, as they stand now."""
        return self._all_rows()[0]

    def _all_rows(self) -> tuple[Tensor, Tensor | None]:
        """Return the constants of the neurons, and of their two synapses where there are two."""
        names = (*CURRENTS, *INHIBITION) if self.inhibited else CURRENTS
        currents = {name: self.constants[name] for name in names}
        if self.inhibited:
            return synapse_rows(currents, self.circuit, self.dt, self.i_scale)
        return recurrence_rows(currents, self.circuit, self.dt, self.i_scale), None

    def run(
        self, x: Float[Tensor, "b t *n"], state: Tensor | None = None
    ) -> tuple[Float[Tensor, "b t n"], Float[Tensor, "b k n"]]:
        """Return the spikes and the state after the last step.

        Args:
            x: weighted input of each step; with ``inhibition`` that of both synapses,
                ``(B, T, 2, N)``.
            state: where an earlier ``run`` ended, as multiples of the dark current; None: at rest.

        Raises:
            InvalidInput: input, state, weights and currents are not of as many neurons.
        """
        precise = x.to(computed(x.dtype)) if x.is_floating_point() else x
        parts, synapses = self._parts(precise, state, run_synapses)
        if can_fuse_dpi(parts[0]):
            y, last = run_dpi_fused(*parts)
        else:
            y, last, _ = run_dpi_reference(*parts)
        if synapses is not None:
            last = torch.cat((last, synapses), 1)
        return y.to(x.dtype), last

    def record(self, x: Float[Tensor, "b t *n"], state: Tensor | None = None) -> DpiRecord:
        """Return what flows in each step, in amperes and volts; slow, for looking at neurons.

        Args:
            x: weighted input of each step.
            state: where to begin; None: at rest.
        """
        parts, _ = self._parts(x, state, run_synapses_reference)
        y, _, states = run_dpi_reference(*parts)
        volts, io = self.circuit.ut / self.circuit.kappa, self.circuit.io
        return DpiRecord(
            i_syn=states[:, :, I_SYN] * io,
            i_ahp=states[:, :, I_AHP] * io,
            i_mem=states[:, :, I_MEM] * io,
            v_mem=states[:, :, V_MEM] * volts,
            spikes=y,
        )

    def _parts(
        self, x: Tensor, state: Tensor | None, run_both: RunSynapses
    ) -> tuple[Parts, Tensor | None]:
        """Return what the neurons' recurrence takes, and the last currents of two synapses."""
        self._check_input(x)
        batch, n = x.shape[0], x.shape[-1]
        if state is None:
            state = at_rest(batch, (n,), x)
            if self.inhibited:
                state = torch.cat((state, x.new_ones(batch, N_SYNAPSES, n)), 1)
        elif state.shape != (batch, N_STATES + N_SYNAPSES * self.inhibited, n):
            message = f"state of shape {tuple(state.shape)} does not fit input {tuple(x.shape)}"
            raise InvalidInput(message, hint="start a new batch with state=None")
        rows, synapses = self._all_rows()
        rows = rows.to(x.dtype)
        rows = rows.unsqueeze(-1) if rows.ndim == 1 else rows
        if rows.shape[1] not in {1, n}:
            message = f"{rows.shape[1]} currents of a kind for {n} neurons"
            raise InvalidInput(message, hint="give one number, or one for each neuron")
        last = None
        if synapses is not None:
            of_each = synapses.to(x.dtype).reshape(3, N_SYNAPSES, -1)
            x, last = run_both(x, state[:, N_STATES:], of_each)
        return (x, state[:, :N_STATES], rows, self.neuron, self.weight), last

    def _check_input(self, x: Tensor) -> None:
        check_time_axis(self, x, 3 + self.inhibited)
        wrong = x.ndim != 3 + self.inhibited or (self.inhibited and x.shape[2] != N_SYNAPSES)
        if wrong or (self.weight is not None and self.weight.shape[0] != x.shape[-1]):
            wanted = "(batch, time, neurons)" if self.weight is None else f"(…, {len(self.weight)})"
            wanted = "(batch, time, 2, neurons)" if self.inhibited else wanted
            message = f"input of shape {tuple(x.shape)} is not {wanted}"
            before = "SignedLinear(…)" if self.inhibited else "nn.Linear(…)"
            raise InvalidInput(message, hint=f"put {before} before the neurons")

    def extra_repr(self) -> str:
        """Return the time step, the unit of weights, and whether there are inhibitory synapses."""
        said = f"dt={self.dt:g}, i_scale={self.i_scale:g}"
        return f"{said}, with inhibition" if self.inhibited else said


def _inhibitory_currents(
    given: InhibitionCurrents | Mapping[str, Value], circuit: Circuit
) -> dict[str, Value]:
    if isinstance(given, InhibitionCurrents):
        return dict(given.to_dict())
    usual = InhibitionCurrents.from_times(circuit=circuit).to_dict()
    return _instead("bias current of inhibitory synapses", usual, given)


def _all_currents(
    currents: BiasCurrents | Mapping[str, Value] | None, circuit: Circuit
) -> dict[str, Value]:
    if isinstance(currents, BiasCurrents):
        return dict(currents.to_dict())
    return _instead(
        "bias current", BiasCurrents.from_times(circuit=circuit).to_dict(), currents or {}
    )


def _instead(what: str, usual: Mapping[str, Value], given: Mapping[str, Value]) -> dict[str, Value]:
    """Return the usual values with those given in their place, each of a name that is known."""
    for name in given:
        if name not in usual:
            raise NotFound.among(what, name, usual)
    return {**usual, **given}
