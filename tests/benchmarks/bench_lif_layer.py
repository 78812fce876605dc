"""One layer of leaky integrate-and-fire neurons, forward and backward, without anything else."""

from collections.abc import Callable

import torch
from torch import Tensor, nn

import snn
from bench_data import Bench
from bench_rows import Row, Target
from bench_timing import take_turns

SHAPE = (16, 300, 512)
TAU_STEPS = 20


def measure(bench: Bench) -> list[Row]:
    """Time forward and backward; the gradient goes to the input, the neurons are the same."""
    import sinabs.layers

    generator = torch.Generator().manual_seed(0)
    x = 4 * torch.rand(SHAPE, generator=generator)
    gradient = torch.randn(SHAPE, generator=generator)
    ours = snn.LIF(tau_mem=TAU_STEPS * 1e-3, dt=1e-3)
    peer = sinabs.layers.LIF(tau_mem=float(TAU_STEPS)).requires_grad_(False)
    run_ours, run_peer = (
        run_layer(ours, x, gradient),
        run_layer(peer, x, gradient, peer.reset_states),
    )
    (y_ours, g_ours), (y_peer, g_peer) = run_ours(), run_peer()
    # A potential within rounding of the threshold may fire in one and not in the other.
    same = (y_ours == y_peer).all(1, keepdim=True)
    error = float(((g_ours - g_peer) * same).norm() / g_peer.norm())
    seconds = take_turns({"ours": run_ours, "peer": run_peer}, rounds=5 * bench.rounds)
    return [
        Row(
            name="lif-layer",
            quantity=f"LIF {SHAPE} forward and backward",
            unit="ms",
            better="lower",
            ours=seconds["ours"].scaled(1e3),
            peer=seconds["peer"].scaled(1e3),
            peer_name="Sinabs LIF",
            target=Target(of="ours", bound=13),
            note=(
                f"batch, time steps, neurons; {float(y_ours.mean()):.3f} spikes a step. In "
                f"{int((~same).sum()):,} of {same.numel():,} neurons some spikes differ; the "
                f"gradients of the others differ by {error:.1e} relative."
            ),
        )
    ]


def run_layer(
    layer: nn.Module, x: Tensor, gradient: Tensor, reset: Callable[[], None] | None = None
) -> Callable[[], tuple[Tensor, Tensor]]:
    """Return a call that does forward and backward, and returns output and input gradient."""

    def run() -> tuple[Tensor, Tensor]:
        if reset is not None:
            reset()
        leaf = x.detach().requires_grad_()
        y: Tensor = layer(leaf)
        torch.autograd.backward(y, gradient)
        assert leaf.grad is not None
        return y.detach(), leaf.grad

    return run
