"""Triton's kernels as text, in its interpreter: a process of its own, for that is set at import."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from snn.dynamics import Neuron, run_reference
from snn.kernels.kinds import encoded
from snn.kernels.template import STRIDE
from snn.testing import NEURONS, Case, Found, random_case, relative_error, run_case


def kinds() -> Iterator[tuple[Neuron, bool]]:
    """Every kind that has no recurrence, every other one with constants of each neuron's own."""
    for i, neuron in enumerate(NEURONS):
        if not neuron.recurrent:
            yield neuron, i % 2 == 1


def in_triton(case: Case) -> Found:
    """Run a case, forwards and backwards."""
    from snn.kernels.triton_scans import scan, scan_back

    kind, numbers = encoded(case.neuron)
    y, last, kept = scan(case.x, case.state, case.constants, None, kind, numbers)
    back = (case.x, kept, case.constants, None, None, kind, numbers, [True, False])
    grads = scan_back(case.grads, *back)
    assert grads[3].numel() == 0
    return Found(y, last, grads[:3])


def check_double_precision() -> None:
    for i, (neuron, each) in enumerate(kinds()):
        case = random_case(neuron, (2, STRIDE + 3, 5), i, each=each)
        ours, exact = in_triton(case), run_case(run_reference, case)
        assert torch.equal(ours.y, exact.y), neuron
        assert torch.equal(ours.state, exact.state), neuron
        for mine, true in zip(ours.grads, exact.grads, strict=True):
            assert relative_error(mine, true) <= 1e-10, neuron


def check_single_precision() -> None:
    for i, (neuron, each) in enumerate(kinds()):
        case = random_case(neuron, (1, 9, 3), 100 + i, each=each)
        single = case.to(torch.float32)
        ours, loop = in_triton(single), run_case(run_reference, single)
        exact = run_case(run_reference, case)
        assert torch.equal(ours.y, loop.y), neuron
        for mine, rounded, true in zip(ours.grads, loop.grads, exact.grads, strict=True):
            crossed = relative_error(rounded, true) > 1e-5  # rounding took a number across an edge
            assert crossed or relative_error(mine, true) <= 1e-5, neuron


def check_half_precision() -> None:
    case = random_case(Neuron(), (2, 20, 5), 7)
    x = case.x.to(torch.bfloat16)
    single = case._replace(x=x.double()).to(torch.float32)
    exact = in_triton(single)
    ours = in_triton(single._replace(x=x))
    assert ours.y.dtype == ours.grads[0].dtype == torch.bfloat16
    assert ours.state.dtype == torch.float32
    assert torch.equal(ours.y.float(), exact.y)
    assert relative_error(ours.grads[0], exact.grads[0].double()) < 0.01


CHECKS = ("check_double_precision", "check_single_precision", "check_half_precision")


def test_equals_the_reference_in_the_interpreter() -> None:
    pytest.importorskip("triton", reason="Triton is not installed: pip install spikelake[gpu]")
    calls = "; ".join(f"test_triton_template.{check}()" for check in CHECKS)
    code = f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r}); "
    command = [sys.executable, "-c", code + f"import test_triton_template; {calls}; print('done')"]
    settings = os.environ | {"TRITON_INTERPRET": "1", "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, env=settings, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout.strip() == "done"
