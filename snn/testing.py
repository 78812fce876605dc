"""For tests of neurons and kernels: constants, inputs, and gradients to compare."""

from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeAlias

import torch
from torch import Tensor

from snn.dynamics import Neuron
from snn.surrogate import (
    ArcTan,
    FastSigmoid,
    Gaussian,
    Heaviside,
    MultiGaussian,
    PeriodicExponential,
    SingleExponential,
    StraightThrough,
    Triangular,
)

NEURONS = (
    Neuron(),
    Neuron(max_spikes=1, min_v_mem=-0.5, surrogate=Heaviside(width=0.7)),
    Neuron(max_spikes=2, reset="set", surrogate=PeriodicExponential(width=0.4)),
    Neuron(reset="set", v_reset=-0.25, min_v_mem=-0.5, surrogate=SingleExponential(scale=0.5)),
    Neuron(reset="set", detach_reset=True, max_spikes=1, surrogate=Gaussian()),
    Neuron(detach_reset=True, min_v_mem=-0.3, surrogate=MultiGaussian()),
    Neuron(reset="none", surrogate=FastSigmoid(width=0.1)),
    Neuron(reset="none", min_v_mem=-0.2, max_spikes=1, surrogate=ArcTan()),
    Neuron(n_synapses=1, surrogate=Triangular(width=1.0)),
    Neuron(n_synapses=2, max_spikes=3, min_v_mem=-0.4, surrogate=StraightThrough(scale=0.3)),
    Neuron(adaptive=True, max_spikes=1),
    Neuron(adaptive=True, reset="set", n_synapses=1, surrogate=ArcTan(width=0.8)),
    Neuron(adaptive=True, reset="none", detach_reset=True),
    Neuron(spiking=False),
    Neuron(spiking=False, min_v_mem=-0.1, n_synapses=2),
    Neuron(recurrent=True, max_spikes=1),
    Neuron(recurrent=True, reset="set", v_reset=0.2, surrogate=FastSigmoid()),
    Neuron(recurrent=True, n_synapses=2, adaptive=True, min_v_mem=-1.0),
)
"""Kinds that together have every option, with and without others."""

Run: TypeAlias = Callable[..., tuple[Tensor, Tensor]]
"""``(x, state, constants, neuron, weight) -> (y, state)``, as ``run_reference``."""


def constants_of(
    neuron: Neuron,
    *,
    alpha: float = 1.0,
    gain: float = 1.0,
    spike_threshold: float = 1.0,
    bias: float = 0.0,
    rho: float = 0.0,
    adapt_scale: float = 0.0,
    beta: Sequence[float] = (),
) -> Tensor:
    """Return constants of a neuron, one column for all.

    Examples:
        >>> constants_of(Neuron(n_synapses=1), beta=[0.5]).flatten().tolist()
        [1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.5]
    """
    rows = [alpha, gain, spike_threshold, bias, rho, adapt_scale, *beta]
    return torch.tensor(rows[: neuron.n_constants])[:, None]


class Case(NamedTuple):
    """What neurons are given, and gradients to what they give, in double precision."""

    neuron: Neuron
    x: Tensor
    state: Tensor
    constants: Tensor
    weight: Tensor | None
    grads: tuple[Tensor, Tensor]

    def to(self, dtype: torch.dtype) -> "Case":
        """Return the case in another precision."""
        weight = None if self.weight is None else self.weight.to(dtype)
        grad_y, grad_state = self.grads
        return self._replace(
            x=self.x.to(dtype),
            state=self.state.to(dtype),
            constants=self.constants.to(dtype),
            weight=weight,
            grads=(grad_y.to(dtype), grad_state.to(dtype)),
        )


def random_case(
    neuron: Neuron, shape: tuple[int, int, int], seed: int, *, each: bool = False
) -> Case:
    """Return a case of ``(batch, steps, neurons)`` whose numbers single precision holds exactly.

    Weights and spikes are multiples of 1/64, so that sums of them do not depend on their order.

    Args:
        neuron: the neurons.
        shape: batch, time steps, neurons.
        seed: of all numbers.
        each: whether each neuron has constants of its own.
    """
    rng = torch.Generator().manual_seed(seed)
    batch, steps, n = shape

    def normal(*sizes: int) -> Tensor:
        return torch.randn(sizes, generator=rng).double()

    x = 0.8 * normal(batch, steps, neuron.n_inputs, n) + 0.3
    state = 0.3 * normal(batch, neuron.n_states, n)
    if neuron.recurrent:
        state[:, -1] = (state[:, -1] > 0).double()
    rows = [0.9, 0.7, 1.1, 0.05, 0.8, 0.6, *(0.7 - 0.15 * k for k in range(neuron.n_synapses))]
    constants = torch.tensor(rows).double()[:, None]
    if each:
        constants = constants * (1 + 0.05 * torch.rand(len(rows), n, generator=rng).double())
    weight = None
    if neuron.recurrent:
        weight = torch.randint(-8, 9, (n, neuron.n_inputs * n), generator=rng).double() / 64
    grads = normal(batch, steps, n), normal(batch, neuron.n_states, n)
    case = Case(neuron, x, state, constants, weight, grads)
    return case.to(torch.float32).to(torch.float64)


class Found(NamedTuple):
    """What a run gave, and the gradients to what it was given."""

    y: Tensor
    state: Tensor
    grads: tuple[Tensor, ...]


def run_case(run: Run, case: Case) -> Found:
    """Run neurons and take the case's gradients back to input, state, constants and weight."""
    given = [case.x, case.state, case.constants, *([] if case.weight is None else [case.weight])]
    leaves = [one.detach().clone().requires_grad_() for one in given]
    x, state, constants, *weight = leaves
    y, last = run(x, state, constants, case.neuron, weight[0] if weight else None)
    grads = torch.autograd.grad((y, last), leaves, case.grads)
    return Found(y.detach(), last.detach(), grads)


def relative_error(found: Tensor, exact: Tensor) -> float:
    """Return the largest difference relative to the largest number."""
    scale = float(exact.abs().max()) or 1.0
    return float((found.double() - exact).abs().max()) / scale
