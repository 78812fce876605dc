import pytest
import torch

from eventstore.findings import Severity
from snn import doctor_networks as networks


def test_kernel_and_reference_spike_alike_here() -> None:
    found = {finding.where: finding for finding in networks.check_networks()}
    assert found["neurons"].severity == Severity.INFO
    assert "spike alike" in found["neurons"].message
    assert found["torch"].message.startswith(torch.__version__)


@pytest.mark.parametrize("differ", [1, 0])
def test_other_spikes_and_none_at_all_are_errors(differ: int) -> None:
    reference = torch.zeros(1, 100, 5)
    reference[0, :, 0] = differ
    found = networks.judge(reference * 0, reference, [1.0, 0.1])
    assert found.is_error
    assert f"{differ / 5:.1%} of the steps" in found.message


@pytest.mark.parametrize(
    ("version", "severity"), [("3.4.0", "INFO"), ("3.1.0", "WARNING"), (None, "WARNING")]
)
def test_a_gpu_wants_its_compiler(
    monkeypatch: pytest.MonkeyPatch, version: str | None, severity: str
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda i: f"GPU {i}")
    monkeypatch.setattr(networks, "triton_version", lambda: version)
    found = networks.gpu_finding()
    assert found.severity.name == severity
    assert found.message.startswith("GPU 0")
    assert ("spikelake[gpu]" in found.fix) == (severity == "WARNING")
