import os
import subprocess
import sys
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from snn.dynamics import RESETS, Neuron, run_reference
from snn.kernels.kinds import encoded
from snn.kernels.operators import can_fuse, neurons, neurons_backward, run_fused
from snn.kernels.template import STRIDE
from snn.surrogate import SURROGATES
from snn.testing import NEURONS, Case, constants_of, random_case, relative_error, run_case

# To compile is slow where much else runs: the time allowed is not what is tested here.
pytestmark = pytest.mark.timeout(600)

# Each kind of neuron is compiled once, as that takes seconds: every other one with constants of
# each neuron's own, half of either sort in single precision. The interpreter sees those in double.
KINDS = [(neuron, i % 2 == 1) for i, neuron in enumerate(NEURONS)]
SINGLE = [kind for i, kind in enumerate(KINDS) if i % 4 in {1, 2}]
DOUBLE = [kind for i, kind in enumerate(KINDS) if i % 4 in {0, 3}]
RECURRENT = NEURONS[17]  # with all that there is; compiled in single precision, as NEURONS[5] is
DOUBLE_RECURRENT = NEURONS[15]
# One neuron has no constants of its own beside others': it would need another kernel.
short = st.tuples(st.integers(1, 5), st.integers(1, 30), st.integers(2, 37))
long = st.tuples(st.integers(1, 2), st.integers(STRIDE - 1, 2 * STRIDE + 2), st.integers(2, 5))
alone = st.tuples(st.integers(1, 5), st.integers(1, 2 * STRIDE + 2), st.just(1))


def case_of(kind: tuple[Neuron, bool], data: st.DataObject) -> Case:
    neuron, each = kind
    shape = data.draw(short | long if each else short | long | alone)
    return random_case(neuron, shape, data.draw(st.integers(0, 2**31)), each=each)


few = settings(max_examples=12, deadline=None)  # of each kind


@pytest.mark.parametrize("kind", DOUBLE)
@few
@given(st.data())
def test_equals_autograd_of_the_reference_in_double_precision(
    kind: tuple[Neuron, bool], data: st.DataObject
) -> None:
    case = case_of(kind, data)
    ours, exact = run_case(run_fused, case), run_case(run_reference, case)
    assert torch.equal(ours.y, exact.y)
    assert torch.equal(ours.state, exact.state)
    for mine, true in zip(ours.grads, exact.grads, strict=True):
        assert relative_error(mine, true) <= 1e-10


@pytest.mark.parametrize("kind", SINGLE)
@few
@given(st.data())
def test_equals_autograd_of_the_reference_in_single_precision(
    kind: tuple[Neuron, bool], data: st.DataObject
) -> None:
    case = case_of(kind, data)
    single = case.to(torch.float32)
    ours, loop = run_case(run_fused, single), run_case(run_reference, single)
    assert torch.equal(ours.y, loop.y)
    assert torch.equal(ours.state, loop.state)
    exact = run_case(run_reference, case)
    # Where rounding to single precision takes a number across an edge, or nearly all that is
    # allowed, no two orders of sums agree.
    pairs = zip(loop.grads, exact.grads, strict=True)
    assume(all(relative_error(rounded, true) <= 5e-6 for rounded, true in pairs))
    for mine, true in zip(ours.grads, exact.grads, strict=True):
        assert relative_error(mine, true) <= 1e-5


def each_combination() -> Iterator[Case]:
    """Every surrogate with every reset, detached or not, bound, cap, synapses and adaptation."""
    whole = product(
        SURROGATES.items(), RESETS, (False, True), (None, -0.4), (None, 1), (0, 2), (False, True)
    )
    for i, ((name, kind), reset, detach, bound, most, n_synapses, adaptive) in enumerate(whole):
        if detach and reset == "none":
            continue
        neuron = Neuron(
            n_synapses=n_synapses,
            adaptive=adaptive,
            max_spikes=most,
            reset=reset,
            v_reset=0.1,
            detach_reset=detach,
            min_v_mem=bound,
            surrogate=kind(width=0.6, scale=1.5),
        )
        yield random_case(neuron, (1, 6, 3), seed=i + len(name), each=i % 3 == 0)


def check_each_combination() -> int:
    """Compare all of them with the reference, and return how many there were."""
    n = 0
    for case in each_combination():
        ours, exact = run_case(run_fused, case), run_case(run_reference, case)
        assert torch.equal(ours.y, exact.y), case.neuron
        for mine, true in zip(ours.grads, exact.grads, strict=True):
            assert relative_error(mine, true) <= 1e-10, case.neuron
        n += 1
    return n


@pytest.mark.parametrize("kind", DOUBLE)
@few
@given(st.data())
def test_chunks_with_carried_state_equal_the_whole(
    kind: tuple[Neuron, bool], data: st.DataObject
) -> None:
    case = case_of(kind, data)
    cut = data.draw(st.integers(0, case.x.shape[1] - 1))

    def in_chunks(
        x: Tensor, state: Tensor, constants: Tensor, neuron: Neuron, weight: Tensor | None
    ) -> tuple[Tensor, Tensor]:
        outputs = []
        for part in (x[:, :cut], x[:, cut:]):
            if part.shape[1]:
                y, state = run_fused(part, state, constants, neuron, weight)
                outputs.append(y)
        return torch.cat(outputs, 1), state

    whole, parts = run_case(run_fused, case), run_case(in_chunks, case)
    assert torch.equal(whole.y, parts.y)
    assert torch.equal(whole.state, parts.state)
    for one, other in zip(whole.grads, parts.grads, strict=True):
        assert relative_error(one, other) <= 1e-12


def run_in_the_interpreter(code: str) -> str:
    """Run code that may use this file, with kernels that are not compiled; return what it says."""
    whole = (
        f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r}); "
        f"import test_operators; {code}"
    )
    settings = os.environ | {"NUMBA_DISABLE_JIT": "1"}
    command = [sys.executable, "-W", "error", "-c", whole]
    done = subprocess.run(command, env=settings, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def test_every_combination_of_options_in_the_interpreter() -> None:
    # Compiling 1,440 kernels would take an hour; their text is the same without a compiler.
    assert int(run_in_the_interpreter("print(test_operators.check_each_combination())")) == 720


def check_single_kinds_in_double_precision() -> int:
    """Hold the kinds that are compiled in single precision alone to what double precision can."""
    for kind in SINGLE:
        test_equals_autograd_of_the_reference_in_double_precision(kind=kind)
        test_chunks_with_carried_state_equal_the_whole(kind=kind)
    return len(SINGLE)


def test_kinds_compiled_in_single_precision_are_as_exact_in_the_interpreter() -> None:
    code = "print(test_operators.check_single_kinds_in_double_precision())"
    assert int(run_in_the_interpreter(code)) == 9


@pytest.mark.parametrize("neuron", [NEURONS[5], RECURRENT])
def test_threads_share_the_work_without_a_difference(neuron: Neuron) -> None:
    case = random_case(neuron, (3, 200, 701), seed=0, each=True).to(torch.float32)
    before, seen = torch.get_num_threads(), []
    for threads in (1, 2, 3):
        torch.set_num_threads(threads)
        seen.append(run_case(run_fused, case))
    torch.set_num_threads(before)
    for other in seen[1:]:
        assert torch.equal(seen[0].y, other.y)
        for one, two in zip(seen[0].grads, other.grads, strict=True):
            assert torch.equal(one, two)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_half_precision_goes_in_and_out(dtype: torch.dtype) -> None:
    case = random_case(Neuron(), (2, 40, 6), seed=3)
    x = case.x.to(dtype)
    exact = run_case(run_fused, case._replace(x=x.double()).to(torch.float32))
    leaf = x.clone().requires_grad_()
    y, state = run_fused(leaf, case.state.float(), case.constants.float(), Neuron())
    assert (y.dtype, state.dtype) == (dtype, torch.float32)
    assert torch.equal(y.float(), exact.y)
    grads = (case.grads[0].to(dtype), case.grads[1].float())
    (gx,) = torch.autograd.grad((y, state), leaf, grads)
    assert gx.dtype == dtype
    assert relative_error(gx, exact.grads[0].double()) < 0.02


def test_either_output_alone_has_a_gradient() -> None:
    neuron = Neuron(spiking=False)
    x = torch.full((1, 3, 1, 1), 0.25, requires_grad=True)
    y, state = run_fused(x, torch.zeros(1, 1, 1), constants_of(neuron), neuron)
    by_y = torch.autograd.grad(y.sum(), x, retain_graph=True)[0]
    by_state = torch.autograd.grad(state.sum(), x)[0]
    assert by_y.flatten().tolist() == [3, 2, 1]
    assert by_state.flatten().tolist() == [1, 1, 1]


def test_training_keeps_little_beside_input_and_output() -> None:
    kept: list[int] = []

    def count(saved: Tensor) -> Tensor:
        kept.append(saved.numel())
        return saved

    x = torch.ones(2, 320, 1, 50, requires_grad=True)
    with torch.autograd.graph.saved_tensors_hooks(count, lambda saved: saved):
        run_fused(x, torch.zeros(2, 1, 50), constants_of(Neuron()), Neuron())
    assert sum(kept) - x.numel() <= x.numel() // STRIDE + 7


def test_a_second_derivative_is_refused() -> None:
    x = torch.ones(1, 4, 1, 1, requires_grad=True)
    y, _ = run_fused(x, torch.zeros(1, 1, 1), constants_of(Neuron()), Neuron())
    (gx,) = torch.autograd.grad(y.sum(), x, create_graph=True)
    with pytest.raises(RuntimeError):
        torch.autograd.grad(gx.sum(), x)


def test_what_does_not_fit_the_kernel_goes_to_the_reference() -> None:
    x = torch.ones(1, 2, 1, 3)
    assert can_fuse(x, Neuron())
    assert can_fuse(x.double(), Neuron(recurrent=True))
    assert not can_fuse(x[..., :0], Neuron())
    assert not can_fuse(x.to(torch.int32), Neuron())
    assert not can_fuse(x.to("meta"), Neuron())


PRECISIONS = [  # of input; of state, constants and weight
    (torch.float64, torch.float64),
    (torch.float32, torch.float32),
    (torch.bfloat16, torch.float32),
    (torch.bfloat16, torch.bfloat16),
    (torch.float16, torch.float16),
    (torch.float32, torch.float64),
    (torch.float64, torch.bfloat16),
]


@pytest.mark.parametrize("apart", [False, True], ids=["in one piece", "apart"])
@pytest.mark.parametrize(("outer", "inner"), PRECISIONS)
@pytest.mark.parametrize("recurrent", [False, True])
def test_is_an_operator_as_torch_wants_it(
    recurrent: bool, outer: torch.dtype, inner: torch.dtype, apart: bool
) -> None:
    compiled = DOUBLE_RECURRENT if outer == torch.float64 else RECURRENT
    neuron = compiled if recurrent else Neuron()
    case = random_case(neuron, (2, 70, 3), seed=1, each=neuron.recurrent).to(inner)
    kind, numbers = encoded(neuron)
    given = [case.x.to(outer), case.state, case.constants]
    given += [] if case.weight is None else [case.weight]
    if apart:
        given = [one.transpose(0, -1).contiguous().transpose(0, -1) for one in given]
    x, state, constants, *weight = (one.requires_grad_() for one in given)
    arguments = (x, state, constants, weight[0] if weight else None, kind, numbers)
    checks = ("test_schema", "test_autograd_registration", "test_faketensor")
    found = torch.library.opcheck(neurons, arguments, test_utils=checks)
    assert set(found.values()) == {"SUCCESS"}
    y, last, kept = neurons(*arguments)
    assert (y.dtype, last.dtype) == (outer, inner)
    assert kept.dtype == (torch.float64 if outer == torch.float64 else torch.float32)
    grads = (torch.ones_like(y), torch.ones_like(last))
    wants = [True, neuron.recurrent]
    back = (*grads, x, kept, constants, arguments[3], y, kind, numbers, wants)
    with torch.no_grad():
        found = torch.library.opcheck(neurons_backward, back, test_utils=checks)
    assert set(found.values()) == {"SUCCESS"}


@pytest.mark.parametrize("neuron", [Neuron(), RECURRENT])
@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_state_and_gradients_come_in_the_precision_of_what_went_in(
    neuron: Neuron, dtype: torch.dtype
) -> None:
    case = random_case(neuron, (2, 40, 6), seed=3, each=neuron.recurrent).to(dtype)
    exact, ours = run_case(run_fused, case.to(torch.float32)), run_case(run_fused, case)
    assert ours.y.dtype == ours.state.dtype == dtype
    assert torch.equal(ours.state, exact.state.to(dtype))
    for mine, true in zip(ours.grads, exact.grads, strict=True):
        assert mine.dtype == dtype
        assert relative_error(mine, true.double()) < 0.01


@pytest.mark.parametrize("neuron", [Neuron(), NEURONS[15]])
@pytest.mark.parametrize("shape", [(0, 3, 2), (2, 0, 3), (2, 3, 0)])
def test_nothing_goes_through_the_operator_and_back(
    neuron: Neuron, shape: tuple[int, int, int]
) -> None:
    case = random_case(neuron, shape, seed=0, each=neuron.recurrent)
    found = run_case(run_fused, case)
    assert found.y.shape == shape
    assert found.grads[0].shape == case.x.shape
    if shape[1] == 0:
        assert torch.equal(found.state, case.state)
        assert torch.equal(found.grads[1], case.grads[1])


class Two(nn.Module):
    """Two layers of neurons with a linear layer between, for compilers to look through."""

    def __init__(self) -> None:
        super().__init__()
        from snn.layers import ALIF, LIF

        self.first, self.between, self.second = LIF(train=("tau_mem",)), nn.Linear(5, 4), ALIF()

    def forward(self, x: Tensor) -> Tensor:
        found: Tensor = self.second(self.between(self.first(x)))
        return found


def test_compiles_without_a_break_and_trains_alike() -> None:
    torch.manual_seed(0)
    model, x = Two(), 9 * torch.rand(2, 30, 5)
    compiled = torch.compile(model, fullgraph=True, backend="aot_eager")
    grads = []
    for run in (model, compiled):
        model.zero_grad()
        torch.autograd.backward(run(x).sum())
        grads.append([p.grad.clone() for p in model.parameters() if p.grad is not None])
    assert len(grads[0]) == 3
    for one, other in zip(*grads, strict=True):
        assert torch.equal(one, other)


def test_exports() -> None:
    torch.manual_seed(0)
    model, x = Two(), 9 * torch.rand(2, 30, 5)
    program = torch.export.export(model, (x,))
    called = {str(node.target) for node in program.graph.nodes}
    assert any("spikelake.neurons" in target for target in called)
    assert torch.equal(program.module()(x), model(x))


def test_trains_under_autocast() -> None:
    torch.manual_seed(0)
    model, x = Two(), 9 * torch.rand(2, 30, 5)
    with torch.autocast("cpu", torch.bfloat16):
        y = model(x)
    torch.autograd.backward(y.float().sum())
    assert all(p.grad is not None and p.grad.isfinite().all() for p in model.parameters())
