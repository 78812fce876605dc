"""Triton's kernels against the reference: in its interpreter, and on a GPU where there is one.

The interpreter is chosen when Triton is imported, so the checks run in a process of their own.
"""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import product
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from snn.dynamics import RESETS, Neuron, run_reference
from snn.kernels.kinds import encoded
from snn.kernels.operators import run_fused
from snn.kernels.template import STRIDE
from snn.surrogate import SURROGATES
from snn.testing import NEURONS, Case, Found, random_case, relative_error, run_case

ON_A_GPU = torch.cuda.is_available() and "TRITON_INTERPRET" not in os.environ
PLACE = torch.device("cuda" if ON_A_GPU else "cpu")
KINDS = [
    (neuron, i % 2 == 1)  # every other one with constants of each neuron's own
    for i, neuron in enumerate(NEURONS)
    if not neuron.recurrent
]


def placed(one: Tensor) -> Tensor:
    """Return a tensor where the kernels run, with the strides that it has."""
    if one.device == PLACE:
        return one
    moved = torch.empty_strided(one.shape, one.stride(), dtype=one.dtype, device=PLACE)
    return moved.copy_(one)


def in_triton(case: Case, *, learns: bool = True) -> Found:
    """Run a case, forwards and backwards."""
    from snn.kernels.triton_scans import scan, scan_back

    kind, numbers = encoded(case.neuron)
    x, state, constants, *grads = map(placed, (case.x, case.state, case.constants, *case.grads))
    y, last, kept = scan(x, state, constants, None, kind, numbers)
    back = (x, kept, constants, None, None, kind, numbers, [learns, False])
    found = scan_back((grads[0], grads[1]), *back)
    assert found[3].numel() == 0
    return Found(y.cpu(), last.cpu(), tuple(one.cpu() for one in found[:3]))


@contextmanager
def set_to(name: str, value: int) -> Iterator[None]:
    """Change a number of the layout for a while."""
    from snn.kernels import triton_scans

    before = getattr(triton_scans, name)
    setattr(triton_scans, name, value)
    yield
    setattr(triton_scans, name, before)


def compare(case: Case, bound: float = 1e-10) -> None:
    """Hold a case in double precision against autograd of the reference."""
    ours, exact = in_triton(case), run_case(run_reference, case)
    which = (case.neuron, case.x.shape)
    assert torch.equal(ours.y, exact.y), which
    assert torch.equal(ours.state, exact.state), which
    for name, mine, true in zip(("x", "state", "constants"), ours.grads, exact.grads, strict=True):
        assert relative_error(mine, true) <= bound, (name, *which)


def check_every_kind_across_a_border_of_kept_states() -> None:
    with set_to("STRIDE", 8):
        for i, (neuron, each) in enumerate(KINDS):
            compare(random_case(neuron, (1, 11, 5), i, each=each))
    compare(random_case(Neuron(), (1, STRIDE + 3, 5), 0))


def check_blocks_whole_and_not() -> None:
    for batch, n in ((2, 33), (1, 64), (3, 70)):
        compare(random_case(Neuron(adaptive=True, n_synapses=1), (batch, 3, n), n, each=True))
    with set_to("FEW", 0):  # as of many neurons: 128 a program
        compare(random_case(Neuron(), (2, 3, 130), 0))


def check_any_number_of_steps() -> None:
    for steps in (1, 7, 8, 9):  # groups of eight
        compare(random_case(Neuron(min_v_mem=-0.5), (1, steps, 3), steps))


def check_nothing_to_do() -> None:
    for shape in ((0, 3, 4), (2, 0, 4), (2, 3, 0)):
        case = random_case(Neuron(n_synapses=2), shape, 0)
        ours = in_triton(case)
        assert ours.y.shape == shape
        assert ours.grads[0].shape == case.x.shape
        if shape[1] == 0:
            assert torch.equal(ours.state, case.state)
            assert torch.equal(ours.grads[1], case.grads[1])


def check_strides_of_any_kind() -> None:
    case = random_case(Neuron(n_synapses=1), (2, 9, 5), 3, each=True)

    def apart(one: Tensor) -> Tensor:
        return one.transpose(0, -1).contiguous().transpose(0, -1)

    grads = (case.grads[0][:1, :1].expand(2, 9, 5), apart(case.grads[1]))
    strided = case._replace(
        x=apart(case.x), state=apart(case.state), constants=apart(case.constants), grads=grads
    )
    assert not strided.x.is_contiguous()
    compare(strided)


def check_gradients_that_nobody_asks_for() -> None:
    from snn.kernels.triton_scans import scan, scan_back

    case = random_case(Neuron(n_synapses=1), (1, 5, 3), 0)
    kind, numbers = encoded(case.neuron)
    x, state, constants, grad = map(placed, (case.x, case.state, case.constants, case.grads[0]))
    _, _, kept = scan(x, state, constants, None, kind, numbers)
    back = (x, kept, constants, None, None, kind, numbers, [False, False])
    nothing = scan_back((None, None), *back)
    assert not nothing[0].any()
    assert nothing[2].numel() == 0
    zero = torch.zeros_like(kept[:, 0])
    for one, other in zip(
        scan_back((grad, None), *back), scan_back((grad, zero), *back), strict=True
    ):
        assert torch.equal(one, other)


def check_what_is_no_number() -> None:
    case = random_case(Neuron(min_v_mem=-0.5), (1, 5, 4), 0)
    case.x[0, 2, 0] = torch.tensor([torch.nan, torch.inf, -torch.inf, 0.5])
    ours, exact = in_triton(case), run_case(run_reference, case)
    torch.testing.assert_close(ours.y, exact.y, rtol=0, atol=0, equal_nan=True)
    torch.testing.assert_close(ours.state, exact.state, rtol=0, atol=0, equal_nan=True)
    assert ours.y[..., 0].isnan().any()


def check_single_precision() -> None:
    for i, (neuron, each) in enumerate(KINDS):
        case = random_case(neuron, (1, 5, 3), 100 + i, each=each)
        single = case.to(torch.float32)
        ours, loop = in_triton(single), run_case(run_reference, single)
        exact = run_case(run_reference, case)
        assert torch.equal(ours.y, loop.y), neuron
        for mine, rounded, true in zip(ours.grads, loop.grads, exact.grads, strict=True):
            crossed = relative_error(rounded, true) > 1e-5  # rounding took a number across an edge
            assert crossed or relative_error(mine, true) <= 1e-5, neuron


def check_half_precision() -> None:
    for inner, outer in product((torch.float32, None), (torch.bfloat16, torch.float16)):
        rounded = random_case(Neuron(n_synapses=1), (1, 9, 5), 7).to(outer).to(torch.float32)
        exact = in_triton(rounded)
        ours = in_triton(rounded.to(inner or outer)._replace(x=rounded.x.to(outer)))
        assert ours.y.dtype == ours.grads[0].dtype == outer
        assert ours.state.dtype == (inner or outer)
        assert ours.grads[2].dtype == (inner or outer)
        assert torch.equal(ours.y.float(), exact.y)
        for mine, true in zip(ours.grads, exact.grads, strict=True):
            assert relative_error(mine, true.double()) < 0.01


def check_chunks_equal_the_whole() -> None:
    case = random_case(Neuron(adaptive=True, max_spikes=1), (1, 21, 5), 5)
    whole = in_triton(case)
    (early, to_early), (late, to_late) = (
        (case.x[:, cut], case.grads[0][:, cut]) for cut in (slice(13), slice(13, None))
    )
    first = in_triton(case._replace(x=early, grads=(to_early, case.grads[1])))
    second = in_triton(
        case._replace(x=late, state=first.state, grads=(to_late, case.grads[1])),
    )
    first = in_triton(case._replace(x=early, grads=(to_early, second.grads[1])))
    assert torch.equal(torch.cat([first.y, second.y], 1), whole.y)
    assert torch.equal(second.state, whole.state)
    to_x = torch.cat([first.grads[0], second.grads[0]], 1)
    assert relative_error(to_x, whole.grads[0]) <= 1e-12
    assert relative_error(first.grads[1], whole.grads[1]) <= 1e-12
    assert relative_error(first.grads[2] + second.grads[2], whole.grads[2]) <= 1e-12


@st.composite
def any_neuron(draw: st.DrawFn) -> Neuron:
    """Draw every option freely."""
    spiking = draw(st.booleans() | st.just(True))  # most neurons spike
    surrogate = SURROGATES[draw(st.sampled_from(sorted(SURROGATES)))]
    return Neuron(
        n_synapses=draw(st.integers(0, 4)),
        adaptive=spiking and draw(st.booleans()),
        spiking=spiking,
        max_spikes=draw(st.sampled_from([None, 1, 3])),
        reset=draw(st.sampled_from(RESETS)),
        v_reset=draw(st.sampled_from([0.0, -0.25, 0.1])),
        detach_reset=draw(st.booleans()),
        min_v_mem=draw(st.sampled_from([None, -0.4])),
        surrogate=surrogate(width=draw(st.sampled_from([0.4, 1.0])), scale=1.5),
    )


@settings(max_examples=20, deadline=None, derandomize=True, database=None)
@given(any_neuron(), st.integers(1, 2), st.integers(1, 6), st.integers(1, 40), st.booleans())
def check_any_options(neuron: Neuron, batch: int, steps: int, n: int, each: bool) -> None:
    compare(random_case(neuron, (batch, steps, n), n, each=each))


CHECKS: list[Callable[[], None]] = [
    check for name, check in list(globals().items()) if name.startswith("check_")
]


def run_checks() -> None:
    """Run all of them, and say which one is at work."""
    for check in CHECKS:
        sys.stderr.write(f"{check.__name__} …\n")
        check()


def test_equals_the_reference_in_the_interpreter() -> None:
    pytest.importorskip("triton", reason="Triton is not installed: pip install spikelake[gpu]")
    code = f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r}); "
    command = [sys.executable, "-c", code + "import test_triton_template as t; t.run_checks()"]
    settings = os.environ | {"TRITON_INTERPRET": "1", "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, env=settings, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-4000:]
    assert done.stderr.count("…") == len(CHECKS) == 11


needs_a_gpu = pytest.mark.skipif(not ON_A_GPU, reason="needs a GPU that torch.cuda can use")


@needs_a_gpu
@pytest.mark.parametrize("check", CHECKS)
def test_equals_the_reference_on_a_gpu(check: Callable[[], None]) -> None:
    check()


@needs_a_gpu
@pytest.mark.parametrize("neuron", [neuron for neuron, _ in KINDS])
def test_the_operator_on_a_gpu_equals_that_of_the_cpu(neuron: Neuron) -> None:
    case = random_case(neuron, (16, 300, 200), seed=0).to(torch.float32)
    there = case._replace(
        x=placed(case.x),
        state=placed(case.state),
        constants=placed(case.constants),
        grads=(placed(case.grads[0]), placed(case.grads[1])),
    )
    here, away = run_case(run_fused, case), run_case(run_fused, there)
    assert torch.equal(here.y, away.y.cpu())
    assert torch.equal(here.state, away.state.cpu())
    for one, other in zip(here.grads, away.grads, strict=True):
        assert relative_error(other.cpu(), one.double()) <= 1e-4
