r"""What a spiking layer computes, as a plain loop over time: the definition every kernel must meet.

One step, from the state of the step before and the inputs x of the neuron's synapses k:

$$
i_{k,t} &= \beta_k (i_{k,t-1} + x_{k,t}) \quad (\text{without synapses } i_t = x_t) \\
\tilde v_t &= \alpha v_{t-1} + g \textstyle\sum_k i_{k,t} + c \\
\theta_t &= \theta + a\, b_{t-1} \quad (\text{without adaptation } \theta) \\
s_t &= \min(\lfloor \tilde v_t / \theta_t \rfloor, n_{max}) \text{ where } \tilde v_t \ge \theta_t,
\text{ else } 0 \\
v_t &= \max(\tilde v_t - \theta_t s_t,\; v_{min})
\quad (\text{or } v_{reset} \text{ after a spike, or } \tilde v_t \text{ without reset}) \\
b_t &= \rho b_{t-1} + (1 - \rho) s_t
$$

Recurrent neurons add the spikes of the step before, weighted, to their inputs. Gradients flow
through the reset, unless it is detached: they are those of backpropagation through time, with the
surrogate in place of the derivative of a spike and none other.
"""

from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

import torch
from jaxtyping import Float
from torch import Tensor

from eventstore.errors import InvalidInput
from snn.surrogate import SingleExponential, Surrogate

Reset: TypeAlias = Literal["subtract", "set", "none"]

ALPHA, GAIN, THRESHOLD, BIAS, RHO, ADAPT_SCALE, BETA = range(7)
"""Rows of a neuron's constants; from BETA on one for each synapse."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Neuron:
    """A kind of neuron: what its step consists of. Its numbers are constants, in a tensor.

    Args:
        n_synapses: exponential synapses of each neuron; 0: the input goes to the membrane.
        adaptive: whether spikes raise the threshold.
        spiking: whether it spikes at all; else its potential is its output.
        max_spikes: most spikes in one step; None: as many as thresholds were reached.
        reset: ``"subtract"`` the threshold for each spike, ``"set"`` to ``v_reset``, or
            ``"none"``: spikes leave the potential alone.
        v_reset: potential after a spike, where it is set.
        detach_reset: keep gradients from flowing through the spikes of the reset.
        min_v_mem: the potential is kept at or above this, after the reset; None: no bound.
        recurrent: whether spikes go back to the inputs, a step later.
        surrogate: derivative of a spike.

    Raises:
        InvalidInput: a number is out of range or a name unknown.

    Examples:
        >>> Neuron(n_synapses=2).n_states
        3
    """

    n_synapses: int = 0
    adaptive: bool = False
    spiking: bool = True
    max_spikes: int | None = None
    reset: Reset = "subtract"
    v_reset: float = 0.0
    detach_reset: bool = False
    min_v_mem: float | None = None
    recurrent: bool = False
    surrogate: Surrogate = field(default_factory=SingleExponential)

    def __post_init__(self) -> None:
        if self.max_spikes is not None and self.max_spikes < 1:
            message = f"max_spikes {self.max_spikes} is less than 1"
            raise InvalidInput(message, hint="1: at most one a step; None: no limit")
        if self.min_v_mem is not None and self.min_v_mem > 0:
            message = f"min_v_mem {self.min_v_mem} is above 0, the resting potential"
            raise InvalidInput(message, hint="use −1 for one threshold below rest, or None")
        if self.reset not in RESETS:
            message = f"unknown reset {self.reset!r}"
            raise InvalidInput(message, hint=f"use {', '.join(map(repr, RESETS))}")
        if not self.spiking and (self.adaptive or self.recurrent):
            message = "a neuron that never spikes can neither adapt nor be recurrent"
            raise InvalidInput(message, hint="both act through its spikes")

    @property
    def n_states(self) -> int:
        """Numbers that one neuron remembers: potential, currents, adaptation, spikes."""
        return 1 + self.n_synapses + self.adaptive + self.recurrent

    @property
    def n_inputs(self) -> int:
        """Inputs of one neuron."""
        return max(self.n_synapses, 1)

    @property
    def n_constants(self) -> int:
        """Rows of its constants."""
        return BETA + self.n_synapses


RESETS: tuple[Reset, ...] = ("subtract", "set", "none")


class _Spike(torch.autograd.Function):
    """Count spikes forwards; multiply by the surrogate backwards."""

    @staticmethod
    def forward(ctx: Any, v_mem: Tensor, threshold: Tensor, neuron: Neuron) -> Tensor:  # noqa: ANN401
        ctx.save_for_backward(v_mem, threshold)
        ctx.neuron = neuron
        count = torch.floor(v_mem / threshold).clamp_min(0.0)
        return count if neuron.max_spikes is None else count.clamp_max(neuron.max_spikes)

    @staticmethod
    def backward(ctx: Any, *grad_spikes: Tensor) -> tuple[Tensor, Tensor, None]:  # noqa: ANN401
        v_mem, threshold = ctx.saved_tensors
        r = v_mem / threshold
        grad_v = grad_spikes[0] * ctx.neuron.surrogate.h(r) / threshold
        return grad_v, (-r * grad_v).sum_to_size(threshold.shape), None


class _Fired(torch.autograd.Function):
    """Say whether a neuron spiked at all; the gradient is that of the count."""

    @staticmethod
    def forward(ctx: Any, spikes: Tensor) -> Tensor:  # noqa: ANN401
        return spikes.clamp_max(1.0)

    @staticmethod
    def backward(ctx: Any, *grad: Tensor) -> Tensor:  # noqa: ANN401
        return grad[0]


def count_spikes(v_mem: Tensor, threshold: Tensor, neuron: Neuron) -> Tensor:
    """Return how many spikes a potential makes, with the surrogate for a derivative.

    Examples:
        >>> count_spikes(torch.tensor([-1.0, 2.5]), torch.tensor(1.0), Neuron()).tolist()
        [0.0, 2.0]
    """
    spikes: Tensor = _Spike.apply(v_mem, threshold, neuron)  # type: ignore[no-untyped-call]
    return spikes


def step(
    x: Float[Tensor, "b s n"],
    state: Float[Tensor, "b k n"],
    constants: Float[Tensor, "p n"],
    neuron: Neuron,
    weight: Float[Tensor, "n m"] | None = None,
) -> tuple[Float[Tensor, "b n"], Float[Tensor, "b k n"]]:
    """Advance neurons by one time step.

    Args:
        x: input of each synapse.
        state: potential, then the current of each synapse, adaptation and spikes, as far as the
            neuron has them.
        constants: alpha, gain, threshold, bias, rho, adapt_scale, and beta of each synapse; each of
            every neuron, or one for all.
        neuron: what the step consists of.
        weight: of recurrent neurons, ``(n, s·n)``: from the spikes to the inputs.

    Returns: spikes (or the potential, of neurons that never spike) and the new state.

    Examples:
        >>> one = torch.tensor([1.0, 1.0, 1.0, 0.0, 0.0, 0.0])[:, None]
        >>> y, state = step(torch.tensor([[[2.5]]]), torch.zeros(1, 1, 1), one, Neuron())
        >>> y.item(), state.item()
        (2.0, 0.5)
    """
    v_mem, *rest = state.unbind(1)
    if neuron.recurrent:
        if weight is None:
            message = "recurrent neurons need a weight"
            raise InvalidInput(message, hint="pass the (n, s·n) tensor from spikes to inputs")
        x = x + (rest.pop() @ weight).view(x.shape)
    adaptation = rest.pop() if neuron.adaptive else None
    currents = [
        beta * (current + x_k)
        for beta, current, x_k in zip(constants[BETA:], rest, x.unbind(1), strict=False)
    ]
    total = sum(currents[1:], currents[0]) if currents else x[:, 0]
    v_mem = constants[ALPHA] * v_mem + constants[GAIN] * total + constants[BIAS]
    threshold = constants[THRESHOLD]
    if adaptation is not None:
        threshold = threshold + constants[ADAPT_SCALE] * adaptation
    spikes: Tensor | None = None
    if neuron.spiking:
        spikes = count_spikes(v_mem, threshold, neuron)
        v_mem = _after_reset(v_mem, spikes, threshold, neuron)
    if neuron.min_v_mem is not None:
        v_mem = torch.relu(v_mem - neuron.min_v_mem) + neuron.min_v_mem
    after = [v_mem, *currents]
    if adaptation is not None and spikes is not None:
        rho = constants[RHO]
        after.append(rho * adaptation + (1 - rho) * spikes)
    if neuron.recurrent and spikes is not None:
        after.append(spikes)
    return (v_mem if spikes is None else spikes), torch.stack(after, 1)


def _after_reset(v_mem: Tensor, spikes: Tensor, threshold: Tensor, neuron: Neuron) -> Tensor:
    """Return the potential after its spikes were taken off."""
    if neuron.reset == "none":
        return v_mem
    if neuron.detach_reset:
        spikes = spikes.detach()
    if neuron.reset == "subtract":
        return v_mem - threshold * spikes
    fired: Tensor = _Fired.apply(spikes)  # type: ignore[no-untyped-call]
    return v_mem * (1.0 - fired) + neuron.v_reset * fired


def run_reference(
    x: Float[Tensor, "b t s n"],
    state: Float[Tensor, "b k n"],
    constants: Float[Tensor, "p n"],
    neuron: Neuron,
    weight: Float[Tensor, "n m"] | None = None,
) -> tuple[Float[Tensor, "b t n"], Float[Tensor, "b k n"]]:
    """Advance neurons over all time steps, with autograd through every one of them.

    The loop takes time slices with ``unbind``: ``x[:, t]`` would make the backward pass quadratic
    in time, for each slice's gradient is a full-size tensor of zeros. Arguments as for `step`.

    Returns: spikes of each step, and the state after the last.

    Examples:
        >>> one = torch.tensor([1.0, 1.0, 1.0, 0.0, 0.0, 0.0])[:, None]
        >>> x = torch.full((1, 4, 1, 1), 0.5)
        >>> y, state = run_reference(x, torch.zeros(1, 1, 1), one, Neuron())
        >>> y.flatten().tolist()
        [0.0, 1.0, 0.0, 1.0]
    """
    outputs = []
    for x_t in x.unbind(1):
        y_t, state = step(x_t, state, constants, neuron, weight)
        outputs.append(y_t)
    return torch.stack(outputs, 1), state
