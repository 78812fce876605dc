"""A layer of LIF neurons over 10² to 10⁴ time steps: is the cost linear in time?"""

from dataclasses import replace

import torch

from bench_curves import Curve, Line, time_along
from bench_data import Bench
from bench_lif_rivals import NAMES, rival
from bench_timing import Spread

LENGTHS = (100, 300, 1_000, 3_000, 10_000)
ROWS, NEURONS = 4, 128
PEER_UP_TO = 3_000


def measure(bench: Bench) -> list[Curve]:
    """Time forward and backward of ours at all lengths, and of Sinabs as far as one can wait."""
    few = [length for length in LENGTHS if length <= PEER_UP_TO]
    ours = _milliseconds("ours", list(LENGTHS), rounds=2 * bench.rounds)
    peer = _milliseconds("sinabs", few, rounds=min(bench.rounds, 3))
    curve = Curve(
        name="scaling-steps",
        quantity=f"LIF ({ROWS}, T, {NEURONS}) forward and backward",
        along="time steps T",
        unit="ms",
        better="lower",
        lines=(
            Line(name=NAMES["ours"], points=ours, ours=True),
            Line(name=NAMES["sinabs"], points=peer),
        ),
    )
    growth = [f"{line.name} as T to the power of {curve.growth(line):.2f}" for line in curve.lines]
    note = (
        "linear is a power of 1; from first to last point time grows for "
        f"{' and for '.join(growth)}. "
        f"Sinabs is measured up to {PEER_UP_TO:,} steps."
    )
    return [replace(curve, note=note)]


def _milliseconds(name: str, lengths: list[int], *, rounds: int) -> dict[float, Spread]:
    calls = {}
    for length in lengths:
        generator = torch.Generator().manual_seed(0)
        x = 4 * torch.rand((ROWS, length, NEURONS), generator=generator)
        calls[length] = rival(name, x, torch.ones_like(x))
    seconds = time_along(calls, rounds=rounds)
    return {float(length): spread.scaled(1e3) for length, spread in seconds.items()}
