import sys
from collections.abc import Iterator
from types import ModuleType

import pytest
import torch
from torch._subclasses.fake_tensor import FakeTensorMode

from eventstore.errors import MissingExtra
from snn.dynamics import Neuron
from snn.kernels import gpu
from snn.kernels.kinds import encoded
from snn.kernels.operators import can_fuse, neurons


@pytest.fixture(autouse=True)
def forget() -> Iterator[None]:
    """Ask the door anew in each test, and after the last."""
    gpu.has_triton.cache_clear()
    yield
    gpu.has_triton.cache_clear()


def install(monkeypatch: pytest.MonkeyPatch, version: str | None) -> None:
    """Let a version of Triton be found, or none."""
    module = ModuleType("triton")
    vars(module)["__version__"] = version
    monkeypatch.setitem(sys.modules, "triton", module if version else None)


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
    assert not can_fuse(x, Neuron(recurrent=True)), "they take the loop with any Triton"
    with pytest.warns(UserWarning, match="loop over time steps"):
        assert not can_fuse(x, Neuron())


def test_the_operator_itself_names_the_versions(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, "3.1.0")
    kind, numbers = encoded(Neuron())
    given = (torch.ones(1, 2, 1, 3), torch.zeros(1, 1, 3), torch.ones(6, 1))
    kernels = neurons._backend_fns  # torch has no public way to a device's kernel without one
    with pytest.raises(MissingExtra, match=r"3\.1\.0.*3\.4"):
        kernels["cuda"](*given, None, kind, numbers)
