"""Differential-pair integrator neurons, forward and backward: our kernel, and torch by steps."""

from collections.abc import Callable

import torch
from torch import Tensor

from bench_data import Bench
from bench_rows import Row, Target
from bench_timing import LEAD_S, Spread, take_turns
from snn.dpi.circuit import BiasCurrents, Circuit
from snn.dpi.dynamics import DpiNeuron, at_rest, recurrence_rows, run_dpi_reference
from snn.dpi.operators import run_dpi_fused
from snn.surrogate import SingleExponential

SHAPE = (16, 300, 512)
SPIKE_RATE = 0.3
WEIGHT = 4.0
BAR = 20.0
NAMES = {"input": "to the input", "constants": "to the input and to each neuron's constants"}


def measure(bench: Bench) -> list[Row]:
    """Time forward and backward, with gradients to the input alone and to constants as well."""
    generator = torch.Generator().manual_seed(0)
    spikes = torch.rand(SHAPE, generator=generator) < SPIKE_RATE
    gradient = torch.randn(SHAPE, generator=generator)
    return [_row(name, WEIGHT * spikes, gradient, bench.rounds) for name in NAMES]


def _row(name: str, x: Tensor, gradient: Tensor, rounds: int) -> Row:
    learns = name == "constants"
    runs = {
        "ours": _run(run_dpi_fused, x, gradient, learns),
        "peer": _run(run_dpi_reference, x, gradient, learns),
    }
    ours, theirs = runs["ours"](), runs["peer"]()
    worst = max(_relative(a, b) for a, b in zip(ours[1:], theirs[1:], strict=True))
    note = (
        "(batch, time steps, neurons), currents of an untrained layer; torch runs the equations "
        f"step by step, with its autograd. {float(ours[0].mean()):.3f} spikes a step, "
        f"{int((ours[0] != theirs[0]).sum())} of them different; gradients within {worst:.0e}"
    )
    seconds: dict[str, Spread] = take_turns(runs, rounds=3 * rounds, lead_s=LEAD_S)
    return Row(
        name="dpi",
        quantity=f"DPI neurons {SHAPE} forward and backward, gradients {NAMES[name]}",
        unit="ms",
        better="lower",
        ours=seconds["ours"].scaled(1e3),
        peer=seconds["peer"].scaled(1e3),
        peer_name="torch, a loop over time",
        target=Target(of="ratio", bound=BAR),
        note=note,
    )


def _run(
    run: Callable[..., tuple[Tensor, ...]], x: Tensor, gradient: Tensor, learns: bool
) -> Callable[[], tuple[Tensor, ...]]:
    currents = {k: torch.tensor(v) for k, v in BiasCurrents.from_times().to_dict().items()}
    rows = recurrence_rows(currents, Circuit(), 1e-3, 1e-8)[:, None]
    neuron = DpiNeuron(detach_reset=True, surrogate=SingleExponential(width=0.2))

    def once() -> tuple[Tensor, ...]:
        source = x.clone().requires_grad_()
        constants = rows.expand(-1, x.shape[2]).clone().requires_grad_(learns)
        y = run(source, at_rest(x.shape[0], (x.shape[2],), x), constants, neuron)[0]
        wanted = (source, constants) if learns else (source,)
        return (y.detach(), *torch.autograd.grad(y, wanted, gradient))

    return once


def _relative(found: Tensor, other: Tensor) -> float:
    return float((found - other).abs().max() / other.abs().max())
