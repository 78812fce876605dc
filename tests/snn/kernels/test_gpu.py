import sys
from collections.abc import Iterator
from types import ModuleType

import pytest
import torch
from torch import nn
from torch._subclasses.fake_tensor import FakeTensorMode

from eventstore.errors import MissingExtra
from snn.dynamics import Neuron, run_reference
from snn.kernels import gpu
from snn.kernels.kinds import encoded
from snn.kernels.operators import can_fuse, neurons
from snn.layers import LIF, Recurrent
from snn.scan import run_dynamics
from snn.testing import NEURONS, random_case, relative_error, run_case

needs_a_gpu = pytest.mark.skipif(
    not torch.cuda.is_available(), reason="needs a GPU that torch.cuda can use"
)


@pytest.fixture(autouse=True)
def forget() -> Iterator[None]:
    """Ask the door anew in each test, and after the last."""
    gpu.has_triton.cache_clear()
    yield
    gpu.has_triton.cache_clear()


def install(monkeypatch: pytest.MonkeyPatch, version: str | None) -> None:
    """Let a version of Triton be found, or none."""
    monkeypatch.setattr(gpu, "triton_version", lambda: version)


def test_finds_the_version_of_what_is_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("triton")
    monkeypatch.setitem(sys.modules, "triton", module)
    assert gpu.triton_version() is None, "a folder of that name, perhaps"
    vars(module)["__version__"] = "3.7.1"
    assert gpu.triton_version() == "3.7.1"
    monkeypatch.setitem(sys.modules, "triton", None)
    assert gpu.triton_version() is None


@pytest.mark.parametrize("version", ["3.4.0", "3.7.1", "3.10.0", "4.0", "3.5.0+git1a2b3c"])
def test_recent_versions_are_right(version: str, monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, version)
    gpu.check_triton()
    assert gpu.has_triton()


@pytest.mark.parametrize(
    ("version", "found"),
    [
        ("3.3.1", r"Triton 3\.3\.1 is installed"),
        ("2.3", r"Triton 2\.3 is installed"),
        (None, "Triton is not installed"),
    ],
)
def test_others_are_refused_with_what_is_there_and_what_is_needed(
    version: str | None, found: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(monkeypatch, version)
    with pytest.raises(MissingExtra, match=rf"{found}, .*need 3\.4 or later") as caught:
        gpu.check_triton()
    assert "pip install 'spikelake[gpu]'" in caught.value.hint
    with pytest.warns(UserWarning, match=rf"{found}, .*need 3\.4 or later: .*loop"):
        assert not gpu.has_triton()
    assert not gpu.has_triton(), "it warns once only"


def test_the_door_is_asked_for_tensors_on_a_gpu_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, "3.1.0")
    assert can_fuse(torch.ones(1, 2, 1, 3), Neuron())
    with FakeTensorMode():
        x = torch.empty(1, 2, 1, 3, device="cuda:0")
        wide = torch.empty(1, 2, 1, gpu.MOST_RECURRENT + 1, device="cuda:0")
    assert not can_fuse(wide, Neuron(recurrent=True)), "they take the loop with any Triton"
    with pytest.warns(UserWarning, match="loop over time steps"):
        assert not can_fuse(x, Neuron())


def test_the_operator_itself_names_the_versions(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, "3.1.0")
    kernels = neurons._backend_fns  # torch has no public way to a device's kernel without one
    for neuron in (Neuron(), Neuron(recurrent=True)):
        case = random_case(neuron, (1, 2, 3), 0)
        given = (case.x, case.state, case.constants, case.weight)
        with pytest.raises(MissingExtra, match=r"3\.1\.0.*3\.4"):
            kernels["cuda"](*given, *encoded(neuron))


@needs_a_gpu
@pytest.mark.parametrize("neuron", [neuron for neuron in NEURONS if neuron.recurrent])
def test_recurrent_neurons_on_a_gpu_equal_the_reference(neuron: Neuron) -> None:
    case = random_case(neuron, (2, 20, 7), seed=0, each=True)
    exact = run_case(run_reference, case)
    tensors = [case.x, case.state, case.constants, case.weight, *case.grads]
    x, state, constants, weight, *grads = (one.cuda() for one in tensors if one is not None)
    there = case._replace(x=x, state=state, constants=constants, weight=weight)
    ours = run_case(run_dynamics, there._replace(grads=(grads[0], grads[1])))
    assert torch.equal(ours.y.cpu(), exact.y)
    assert torch.equal(ours.state.cpu(), exact.state)
    for mine, true in zip(ours.grads, exact.grads, strict=True):
        assert relative_error(mine.cpu(), true) <= 1e-10


@needs_a_gpu
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_a_model_trains_on_a_gpu_compiled_or_not(dtype: torch.dtype) -> None:
    torch.manual_seed(0)
    parts = LIF(train=("tau_mem",)), nn.Linear(5, 64), Recurrent(LIF(), 64)
    model, x = nn.Sequential(*parts).cuda(), 9 * torch.rand(2, 30, 5, device="cuda")
    found = []
    for run in (model, torch.compile(model, fullgraph=True)):
        model.zero_grad()
        with torch.autocast("cuda", dtype, enabled=dtype != torch.float32):
            y = run(x)
        torch.autograd.backward(y.float().square().sum())
        found.append([one.grad.clone() for one in model.parameters() if one.grad is not None])
    assert len(found[0]) == 4
    for one, other in zip(*found, strict=True):
        assert other.isfinite().all()
        assert dtype != torch.float32 or relative_error(other, one.double()) < 0.01
