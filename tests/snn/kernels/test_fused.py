from collections.abc import Callable
from dataclasses import replace
from typing import TypeAlias

import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch import Tensor

from snn.dynamics import Dynamics, run_reference, step
from snn.kernels.fused import can_fuse, run_fused, variant_of
from snn.kernels.template import STRIDE
from snn.surrogate import Heaviside, PeriodicExponential, SingleExponential

# Every option of the template with and without every other, in as few kernels as that takes.
NEURONS = [
    Dynamics(),
    Dynamics(alpha=0.95, gain=0.05, surrogate=SingleExponential(width=0.9, scale=0.5)),
    Dynamics(min_v_mem=-1.0),
    Dynamics(alpha=0.6, spike_threshold=0.37, min_v_mem=-0.21),
    Dynamics(reset="zero", spikes="single", min_v_mem=-1.0),
    Dynamics(alpha=0.95, reset="zero", surrogate=PeriodicExponential(width=0.4)),
    Dynamics(alpha=0.6, spikes="single", spike_threshold=0.37, surrogate=Heaviside(width=0.7)),
    Dynamics(spike_threshold=None, alpha=0.95, gain=0.05),
    Dynamics(spike_threshold=None, alpha=0.6, min_v_mem=-0.21),
]
neurons = st.sampled_from(NEURONS)
Shape: TypeAlias = tuple[int, int, int]
Pair: TypeAlias = tuple[Tensor, Tensor]

short = st.tuples(st.integers(1, 3), st.integers(1, 30), st.integers(1, 37))
long = st.tuples(st.integers(1, 2), st.integers(STRIDE - 1, 2 * STRIDE + 2), st.integers(1, 5))
shapes = short | long


def inputs(shape: Shape, seed: int, dynamics: Dynamics) -> tuple[Tensor, Tensor, Pair]:
    rng = torch.Generator().manual_seed(seed)
    x = 0.4 * dynamics.gain + torch.randn(shape, generator=rng) / dynamics.gain**0.5
    v_mem = torch.rand(shape[0], shape[2], generator=rng) - 0.2
    grads = torch.randn(shape, generator=rng), torch.randn(v_mem.shape, generator=rng)
    return x, v_mem, grads


def with_gradients(
    run: Callable[[Tensor, Tensor, Dynamics], Pair],
    x: Tensor,
    v_mem: Tensor,
    dynamics: Dynamics,
    grads: Pair,
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    x, v_mem = x.clone().requires_grad_(), v_mem.clone().requires_grad_()
    y, v_last = run(x, v_mem, dynamics)
    torch.autograd.backward((y, v_last), tuple(g.to(x.dtype) for g in grads))
    assert x.grad is not None
    assert v_mem.grad is not None
    return y.detach(), v_last.detach(), x.grad, v_mem.grad


def distance_to_an_edge(x: Tensor, v_mem: Tensor, dynamics: Dynamics) -> float:
    """Smallest distance of a potential to where spikes, bounds or slopes jump."""
    threshold = dynamics.spike_threshold or 1.0
    least = float("inf")
    for x_t in x.unbind(1):
        before = dynamics.alpha * v_mem + dynamics.gain * x_t
        _, v_mem = step(x_t, v_mem, dynamics)
        _, free = step(x_t, v_mem, replace(dynamics, min_v_mem=None))
        edges = [
            before / threshold - torch.round(before / threshold),
            before - threshold + dynamics.surrogate.width,
            2 * before / threshold - torch.round(2 * before / threshold),
            before - (dynamics.min_v_mem or 0.0),
            free - (dynamics.min_v_mem or 0.0),
        ]
        least = min(least, *(float(e.abs().min()) for e in edges))
    return least


@given(neurons, shapes, st.integers(0, 2**31))
def test_spikes_and_state_equal_the_reference(dynamics: Dynamics, shape: Shape, seed: int) -> None:
    x, v_mem, _ = inputs(shape, seed, dynamics)
    y, v_last = run_fused(x, v_mem, dynamics)
    y_ref, v_ref = run_reference(x, v_mem, dynamics)
    assert torch.equal(y, y_ref)
    assert torch.equal(v_last, v_ref)


@settings(max_examples=80)
@given(neurons, shapes, st.integers(0, 2**31))
def test_gradients_equal_float64_autograd(dynamics: Dynamics, shape: Shape, seed: int) -> None:
    x, v_mem, grads = inputs(shape, seed, dynamics)
    assume(distance_to_an_edge(x.double(), v_mem.double(), dynamics) > 3e-6)
    _, _, *ours = with_gradients(run_fused, x, v_mem, dynamics, grads)
    _, _, *exact = with_gradients(run_reference, x.double(), v_mem.double(), dynamics, grads)
    for mine, true in zip(ours, exact, strict=True):
        assert float((mine - true).abs().max()) <= 1e-5 * float(true.abs().max()) + 1e-9


@given(neurons, shapes, st.integers(0, 2**31), st.data())
def test_chunks_with_carried_state_equal_the_whole(
    dynamics: Dynamics, shape: Shape, seed: int, data: st.DataObject
) -> None:
    x, v_mem, grads = inputs(shape, seed, dynamics)
    cut = data.draw(st.integers(1, shape[1]))

    def in_chunks(x: Tensor, v_mem: Tensor, dynamics: Dynamics) -> Pair:
        first, v_mem = run_fused(x[:, :cut], v_mem, dynamics)
        if cut == shape[1]:
            return first, v_mem
        second, v_mem = run_fused(x[:, cut:], v_mem, dynamics)
        return torch.cat([first, second], 1), v_mem

    whole = with_gradients(run_fused, x, v_mem, dynamics, grads)
    parts = with_gradients(in_chunks, x, v_mem, dynamics, grads)
    for one, other in zip(whole, parts, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-6, atol=1e-7)


def test_large_input_is_shared_by_threads_without_a_difference() -> None:
    x = torch.randn(3, 33, 5001, generator=torch.Generator().manual_seed(0)) + 0.3
    x.requires_grad_()
    seen = []
    before = torch.get_num_threads()
    for threads in (1, 2):
        torch.set_num_threads(threads)
        y, _ = run_fused(x, torch.zeros(3, 5001), Dynamics(min_v_mem=-1.0))
        (gx,) = torch.autograd.grad((y * y).sum(), x)
        seen.append((y, gx))
    torch.set_num_threads(before)
    assert torch.equal(seen[0][0], seen[1][0])
    assert torch.equal(seen[0][1], seen[1][1])


def test_training_keeps_little_beside_input_and_output() -> None:
    kept: list[int] = []

    def count(saved: Tensor) -> Tensor:
        kept.append(saved.numel())
        return saved

    x = torch.ones(2, 320, 50, requires_grad=True)
    with torch.autograd.graph.saved_tensors_hooks(count, lambda saved: saved):
        run_fused(x, torch.zeros(2, 50), Dynamics())
    assert sum(kept) - x.numel() == x.numel() // STRIDE


def test_either_output_alone_has_a_gradient() -> None:
    x = torch.full((1, 3, 1), 0.25, requires_grad=True)
    y, v_last = run_fused(x, torch.zeros(1, 1), Dynamics(spike_threshold=None))
    by_y = torch.autograd.grad(y.sum(), x, retain_graph=True)[0]
    by_v = torch.autograd.grad(v_last.sum(), x)[0]
    assert by_y.flatten().tolist() == [3, 2, 1]
    assert by_v.flatten().tolist() == [1, 1, 1]


def test_a_second_derivative_is_refused() -> None:
    x = torch.ones(1, 4, 1, requires_grad=True)
    y, _ = run_fused(x, torch.zeros(1, 1), Dynamics())
    (gx,) = torch.autograd.grad(y.sum(), x, create_graph=True)
    with pytest.raises(RuntimeError, match="does not require grad"):
        torch.autograd.grad(gx.sum(), x)


def test_what_does_not_fit_the_kernel_goes_to_the_reference() -> None:
    x, v = torch.ones(1, 2, 3), torch.zeros(1, 3)
    assert can_fuse(x, v, Dynamics())
    assert not can_fuse(x.double(), v.double(), Dynamics())
    assert not can_fuse(x[:, :, :0], v[:, :0], Dynamics())


def test_options_without_effect_share_a_kernel() -> None:
    quiet = Dynamics(spike_threshold=None)
    assert variant_of(quiet) == variant_of(
        Dynamics(spike_threshold=None, reset="zero", spikes="single", surrogate=Heaviside())
    )
    assert variant_of(Dynamics(alpha=0.5)) == variant_of(Dynamics(spike_threshold=2.0))
