r"""What a spiking layer computes, as a plain loop over time: the definition every kernel must meet.

One step, from the membrane potential v of the step before and the input x:

$$
\tilde v_t &= \alpha v_{t-1} + g x_t \\
s_t &= \lfloor \tilde v_t / \theta \rfloor \text{ where } \tilde v_t \ge \theta, \text{ else } 0
\quad (\text{or at most } 1) \\
v_t &= \max(\tilde v_t - \theta s_t,\; v_{min})
\quad (\text{or } 0 \text{ after a spike})
$$

Gradients flow through the reset: they are those of backpropagation through time, with the surrogate
in place of the derivative of a spike and none other.
"""

from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

import torch
from jaxtyping import Float
from torch import Tensor

from eventstore.errors import InvalidInput
from snn.surrogate import SingleExponential, Surrogate

Reset: TypeAlias = Literal["subtract", "zero"]
Spikes: TypeAlias = Literal["multi", "single"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dynamics:
    """One neuron's recurrence, in numbers.

    Args:
        alpha: share of the membrane potential that stays after one step, 0 … 1; 1 never leaks.
        gain: factor on the input.
        spike_threshold: potential at which the neuron spikes; None: it never does, and its
            potential is the output.
        reset: ``"subtract"`` the threshold for each spike, or set to ``"zero"``.
        spikes: ``"multi"``, as many as thresholds were reached in one step, or ``"single"``.
        min_v_mem: the potential is kept at or above this, after the reset; None: no bound.
        surrogate: derivative of a spike.

    Raises:
        InvalidInput: a number is out of range or a name unknown.

    Examples:
        >>> Dynamics(alpha=0.9).spike_threshold
        1.0
    """

    alpha: float = 1.0
    gain: float = 1.0
    spike_threshold: float | None = 1.0
    reset: Reset = "subtract"
    spikes: Spikes = "multi"
    min_v_mem: float | None = None
    surrogate: Surrogate = field(default_factory=SingleExponential)

    def __post_init__(self) -> None:
        if not 0 <= self.alpha <= 1:
            message = f"alpha {self.alpha} is outside 0 … 1"
            raise InvalidInput(message, hint="alpha = exp(−dt / tau_mem) with both positive")
        if self.spike_threshold is not None and not self.spike_threshold > 0:
            message = f"spike_threshold {self.spike_threshold} is not positive"
            raise InvalidInput(message, hint="scale the weights instead of the threshold")
        if self.min_v_mem is not None and self.min_v_mem > 0:
            message = f"min_v_mem {self.min_v_mem} is above 0, the resting potential"
            raise InvalidInput(message, hint="use −1 for one threshold below rest, or None")
        for name, value, known in (
            ("reset", self.reset, ("subtract", "zero")),
            ("spikes", self.spikes, ("multi", "single")),
        ):
            if value not in known:
                message = f"unknown {name} {value!r}"
                raise InvalidInput(message, hint=f"use {known[0]!r} or {known[1]!r}")


class _Spike(torch.autograd.Function):
    """Count spikes forwards; multiply by the surrogate backwards."""

    @staticmethod
    def forward(ctx: Any, v_mem: Tensor, threshold: float, dynamics: Dynamics) -> Tensor:  # noqa: ANN401
        ctx.save_for_backward(v_mem)
        ctx.slope = dynamics.surrogate
        ctx.threshold = threshold
        count = torch.floor(v_mem / threshold).clamp_min(0.0)
        return count.clamp_max(1.0) if dynamics.spikes == "single" else count

    @staticmethod
    def backward(ctx: Any, *grad_spikes: Tensor) -> tuple[Tensor, None, None]:  # noqa: ANN401
        (v_mem,) = ctx.saved_tensors
        return grad_spikes[0] * ctx.slope(v_mem, ctx.threshold), None, None


def step(
    x: Float[Tensor, "b n"], v_mem: Float[Tensor, "b n"], dynamics: Dynamics
) -> tuple[Float[Tensor, "b n"], Float[Tensor, "b n"]]:
    """Advance neurons by one time step.

    Returns: spikes (or the potential, of neurons that never spike) and the new potential.

    Examples:
        >>> y, v = step(torch.tensor([[2.5]]), torch.zeros(1, 1), Dynamics())
        >>> y.item(), v.item()
        (2.0, 0.5)
    """
    v_mem = dynamics.alpha * v_mem + dynamics.gain * x
    spikes = None
    threshold = dynamics.spike_threshold
    if threshold is not None:
        spikes = _Spike.apply(v_mem, threshold, dynamics)  # type: ignore[no-untyped-call]
        if dynamics.reset == "subtract":
            v_mem = v_mem - threshold * spikes
        else:
            v_mem = v_mem * (1.0 - _Fired.apply(spikes))  # type: ignore[no-untyped-call]
    if dynamics.min_v_mem is not None:
        v_mem = torch.relu(v_mem - dynamics.min_v_mem) + dynamics.min_v_mem
    return (v_mem if spikes is None else spikes), v_mem


class _Fired(torch.autograd.Function):
    """Say whether a neuron spiked at all; the gradient is that of the count."""

    @staticmethod
    def forward(ctx: Any, spikes: Tensor) -> Tensor:  # noqa: ANN401
        return spikes.clamp_max(1.0)

    @staticmethod
    def backward(ctx: Any, *grad: Tensor) -> Tensor:  # noqa: ANN401
        return grad[0]


def run_reference(
    x: Float[Tensor, "b t n"], v_mem: Float[Tensor, "b n"], dynamics: Dynamics
) -> tuple[Float[Tensor, "b t n"], Float[Tensor, "b n"]]:
    """Advance neurons over all time steps, with autograd through every one of them.

    The loop takes time slices with ``unbind``: ``x[:, t]`` would make the backward pass quadratic
    in time, for each slice's gradient is a full-size tensor of zeros.

    Returns: spikes of each step, and the potential after the last.

    Examples:
        >>> y, v = run_reference(torch.full((1, 4, 1), 0.5), torch.zeros(1, 1), Dynamics())
        >>> y.flatten().tolist()
        [0.0, 1.0, 0.0, 1.0]
    """
    outputs = []
    for x_t in x.unbind(1):
        y_t, v_mem = step(x_t, v_mem, dynamics)
        outputs.append(y_t)
    return torch.stack(outputs, 1), v_mem
