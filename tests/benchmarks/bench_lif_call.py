"""What a call of one small LIF layer costs: how fast a stream can be, step by step."""

from collections.abc import Callable

import torch
from torch import Tensor

from bench_data import Bench
from bench_lif_rivals import NAMES, our_lif, rival, sinabs_lif, spikingjelly_lif
from bench_rows import Row
from bench_timing import take_turns

SHAPE = (1, 1, 10)
CALLS = 1_000
TURNS_A_ROUND = 4
PEERS = ("sinabs", "spikingjelly")


def measure(bench: Bench) -> list[Row]:
    """Time many calls of the smallest use, where Python is all there is."""
    x = torch.rand(SHAPE)
    forward = {name: _repeated(call) for name, call in _forward(x).items()}
    both = {name: _repeated(rival(name, x, torch.ones(SHAPE))) for name in ("ours", *PEERS)}
    rows = []
    for what, calls in (("forward without gradients", forward), ("forward and backward", both)):
        seconds = take_turns(calls, rounds=TURNS_A_ROUND * bench.rounds)
        rows += [
            Row(
                name="lif-call",
                quantity=f"a call of LIF {SHAPE}, {what}",
                unit="µs",
                better="lower",
                ours=seconds["ours"].scaled(1e6 / CALLS),
                peer=seconds[name].scaled(1e6 / CALLS),
                peer_name=NAMES[name],
                note="the layers of lif-layer on one time step of ten neurons, at rest each time.",
            )
            for name in PEERS
        ]
    return rows


def _forward(x: Tensor) -> dict[str, Callable[[], object]]:
    ours, sinabs, spikingjelly = our_lif(), sinabs_lif(), spikingjelly_lif()

    @torch.no_grad()
    def call_ours() -> object:
        return ours(x)

    @torch.no_grad()
    def call_sinabs() -> object:
        sinabs.reset_states()
        return sinabs(x)

    @torch.no_grad()
    def call_spikingjelly() -> object:
        spikingjelly.reset()
        return spikingjelly(x)

    return {"ours": call_ours, "sinabs": call_sinabs, "spikingjelly": call_spikingjelly}


def _repeated(call: Callable[[], object]) -> Callable[[], None]:
    def run() -> None:
        for _ in range(CALLS):
            call()

    return run
