"""One LIF layer, the same in five libraries: forward, then backward to the input.

All start at rest and step the same neuron: v ← α v + (1 − α) x with α = exp(−1/20), at most one
spike a step, the threshold 1 subtracted after it, gradients through the reset, and the surrogate
exp(−2 |v − 1|). Each takes the layout that its guides recommend.
"""

import math
from collections.abc import Callable
from typing import Any, TypeAlias

import torch
from torch import Tensor, nn

import snn

TAU_STEPS = 20
ALPHA = math.exp(-1 / TAU_STEPS)
NAMES = {
    "ours": "snn.LIF",
    "sinabs": "Sinabs LIF",
    "spikingjelly": "SpikingJelly LIFNode, multi-step",
    "jax": "JAX lax.scan, jit",
    "floor": "x * 1.0 forward and backward",
}

Pass: TypeAlias = tuple[Tensor, Tensor]
"""Output and input gradient, ``(B, T, …)``."""


def rival(name: str, x: Tensor, gradient: Tensor) -> Callable[[], Pass]:
    """Return a call that does forward and backward in one of the libraries.

    Args:
        name: one of `NAMES`.
        x: input ``(B, T, N)``.
        gradient: gradient to the output.
    """
    if name == "jax":
        from bench_jax import jax_lif

        return jax_lif(x, gradient)
    if name == "spikingjelly":
        return _spikingjelly(x, gradient)
    if name == "sinabs":
        layer = sinabs_lif()
        return run_layer(layer, x, gradient, layer.reset_states)
    return run_layer(Floor() if name == "floor" else our_lif(), x, gradient)


class Floor(nn.Module):
    """Multiply by one: the least that any layer reads and writes."""

    def forward(self, x: Tensor) -> Tensor:
        """Return ``x``, multiplied."""
        return x * 1.0


def our_lif() -> snn.LIF:
    """Return our layer."""
    slope = snn.SingleExponential(width=0.5, scale=0.5)
    return snn.LIF(tau_mem=TAU_STEPS * 1e-3, dt=1e-3, max_spikes=1, surrogate=slope)


def sinabs_lif() -> Any:
    """Return Sinabs' layer; its time constant is a parameter, which is not to be trained here."""
    from sinabs import activation
    from sinabs.layers import LIF

    layer = LIF(
        tau_mem=float(TAU_STEPS), spike_fn=activation.SingleSpike, surrogate_grad_fn=sinabs_slope()
    )
    return layer.requires_grad_(False)


def sinabs_slope() -> Callable[..., Tensor]:
    """Return the surrogate in Sinabs."""
    from sinabs import activation

    slope: Callable[..., Tensor] = activation.SingleExponential(grad_width=0.5, grad_scale=0.5)
    return slope


def spikingjelly_lif(*, decay_input: bool = True) -> Any:
    """Return SpikingJelly's layer, with one of the surrogates that its own operator knows."""
    from spikingjelly.activation_based import neuron, surrogate

    return neuron.LIFNode(
        tau=1 / (1 - ALPHA),
        decay_input=decay_input,
        v_reset=None,
        surrogate_function=surrogate.PiecewiseExp(alpha=2.0),
        step_mode="m",
    )


def _spikingjelly(x: Tensor, gradient: Tensor) -> Callable[[], Pass]:
    layer = spikingjelly_lif()
    x, gradient = (one.transpose(0, 1).contiguous() for one in (x, gradient))
    run = run_layer(layer, x, gradient, layer.reset)

    def call() -> Pass:
        y, grad = run()
        return y.transpose(0, 1), grad.transpose(0, 1)

    return call


def run_layer(
    layer: nn.Module, x: Tensor, gradient: Tensor, reset: Callable[[], None] | None = None
) -> Callable[[], Pass]:
    """Return a call that does forward and backward, and returns output and input gradient."""

    def run() -> Pass:
        if reset is not None:
            reset()
        leaf = x.detach().requires_grad_()
        y: Tensor = layer(leaf)
        torch.autograd.backward(y, gradient)
        assert leaf.grad is not None
        return y.detach(), leaf.grad

    return run


def compared(ours: Pass, theirs: Pass) -> str:
    """Say how far spikes and gradients agree.

    A potential within rounding of the threshold may fire in one and not in the other; gradients are
    compared where it did not.
    """
    (y_ours, g_ours), (y_theirs, g_theirs) = ours, theirs
    same = (y_ours == y_theirs).all(1, keepdim=True)
    error = float(((g_ours - g_theirs) * same).norm() / g_theirs.norm())
    return (
        f"spikes differ in {int((~same).sum()):,} of {same.numel():,} neurons, gradients of the "
        f"others by {error:.0e}"
    )
