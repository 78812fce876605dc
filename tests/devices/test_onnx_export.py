"""Tests of ONNX: another runtime says what the network says."""

import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

import snn
from devices.onnx_export import OnnxFile, write_onnx
from devices.onnx_step import packed_states
from eventstore.errors import AlreadyExists, MissingExtra
from snn.sequential import SpikingSequential


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> tuple[SpikingSequential, OnnxFile]:
    """Return a network of eighths, whose sums no order of adding rounds, and its file."""
    torch.manual_seed(0)
    model = SpikingSequential(
        nn.Conv2d(2, 4, 3),
        snn.IAF(min_v_mem=-1.0),
        nn.AvgPool2d(2),
        nn.Flatten(),
        nn.Linear(36, 6),
        snn.Recurrent(snn.CubaLIF(tau_syn=0.002, dt=0.001, bit_shift=True), 6),
        nn.Linear(6, 3),
        snn.ExpLeak(tau_mem=0.01),
    )
    with torch.no_grad():
        for value in model.parameters():
            value.copy_((value * 16).round() / 8)
    path = tmp_path_factory.mktemp("onnx") / "sub" / "net.onnx"
    file = write_onnx(model, (2, 8, 8), path)
    assert model.training, "a model is left as it was"
    return model, file


def test_another_runtime_says_the_same(exported: tuple[SpikingSequential, OnnxFile]) -> None:
    runtime = pytest.importorskip("onnxruntime")
    model, file = exported
    session = runtime.InferenceSession(str(file.path))
    x = torch.randint(0, 4, (5, 12, 2, 8, 8)).float()
    with torch.no_grad():
        expected, after = model.eval().run(x)
    state = {name: np.zeros((5, *shape), np.float32) for name, shape in file.states}
    outputs = []
    for x_t in x.unbind(1):
        y, *states = session.run(None, {"input": x_t.numpy(), **state})
        state = dict(zip(state, states, strict=True))
        outputs.append(y)
    np.testing.assert_allclose(np.stack(outputs, 1), expected.numpy(), atol=1e-5)
    for found, one in zip(state.values(), packed_states(after), strict=True):
        np.testing.assert_allclose(found, one.numpy(), atol=1e-5)
    assert expected.abs().sum() > 1
    names = [one.name for one in session.get_outputs()]
    assert names == ["output", *(f"{name}_out" for name, _ in file.states)]


def test_says_what_goes_in_and_out(exported: tuple[SpikingSequential, OnnxFile]) -> None:
    _, file = exported
    assert file.states == (("state_1", (1, 4, 6, 6)), ("state_5", (3, 6)), ("state_7", (1, 3)))
    assert (file.input_shape, file.output_shape) == ((2, 8, 8), (3,))
    assert not list(file.path.parent.glob("*.data")), "weights lie in the file itself"


def test_never_writes_over_a_file(exported: tuple[SpikingSequential, OnnxFile]) -> None:
    model, file = exported
    with pytest.raises(AlreadyExists, match=r"net\.onnx is there already"):
        write_onnx(model, (2, 8, 8), file.path)


def test_says_what_is_missing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "onnxscript", None)
    with pytest.raises(MissingExtra, match="writing ONNX needs onnxscript") as caught:
        write_onnx(SpikingSequential(snn.IAF()), (2,), tmp_path / "net.onnx")
    assert "spikelake[onnx]" in (caught.value.hint or "")
