"""What a time step costs in a long sequence beside a short one: linear in time, or not."""

import torch

from bench_data import Bench
from bench_lif_rivals import NAMES, rival
from bench_rows import Row, Target
from bench_timing import Spread, take_turns

ROW_STEPS = 80_000
"""Rows times time steps, the same at all lengths: what does not fit the caches fits at none."""

LENGTHS = (100, 1_000, 10_000)
NEURONS = {"ours": 256, "sinabs": 16}
SLOWER_AT_MOST = 1.5
TURNS_A_ROUND = 5


def measure(bench: Bench) -> list[Row]:
    """Time forward and backward of ours at all lengths, and of Sinabs on a small layer."""
    ours = _per_step("ours", rounds=TURNS_A_ROUND * bench.rounds)
    sinabs = _per_step("sinabs", rounds=min(bench.rounds, 3))
    short, *longer = LENGTHS
    slower = ", ".join(
        f"{sinabs[length].median / sinabs[short].median:.1f} times at {length:,}"
        for length in longer
    )
    return [
        Row(
            name="lif-long",
            quantity=f"LIF {_shape('ours', length)} forward and backward",
            unit="ns per neuron and step",
            better="lower",
            ours=ours[length],
            peer=ours[short],
            peer_name=f"the same on {_shape('ours', short)}",
            target=Target(of="ratio", bound=round(1 / SLOWER_AT_MOST, 2)),
            note=(
                "a ratio of 1 is a cost linear in time. The longer the sequence the fewer the "
                "rows, so that all hold as much. Beside "
                f"{short} steps, {NAMES['sinabs']} with {NEURONS['sinabs']} neurons takes "
                f"{slower} as long for a step."
            ),
        )
        for length in longer
    ]


def _shape(name: str, length: int) -> tuple[int, int, int]:
    return ROW_STEPS // length, length, NEURONS[name]


def _per_step(name: str, *, rounds: int) -> dict[int, Spread]:
    """Return nanoseconds for a step of one neuron, by length."""
    calls = {}
    for length in LENGTHS:
        generator = torch.Generator().manual_seed(0)
        x = 4 * torch.rand(_shape(name, length), generator=generator)
        calls[str(length)] = rival(name, x, torch.ones_like(x))
    seconds = take_turns(calls, rounds=rounds)
    steps = ROW_STEPS * NEURONS[name]
    return {int(length): spread.scaled(1e9 / steps) for length, spread in seconds.items()}
