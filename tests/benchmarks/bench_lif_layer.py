"""One layer of leaky integrate-and-fire neurons, forward and backward, without anything else."""

import torch

from bench_data import Bench
from bench_lif_rivals import NAMES, compared, rival
from bench_rows import Row, Target
from bench_timing import LEAD_S, Spread, take_turns

SHAPES = ((16, 300, 512), (32, 100, 2000))
OURS_MS = {SHAPES[0]: 13.0}
BARS = {"sinabs": 25.0, "spikingjelly": 6.0, "jax": 1.5, "floor": 0.25}
TURNS_A_ROUND = 5


def measure(bench: Bench) -> list[Row]:
    """Time forward and backward; the gradient goes to the input, the neurons are the same."""
    return [row for shape in SHAPES for row in _rows(shape, bench.rounds)]


def _rows(shape: tuple[int, int, int], rounds: int) -> list[Row]:
    generator = torch.Generator().manual_seed(0)
    x = 4 * torch.rand(shape, generator=generator)
    gradient = torch.randn(shape, generator=generator)
    calls = {name: rival(name, x, gradient) for name in NAMES}
    ours = calls["ours"]()
    agree = "; ".join(
        f"{NAMES[name]}: {compared(ours, calls[name]())}"
        for name in ("sinabs", "spikingjelly", "jax")
    )
    note = (
        "(batch, time steps, neurons), the same neurons in each library: at most one spike a step, "
        "threshold subtracted, gradients through the reset, surrogate exp(−2 |v − 1|). "
        "SpikingJelly and JAX run time-major, as their guides say; JAX compiles both passes as one "
        "and picks its own threads. Each turn begins with calls that are not timed. "
        f"At {shape}, {float(ours[0].mean()):.3f} spikes a step; {agree}"
        ", relative."
    )
    seconds = take_turns(calls, rounds=TURNS_A_ROUND * rounds, warmup=3, lead_s=LEAD_S)
    quantity = f"LIF {shape} forward and backward"
    rows = [
        _row(quantity, seconds, name, Target(of="ratio", bound=bar), note)
        for name, bar in BARS.items()
    ]
    if shape in OURS_MS:
        rows[0:0] = [_row(quantity, seconds, None, Target(of="ours", bound=OURS_MS[shape]), note)]
    return rows


def _row(
    quantity: str, seconds: dict[str, Spread], peer: str | None, target: Target, note: str
) -> Row:
    return Row(
        name="lif-layer",
        quantity=quantity,
        unit="ms",
        better="lower",
        ours=seconds["ours"].scaled(1e3),
        peer=None if peer is None else seconds[peer].scaled(1e3),
        peer_name="" if peer is None else NAMES[peer],
        target=target,
        note=note,
    )
