"""Triton's kernels of recurrent neurons against the reference: see `test_triton_template`."""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from snn.dynamics import RESETS, Neuron, run_reference
from snn.kernels.kinds import encoded
from snn.surrogate import SURROGATES
from snn.testing import NEURONS, Case, Found, random_case, relative_error, run_case

ON_A_GPU = torch.cuda.is_available() and "TRITON_INTERPRET" not in os.environ
PLACE = torch.device("cuda" if ON_A_GPU else "cpu")
KINDS = [neuron for neuron in NEURONS if neuron.recurrent]


def placed(one: Tensor) -> Tensor:
    """Return a tensor where the kernels run, with the strides that it has."""
    if one.device == PLACE:
        return one
    moved = torch.empty_strided(one.shape, one.stride(), dtype=one.dtype, device=PLACE)
    return moved.copy_(one)


def in_triton(case: Case, *, wants: tuple[bool, bool] = (True, True)) -> Found:
    """Run a case, forwards and backwards."""
    from snn.kernels import triton_recurrent_scans as scans

    kind, numbers = encoded(case.neuron)
    assert case.weight is not None
    tensors = (case.x, case.state, case.constants, case.weight, *case.grads)
    x, state, constants, weight, *grads = map(placed, tensors)
    y, last, kept = scans.scan(x, state, constants, weight, kind, numbers)
    back = (x, kept, constants, weight, y, kind, numbers, wants)
    found = scans.scan_back((grads[0], grads[1]), *back)
    return Found(y.cpu(), last.cpu(), tuple(one.cpu() for one in found))


def compare(case: Case, bound: float = 1e-10) -> None:
    """Hold a case against autograd of the reference."""
    ours, exact = in_triton(case), run_case(run_reference, case)
    which = (case.neuron, case.x.shape)
    assert torch.equal(ours.y, exact.y), which
    assert torch.equal(ours.state, exact.state), which
    names = ("x", "state", "constants", "weight")
    for name, mine, true in zip(names, ours.grads, exact.grads, strict=True):
        assert relative_error(mine, true) <= bound, (name, *which)


def check_every_kind_across_a_border_of_kept_states() -> None:
    from snn.kernels import triton_recurrent_scans as scans

    before, vars(scans)["STRIDE"] = vars(scans)["STRIDE"], 4
    for i, neuron in enumerate(KINDS):
        compare(random_case(neuron, (2, 9, 5), i, each=i % 2 == 1))
    vars(scans)["STRIDE"] = before


def check_more_neurons_than_are_weighed_at_once() -> None:
    for n in (16, 33, 70):
        compare(random_case(KINDS[2], (1, 3, n), n))


def check_neurons_of_which_few_spike() -> None:
    case = random_case(KINDS[0], (1, 4, 40), 0)
    case.x[..., :20] = -1.0  # whole chunks of them are silent
    assert run_case(run_reference, case).y.any()
    compare(case)


def check_single_precision() -> None:
    for i, neuron in enumerate(KINDS):
        case = random_case(neuron, (1, 6, 5), 100 + i).to(torch.float32)
        compare(case, 1e-5)


def check_half_precision() -> None:
    for dtype in (torch.bfloat16, torch.float16):
        case = random_case(KINDS[0], (1, 6, 5), 1).to(dtype)
        ours, exact = in_triton(case), in_triton(case.to(torch.float32))
        assert ours.y.dtype == ours.state.dtype == dtype
        assert torch.equal(ours.y.float(), exact.y)
        to_x, _, to_constants, to_weight = ours.grads  # that to the state is rounded by autograd
        assert to_x.dtype == to_constants.dtype == to_weight.dtype == dtype
        for mine, true in zip(ours.grads, exact.grads, strict=True):
            assert relative_error(mine, true.double()) < 0.01


def check_nothing_to_do_and_one_step() -> None:
    compare(random_case(KINDS[1], (2, 1, 3), 0))
    for shape in ((0, 3, 4), (2, 0, 4), (2, 3, 0)):
        case = random_case(KINDS[2], shape, 0)
        ours = in_triton(case)
        assert ours.y.shape == shape
        assert ours.grads[3].shape == (shape[2], 2 * shape[2])
        if shape[1] == 0:
            assert torch.equal(ours.state, case.state)
            assert torch.equal(ours.grads[1], case.grads[1])


def check_strides_of_any_kind() -> None:
    case = random_case(KINDS[2], (2, 4, 5), 3, each=True)

    def apart(one: Tensor) -> Tensor:
        return one.transpose(0, -1).contiguous().transpose(0, -1)

    assert case.weight is not None
    strided = case._replace(
        x=apart(case.x),
        state=apart(case.state),
        constants=apart(case.constants),
        weight=apart(case.weight),
        grads=(case.grads[0][:1, :1].expand(2, 4, 5), apart(case.grads[1])),
    )
    assert not strided.x.is_contiguous()
    compare(strided)


def check_gradients_that_nobody_asks_for() -> None:
    case = random_case(KINDS[0], (1, 3, 3), 0)
    whole, some = in_triton(case), in_triton(case, wants=(False, False))
    assert some.grads[2].numel() == some.grads[3].numel() == 0
    assert torch.equal(some.grads[0], whole.grads[0])


def check_chunks_equal_the_whole() -> None:
    case = random_case(KINDS[0], (1, 11, 5), 5)
    whole = in_triton(case)
    first = in_triton(case._replace(x=case.x[:, :7], grads=(case.grads[0][:, :7], case.grads[1])))
    second = in_triton(
        case._replace(
            x=case.x[:, 7:], state=first.state, grads=(case.grads[0][:, 7:], case.grads[1])
        )
    )
    first = in_triton(case._replace(x=case.x[:, :7], grads=(case.grads[0][:, :7], second.grads[1])))
    assert torch.equal(torch.cat([first.y, second.y], 1), whole.y)
    assert torch.equal(second.state, whole.state)
    to_x = torch.cat([first.grads[0], second.grads[0]], 1)
    assert relative_error(to_x, whole.grads[0]) <= 1e-12
    for place in (2, 3):
        both = first.grads[place] + second.grads[place]
        assert relative_error(both, whole.grads[place]) <= 1e-12


@st.composite
def any_neuron(draw: st.DrawFn) -> Neuron:
    """Draw every option freely."""
    surrogate = SURROGATES[draw(st.sampled_from(sorted(SURROGATES)))]
    plain = Neuron(recurrent=True, surrogate=surrogate(width=0.6, scale=1.5))
    return replace(
        plain,
        n_synapses=draw(st.integers(0, 3)),
        adaptive=draw(st.booleans()),
        max_spikes=draw(st.sampled_from([None, 1, 3])),
        reset=draw(st.sampled_from(RESETS)),
        v_reset=draw(st.sampled_from([0.0, -0.25])),
        detach_reset=draw(st.booleans()),
        min_v_mem=draw(st.sampled_from([None, -0.4])),
    )


@settings(max_examples=12, deadline=None, derandomize=True, database=None)
@given(any_neuron(), st.integers(1, 4), st.integers(1, 20), st.booleans())
def check_any_options(neuron: Neuron, steps: int, n: int, each: bool) -> None:
    compare(random_case(neuron, (1, steps, n), n, each=each))


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
    command = [sys.executable, "-c", code + "import test_triton_recurrent as t; t.run_checks()"]
    settings = os.environ | {"TRITON_INTERPRET": "1", "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, env=settings, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-4000:]
    assert done.stderr.count("…") == len(CHECKS) == 10


@pytest.mark.skipif(not ON_A_GPU, reason="needs a GPU that torch.cuda can use")
@pytest.mark.parametrize("check", CHECKS)
def test_equals_the_reference_on_a_gpu(check: Callable[[], None]) -> None:
    check()
