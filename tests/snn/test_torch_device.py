import pytest
import torch

from eventstore.errors import InvalidInput
from snn.torch_device import torch_device_named


def test_the_processor_is_always_there() -> None:
    assert torch_device_named("cpu") == torch_device_named(torch.device("cpu"))


@pytest.mark.parametrize("name", ["gpu", "", "cuda:x"])
def test_names_that_torch_does_not_know(name: str) -> None:
    with pytest.raises(InvalidInput, match=f"torch_device='{name}' is none that torch knows"):
        torch_device_named(name)


def test_devices_without_kernels_for_neurons() -> None:
    with pytest.raises(InvalidInput, match="torch_device='meta' is neither") as caught:
        torch_device_named("meta")
    assert '"cuda"' in caught.value.hint


@pytest.mark.parametrize(
    ("there", "name", "says"),
    [(0, "cuda", "finds no GPU"), (1, "cuda:1", "there are 1 GPUs"), (2, "cuda:2", "are 2 GPUs")],
)
def test_gpus_that_are_not_there(
    monkeypatch: pytest.MonkeyPatch, there: int, name: str, says: str
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: there > 0)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: there)
    with pytest.raises(InvalidInput, match=says):
        torch_device_named(name)


def test_gpus_that_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    assert torch_device_named("cuda:1").index == 1
    assert torch_device_named("cuda").type == "cuda"
