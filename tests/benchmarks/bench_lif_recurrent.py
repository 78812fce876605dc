"""LIF neurons whose spikes go back to their inputs through a full matrix: ours, and Sinabs'."""

import torch
from torch import Tensor, nn

import snn
from bench_data import Bench
from bench_lif_rivals import TAU_STEPS, our_lif, run_layer, sinabs_slope
from bench_rows import Row, Target
from bench_timing import LEAD_S, take_turns

SHAPE = (16, 300, 512)
TURNS_A_ROUND = 5


def measure(bench: Bench) -> list[Row]:
    """Time forward and backward, with gradients to the input and to the weights."""
    from sinabs import activation
    from sinabs.layers import LIFRecurrent

    generator = torch.Generator().manual_seed(0)
    x = 3 * torch.rand(SHAPE, generator=generator)
    gradient = torch.randn(SHAPE, generator=generator)
    n = SHAPE[-1]
    ours = snn.Recurrent(our_lif(), n)
    connect = nn.Linear(n, n, bias=False)
    with torch.no_grad():
        connect.weight.copy_(ours.weight.T)
    theirs = LIFRecurrent(
        tau_mem=float(TAU_STEPS),
        rec_connect=connect,
        spike_fn=activation.SingleSpike,
        surrogate_grad_fn=sinabs_slope(),
    )
    theirs.tau_mem.requires_grad_(False)
    runs = {
        "ours": run_layer(ours, x, gradient),
        "peer": run_layer(theirs, x, gradient, theirs.reset_states),
    }
    note = _agreement(runs["ours"](), runs["peer"](), ours.weight.grad, connect.weight.grad)
    seconds = take_turns(runs, rounds=TURNS_A_ROUND * bench.rounds, lead_s=LEAD_S)
    return [
        Row(
            name="lif-recurrent",
            quantity=f"recurrent LIF {SHAPE} forward and backward, gradients to weights too",
            unit="ms",
            better="lower",
            ours=seconds["ours"].scaled(1e3),
            peer=seconds["peer"].scaled(1e3),
            peer_name="Sinabs LIFRecurrent",
            target=Target(of="ratio", bound=10),
            note=note,
        )
    ]


def _agreement(
    ours: tuple[Tensor, Tensor],
    theirs: tuple[Tensor, Tensor],
    weight_ours: Tensor | None,
    weight_theirs: Tensor | None,
) -> str:
    """Say how far both agree before rounding sends them apart: one spike moves all after it."""
    assert weight_ours is not None
    assert weight_theirs is not None
    same = (ours[0] == theirs[0]).all(-1).all(-1)
    agree = int(same.sum())
    error = float((ours[1] - theirs[1])[same].norm() / theirs[1][same].norm()) if agree else 0.0
    weights = float((weight_ours - weight_theirs.T).norm() / weight_theirs.norm())
    return (
        f"the neurons of lif-layer, weights of deviation 0.5/√n, {float(ours[0].mean()):.3f} "
        f"spikes a step. All spikes are the same in {agree} of {len(same)} samples; there input "
        f"gradients differ by {error:.0e} relative. A spike that rounding moves in one of the "
        f"others moves what follows: over all samples, weight gradients differ by {weights:.0e}."
    )
