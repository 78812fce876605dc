"""The verb ``chip export``."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
import typer
from torch import nn
from typer.testing import CliRunner, Result

import snn
from devices.chips import chip
from devices.cli_export import add_export
from devices.config_file import write_config
from devices.model_files import graph_of
from eventstore.errors import AlreadyExists, InvalidInput, NotFound
from snn.tasks import load_run
from tests.devices.c_export.compiled import compiled_outputs


def export(*arguments: object) -> Result:
    app = typer.Typer()
    app.callback()(lambda: None)
    add_export(app)
    return CliRunner().invoke(app, ["export", *map(str, arguments)])


def test_a_run_becomes_c_that_says_what_the_chip_says(
    trained: tuple[Path, str], tmp_path: Path
) -> None:
    run = trained[0]
    planned = export(run, "--form", "c", "--out", tmp_path / "c", "--dry-run", "--json")
    assert json.loads(planned.stdout)["dry_run"] is True
    assert not (tmp_path / "c").exists()
    assert json.loads(planned.stdout)["files"][0] == str(tmp_path / "c" / "net.h")
    made = export(run, "--form", "c", "--out", tmp_path / "c", "--name", "sides", "--json")
    assert made.exit_code == 0, made.output
    facts = json.loads(made.stdout)
    assert [Path(file).name for file in facts["files"]] == ["sides.h", "sides.c"]
    assert facts["state_bytes"] > 0
    q = chip("speck2f").quantize(graph_of(run))
    frames = np.random.default_rng(0).poisson(0.5, (6, *q.input_shape))
    expected = chip("speck2f").simulate(q, frames[None]).output[0]
    found = compiled_outputs({"sides": expected.shape[1]}, [frames], tmp_path / "c")
    np.testing.assert_array_equal(found[0], expected)


def test_a_configuration_becomes_the_same_c(trained: tuple[Path, str], tmp_path: Path) -> None:
    speck = chip("speck2f")
    path = tmp_path / "chip.json"
    write_config(speck.config(speck.quantize(graph_of(trained[0]))), path)
    for source, folder in ((path, "a"), (trained[0], "b")):
        made = export(source, "--form", "c", "--out", tmp_path / folder, "--json")
        assert json.loads(made.stdout)["chip"] == "speck2f"
    one, other = ((tmp_path / folder / "net.c").read_text() for folder in "ab")
    assert one == other


def test_files_are_replaced_only_where_asked(trained: tuple[Path, str], tmp_path: Path) -> None:
    arguments = (trained[0], "--form", "c", "--out", tmp_path)
    table = export(*arguments)
    assert "constant bytes" in table.stdout
    assert isinstance(export(*arguments).exception, AlreadyExists)
    assert isinstance(export(*arguments, "--dry-run").exception, AlreadyExists)
    assert export(*arguments, "--overwrite").exit_code == 0


def test_a_run_becomes_onnx(trained: tuple[Path, str], tmp_path: Path) -> None:
    runtime = pytest.importorskip("onnxruntime")
    arguments = (trained[0], "--form", "onnx", "--out", tmp_path, "--json")
    planned = json.loads(export(*arguments, "--dry-run").stdout)
    assert not list(tmp_path.iterdir())
    facts = json.loads(export(*arguments).stdout)
    assert planned["files"] == facts["files"]
    run = load_run(trained[0])
    session = runtime.InferenceSession(facts["files"][0])
    x = torch.randint(0, 3, (2, *run.input_shape)).float()
    given = {name: np.zeros((2, *shape), np.float32) for name, shape in facts["states"].items()}
    y = session.run(None, {"input": x.numpy(), **given})[0]
    with torch.no_grad():
        np.testing.assert_allclose(y, run.model.eval()(x[:, None])[:, 0].numpy(), atol=1e-5)


def test_nir_becomes_onnx_as_well(tmp_path: Path) -> None:
    pytest.importorskip("onnxscript")
    net = snn.SpikingSequential(nn.Linear(3, 2), snn.LIF(tau_mem=0.02, dt=0.001))
    snn.write_nir(tmp_path / "net.nir", snn.to_nir(net, (3,)))
    made = export(tmp_path / "net.nir", "--form", "onnx", "--out", tmp_path, "--dry-run", "--json")
    assert json.loads(made.stdout)["input_shape"] == [3]


def test_what_cannot_be_exported_is_said(trained: tuple[Path, str], tmp_path: Path) -> None:
    config = tmp_path / "chip.json"
    config.write_text("{}")
    error = export(config, "--form", "onnx", "--out", tmp_path).exception
    assert isinstance(error, InvalidInput)
    assert "its floats are gone" in str(error)
    none = export(trained[0], "--form", "c", "--out", tmp_path, "--chip", "spek").exception
    assert isinstance(none, NotFound)
    odd = export(trained[0], "--form", "c", "--out", tmp_path, "--name", "int").exception
    assert isinstance(odd, InvalidInput)
