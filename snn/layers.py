"""Spiking layers: modules of parameters over the pure recurrence of `snn.dynamics`.

All take ``(B, T, …)`` and return the same shape. State is explicit: calling a layer starts at rest,
``run`` takes and returns a state. Nothing of it is kept in the module, so nothing leaks from one
batch into the next or into a checkpoint.
"""

import math
from abc import abstractmethod
from typing import NamedTuple

from jaxtyping import Float
from torch import Tensor, nn

from eventstore.errors import InvalidInput
from snn.dynamics import Dynamics, Reset, Spikes
from snn.scan import run_dynamics
from snn.surrogate import SingleExponential, Surrogate


class State(NamedTuple):
    """What a layer remembers between two time steps.

    Args:
        v_mem: membrane potential, shape ``(B, …)``.
    """

    v_mem: Tensor


class SpikingLayer(nn.Module):
    """A layer of neurons with memory: subclasses say what recurrence they follow."""

    @property
    @abstractmethod
    def dynamics(self) -> Dynamics:
        """The recurrence in numbers, from the layer's fields as they stand now."""

    def forward(self, x: Float[Tensor, "b t *n"]) -> Float[Tensor, "b t *n"]:
        """Return the output of neurons that start at rest.

        Args:
            x: input current of each time step.
        """
        return self.run(x)[0]

    def run(
        self, x: Float[Tensor, "b t *n"], state: State | None = None
    ) -> tuple[Float[Tensor, "b t *n"], State]:
        """Return the output and the state after the last step.

        Args:
            x: input current of each time step.
            state: where an earlier ``run`` ended; None: at rest.

        Raises:
            InvalidInput: the state is of another batch size or shape.
        """
        at_rest = x.shape[:1] + x.shape[2:]
        if x.ndim < 3 or x.shape[1] == 0:
            message = f"{type(self).__name__} takes (batch, time, …), not {tuple(x.shape)}"
            raise InvalidInput(message, hint="add a time axis: x.unsqueeze(1)")
        v_mem = x.new_zeros(at_rest) if state is None else state.v_mem
        if v_mem.shape != at_rest:
            message = f"state of shape {tuple(v_mem.shape)} does not fit input {tuple(x.shape)}"
            raise InvalidInput(message, hint="start a new batch with state=None")
        order = memory_order(x)
        there = x.permute(order)
        y, v_mem = run_dynamics(
            there.flatten(2),
            v_mem.permute([0, *(axis - 1 for axis in order[2:])]).flatten(1),
            self.dynamics,
        )
        back = [order.index(axis) for axis in range(x.ndim)]
        y = y.view(there.shape).permute(back)
        v_mem = v_mem.view(there.shape[:1] + there.shape[2:])
        return y, State(v_mem.permute([0, *(axis - 1 for axis in back[2:])]))

    def extra_repr(self) -> str:
        """Return the fields that differ from a neuron at its simplest."""
        d = self.dynamics
        return f"spike_threshold={d.spike_threshold}, min_v_mem={d.min_v_mem}, reset={d.reset!r}"


class IAF(SpikingLayer):
    r"""Integrate-and-fire neurons without a leak: what Speck computes.

    $$ v \leftarrow v + x, \; s = \lfloor v / \theta \rfloor, \; v \leftarrow v - \theta s $$

    Args:
        spike_threshold: potential at which a neuron spikes.
        min_v_mem: lower bound of the potential, applied after the reset; None: no bound.
        reset: ``"subtract"`` the threshold for each spike, or set to ``"zero"``.
        surrogate: derivative of a spike in the backward pass.
        spikes: ``"multi"``, as many a step as thresholds were reached, or ``"single"``.

    Examples:
        >>> import torch
        >>> IAF()(torch.full((1, 4, 1), 0.5)).flatten().tolist()
        [0.0, 1.0, 0.0, 1.0]
    """

    def __init__(
        self,
        spike_threshold: float = 1.0,
        min_v_mem: float | None = None,
        *,
        reset: Reset = "subtract",
        surrogate: Surrogate | None = None,
        spikes: Spikes = "multi",
    ) -> None:
        super().__init__()
        self.spike_threshold = spike_threshold
        self.min_v_mem = min_v_mem
        self.reset: Reset = reset
        self.surrogate = surrogate or SingleExponential()
        self.spikes: Spikes = spikes
        _ = self.dynamics  # refuse bad fields now, not at the first batch

    @property
    def dynamics(self) -> Dynamics:
        """The recurrence in numbers."""
        return Dynamics(
            spike_threshold=self.spike_threshold,
            min_v_mem=self.min_v_mem,
            reset=self.reset,
            surrogate=self.surrogate,
            spikes=self.spikes,
        )


class LIF(SpikingLayer):
    r"""Leaky integrate-and-fire neurons.

    $$ v \leftarrow \alpha v + (1 - \alpha) x, \quad \alpha = \exp(-dt / \tau_{mem}) $$

    Args:
        tau_mem: time constant of the leak in seconds.
        dt: length of a time step in seconds.
        spike_threshold: potential at which a neuron spikes.
        min_v_mem: lower bound of the potential, applied after the reset; None: no bound.
        reset: ``"subtract"`` the threshold for each spike, or set to ``"zero"``.
        surrogate: derivative of a spike in the backward pass.
        spikes: ``"multi"``, as many a step as thresholds were reached, or ``"single"``.
        norm_input: weigh the input with (1 − α), so that a constant 1.0 drives v to 1.0;
            False: add it as it is.

    Examples:
        >>> import torch
        >>> LIF(tau_mem=0.02, dt=0.001)(torch.full((1, 50, 1), 1.5)).sum().item()
        2.0
    """

    def __init__(
        self,
        tau_mem: float = 0.02,
        dt: float = 0.001,
        *,
        spike_threshold: float = 1.0,
        min_v_mem: float | None = None,
        reset: Reset = "subtract",
        surrogate: Surrogate | None = None,
        spikes: Spikes = "multi",
        norm_input: bool = True,
    ) -> None:
        super().__init__()
        self.tau_mem = tau_mem
        self.dt = dt
        self.spike_threshold = spike_threshold
        self.min_v_mem = min_v_mem
        self.reset: Reset = reset
        self.surrogate = surrogate or SingleExponential()
        self.spikes: Spikes = spikes
        self.norm_input = norm_input
        _ = self.dynamics  # refuse bad fields now, not at the first batch

    @property
    def dynamics(self) -> Dynamics:
        """The recurrence in numbers."""
        alpha = decay(self.tau_mem, self.dt)
        return Dynamics(
            alpha=alpha,
            gain=1 - alpha if self.norm_input else 1.0,
            spike_threshold=self.spike_threshold,
            min_v_mem=self.min_v_mem,
            reset=self.reset,
            surrogate=self.surrogate,
            spikes=self.spikes,
        )


class ExpLeak(SpikingLayer):
    r"""Leaky integrators that never spike; their output is the potential.

    $$ v \leftarrow \alpha v + (1 - \alpha) x, \quad \alpha = \exp(-dt / \tau_{mem}) $$

    Args:
        tau_mem: time constant of the leak in seconds.
        dt: length of a time step in seconds.
        min_v_mem: lower bound of the potential; None: no bound.
        norm_input: weigh the input with (1 − α); False: add it as it is.

    Examples:
        >>> import torch
        >>> y = ExpLeak(tau_mem=0.01, dt=0.001)(torch.ones(1, 100, 1))
        >>> round(y[0, -1, 0].item(), 3)
        1.0
    """

    def __init__(
        self,
        tau_mem: float = 0.02,
        dt: float = 0.001,
        *,
        min_v_mem: float | None = None,
        norm_input: bool = True,
    ) -> None:
        super().__init__()
        self.tau_mem = tau_mem
        self.dt = dt
        self.min_v_mem = min_v_mem
        self.norm_input = norm_input
        _ = self.dynamics  # refuse bad fields now, not at the first batch

    @property
    def dynamics(self) -> Dynamics:
        """The recurrence in numbers."""
        alpha = decay(self.tau_mem, self.dt)
        gain = 1 - alpha if self.norm_input else 1.0
        return Dynamics(alpha=alpha, gain=gain, spike_threshold=None, min_v_mem=self.min_v_mem)


def memory_order(x: Float[Tensor, "b t *n"]) -> list[int]:
    """Return the axes of x with those of the neurons in the order in which they lie in memory.

    Convolutions are fastest on channels-last tensors, and neurons do not care which of them is next
    to which: walking them in memory order saves a copy there and one back.

    Examples:
        >>> import torch
        >>> frames = torch.zeros(6, 2, 5, 4).contiguous(memory_format=torch.channels_last)
        >>> memory_order(frames.unflatten(0, (2, 3)))
        [0, 1, 3, 4, 2]
    """
    strides: tuple[int, ...] = x.stride()
    return [0, 1, *sorted(range(2, x.ndim), key=lambda axis: -strides[axis])]


def decay(tau_mem: float, dt: float) -> float:
    """Return the share of the potential that stays after one step of ``dt`` seconds.

    Raises:
        InvalidInput: a time is not positive.

    Examples:
        >>> round(decay(0.02, 0.001), 4)
        0.9512
    """
    if not (tau_mem > 0 and dt > 0):
        message = f"tau_mem {tau_mem} s and dt {dt} s must both be positive"
        raise InvalidInput(message, hint="times are in seconds: 20 ms is 0.02")
    return math.exp(-dt / tau_mem)
