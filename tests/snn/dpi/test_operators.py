"""Kernels against autograd of the reference."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from snn.dpi.circuit import BiasCurrents, Circuit
from snn.dpi.dynamics import (
    N_ROWS,
    N_STATES,
    REFRACTORY,
    REST,
    DpiNeuron,
    at_rest,
    recurrence_rows,
    run_dpi_reference,
)
from snn.dpi.layout import BLOCK
from snn.dpi.operators import can_fuse_dpi, dpi_neurons, dpi_neurons_backward, run_dpi_fused
from snn.kernels.template import STRIDE
from snn.surrogate import FastSigmoid, SingleExponential
from snn.testing import relative_error

CHAIN = DpiNeuron(detach_reset=True, surrogate=SingleExponential(width=0.2))  # as of layers
WOVEN = DpiNeuron(recurrent=True, surrogate=FastSigmoid(width=0.1))
KINDS = (CHAIN, WOVEN)

edges = st.sampled_from([STRIDE - 1, STRIDE, STRIDE + 1, 2 * STRIDE + 2])  # of kept states
shapes = st.tuples(st.integers(1, 6), st.integers(1, 24) | edges, st.integers(1, 12))


def random_case(
    neuron: DpiNeuron, shape: tuple[int, int, int], seed: int
) -> tuple[list[Tensor], tuple[Tensor, Tensor]]:
    """Return input, state, constants and weight, and gradients to what comes out, in double.

    Neurons fire, adapt and inhibit each other; each has currents of its own.
    """
    rng = torch.Generator().manual_seed(seed)
    batch, steps, n = shape

    def normal(*sizes: int) -> Tensor:
        return torch.randn(sizes, generator=rng, dtype=torch.float64)

    alike = BiasCurrents.from_times(t_ref=2.5e-3, iw_ahp=4e-7, gain_ahp=50.0).to_dict()
    currents = {name: v * torch.exp(0.2 * normal(n)) for name, v in alike.items()}
    rows = recurrence_rows(currents, Circuit(), 1e-3, 1e-8)
    x = 8.0 * normal(batch, steps, n) + 8.0
    state = at_rest(batch, (n,), x)
    state[:, :3] += 50.0 * normal(batch, 3, n).abs()
    state[:, 3] = state[:, 2].log()
    state[:, REST] = (normal(batch, n) > 1.0).double()
    given = [x, state, rows]
    if neuron.recurrent:
        state[:, -1] = (normal(batch, n) > 0).double()
        given.append(3.0 * normal(n, n))
    grads = normal(batch, steps, n), normal(batch, N_STATES, n)
    grads[1][:, REST] = 0.0
    return given, grads


def run(
    neuron: DpiNeuron, given: list[Tensor], grads: tuple[Tensor, Tensor], *, fused: bool
) -> tuple[Tensor, Tensor, list[Tensor]]:
    leaves = [one.detach().clone().requires_grad_() for one in given]
    x, state, rows, *weight = leaves
    woven = weight[0] if weight else None
    if fused:
        y, last = run_dpi_fused(x, state, rows, neuron, woven)
    else:
        y, last, _ = run_dpi_reference(x, state, rows, neuron, woven)
    found = torch.autograd.grad((y, last), leaves, grads, materialize_grads=True)
    return y.detach(), last.detach(), list(found)


@pytest.mark.parametrize("neuron", KINDS, ids=["chain", "woven"])
@settings(max_examples=12, deadline=None)
@given(shape=shapes, seed=st.integers(0, 2**31))
def test_equals_autograd_of_the_reference_in_double_precision(
    neuron: DpiNeuron, shape: tuple[int, int, int], seed: int
) -> None:
    case, grads = random_case(neuron, shape, seed)
    ours, exact = run(neuron, case, grads, fused=True), run(neuron, case, grads, fused=False)
    assert torch.equal(ours[0], exact[0])
    assert relative_error(ours[1], exact[1]) <= 1e-10
    for name, mine, true in zip(("x", "state", "rows", "weight"), ours[2], exact[2], strict=False):
        by_row = mine if name in {"x", "weight"} else mine.movedim(-2, 0)
        wanted = true if name in {"x", "weight"} else true.movedim(-2, 0)
        for at, (one, other) in enumerate(zip(by_row, wanted, strict=True)):
            if name != "rows" or at != REFRACTORY:  # how many steps: no slope
                assert relative_error(one, other) <= 1e-8, (name, at)


def test_blocks_of_neurons_meet_without_a_seam() -> None:
    for neuron, scale in ((CHAIN, 1.0), (WOVEN, 0.1)):
        case, grads = random_case(neuron, (2, STRIDE + 2, 2 * BLOCK + 3), 1)
        case[3:] = [scale * weight for weight in case[3:]]
        ours, exact = run(neuron, case, grads, fused=True), run(neuron, case, grads, fused=False)
        assert torch.equal(ours[0], exact[0])
        assert exact[0].sum() > 500
        for mine, true in zip((ours[1], *ours[2]), (exact[1], *exact[2]), strict=True):
            assert relative_error(mine, true) <= 1e-8


def test_single_precision_is_as_exact_as_torch_is() -> None:
    """Gradients grow through resets of five orders of magnitude, and their errors with them."""
    for neuron in KINDS:
        case, grads = random_case(neuron, (3, 80, 7), 5)
        low = [one.float() for one in case], (grads[0].float(), grads[1].float())
        exact = run(neuron, case, grads, fused=False)
        ours, torchs = run(neuron, *low, fused=True), run(neuron, *low, fused=False)
        assert torch.equal(ours[0].double(), exact[0])
        assert exact[0].sum() > 30
        error = relative_error(ours[2][0], exact[2][0])
        assert error <= 1e-5 + 10 * relative_error(torchs[2][0], exact[2][0])


def test_gradients_of_a_usual_layer_are_exact_in_single_precision() -> None:
    usual = DpiNeuron(detach_reset=True, surrogate=SingleExponential(width=0.2))
    currents = {k: torch.tensor([v]) for k, v in BiasCurrents.from_times().to_dict().items()}
    rows = recurrence_rows(currents, Circuit(), 1e-3, 1e-8).double()
    rng = torch.Generator().manual_seed(2)
    x = 4 * torch.bernoulli(torch.full((4, 100, 64), 0.3, dtype=torch.float64), generator=rng)
    grads = torch.randn(x.shape, generator=rng).double(), torch.zeros(4, N_STATES, 64).double()
    case = [x, at_rest(4, (64,), x), rows]
    low = [one.float() for one in case], (grads[0].float(), grads[1].float())
    exact, ours = run(usual, case, grads, fused=False), run(usual, *low, fused=True)
    assert torch.equal(ours[0].double(), exact[0])
    assert exact[0].sum() > 1000
    for mine, true in zip(ours[2], exact[2], strict=True):
        assert relative_error(mine, true) <= 1e-5


def test_one_column_of_constants_serves_all_neurons() -> None:
    case, grads = random_case(CHAIN, (2, 20, 4), 3)
    x, state, rows = case
    one = rows[:, :1].clone().requires_grad_()
    each = one.detach().expand(N_ROWS, 4).clone().requires_grad_()
    found = torch.autograd.grad(run_dpi_fused(x, state, one, CHAIN)[0], one, grads[0])[0]
    parts = torch.autograd.grad(run_dpi_fused(x, state, each, CHAIN)[0], each, grads[0])[0]
    torch.testing.assert_close(found, parts.sum(1, keepdim=True))


def test_compilers_and_checkers_of_torch_accept_the_operators() -> None:
    (x, state, rows, weight), grads = random_case(WOVEN, (2, 6, 3), 1)
    kind, numbers = [1, 0, WOVEN.surrogate.code], list(WOVEN.surrogate.numbers)
    leaves = [one.clone().requires_grad_() for one in (x, state, rows, weight)]
    tests = ("test_schema", "test_faketensor", "test_autograd_registration")
    torch.library.opcheck(dpi_neurons, (*leaves, kind, numbers), test_utils=tests)
    y, _, kept = dpi_neurons(x, state, rows, weight, kind, numbers)
    given = (grads[0], None, x, kept, rows, weight, y, kind, numbers, [True, True])
    torch.library.opcheck(dpi_neurons_backward, given, test_utils=tests[:2])


def test_says_what_it_takes() -> None:
    assert can_fuse_dpi(torch.ones(1, 2, 3))
    assert not can_fuse_dpi(torch.ones(1, 2, 3).half())
    assert not can_fuse_dpi(torch.ones(0, 2, 3))
