import json
from pathlib import Path

import pytest
import torch
import typer
from torch import nn
from typer.testing import CliRunner

from catalog.splits.split import Split
from eventstore.errors import AlreadyExists, InvalidInput, NotFound
from snn.cli_nir import register
from snn.layers import ALIF, IAF, LIF, Recurrent
from snn.nir.exporting import to_nir
from snn.nir.file import read_nir, write_nir
from snn.nir.importing import from_nir
from snn.recipe import load_recipe
from snn.sequential import SpikingSequential
from snn.tasks import load_run, train_task


@pytest.fixture(scope="module")
def app() -> typer.Typer:
    app = typer.Typer()
    register(app)
    app.callback()(lambda: None)
    return app


@pytest.fixture
def run(tiny_split: Split, recipe_file: Path, tmp_path: Path) -> Path:
    train_task(tiny_split, load_recipe(str(recipe_file)), tmp_path / "run")
    return tmp_path / "run"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    net = SpikingSequential(nn.Linear(3, 4), Recurrent(LIF(), 4), nn.Linear(4, 2), IAF())
    write_nir(tmp_path / "net.nir", to_nir(net, (3,)))
    return tmp_path / "net.nir"


def said(app: typer.Typer, *args: object, code: int = 0) -> str:
    found = CliRunner().invoke(app, ["nir", *map(str, args)])
    if found.exception is not None and not isinstance(found.exception, SystemExit):
        raise found.exception
    assert found.exit_code == code
    return found.stdout


@pytest.mark.parametrize("dialect", ["newer", "older"])
def test_a_run_is_exported_and_comes_back_as_it_was(
    app: typer.Typer, run: Path, dialect: str
) -> None:
    out = run.parent / "net.nir"
    (line,) = said(app, "export", run, out, "--dialect", dialect, "--json").splitlines()
    record = json.loads(line)
    assert record["size_bytes"] == out.stat().st_size
    assert record["dialect"] == dialect
    loaded = load_run(run)
    x = 5 * torch.rand(2, 4, *loaded.input_shape)
    assert torch.equal(from_nir(read_nir(out))(x), loaded.model(x))
    assert "can be run here" in said(app, "show", out)


def test_an_existing_file_is_replaced_on_request_alone(app: typer.Typer, run: Path) -> None:
    out = run.parent / "net.nir"
    out.write_bytes(b"of before")
    with pytest.raises(AlreadyExists, match="exists") as caught:
        said(app, "export", run, out)
    assert "--replace" in str(caught.value.hint)
    assert "would have written" in said(app, "export", run, out, "--replace", "--dry-run")
    assert out.read_bytes() == b"of before"
    assert said(app, "export", run, out, "--replace").startswith(f"written {out}: ")
    assert read_nir(out).nodes


def test_nothing_is_written_where_a_layer_cannot_be_said(
    app: typer.Typer, run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import snn.tasks

    loaded = load_run(run)
    loaded.model[1] = ALIF()
    monkeypatch.setattr(snn.tasks, "load_run", lambda _: loaded)
    with pytest.raises(InvalidInput, match="its threshold rises with spikes"):
        said(app, "export", run, run.parent / "net.nir")
    assert not (run.parent / "net.nir").exists()
    said(app, "export", run, run.parent / "net.nir", "--private")
    assert (run.parent / "net.nir").exists()


def test_nodes_are_listed_with_shapes(app: typer.Typer, file: Path) -> None:
    table = said(app, "show", file)
    for part in ("1.neurons", "LIF", "4 × 3", "Output"):
        assert part in table
    found = json.loads(said(app, "show", file, "--json"))
    assert found["runs"] is True
    assert {"name": "1.neurons", "kind": "LIF", "shape": "4", "layer": "LIF"} in found["nodes"]
    assert found["edges"][0] == ["input", "0"]


def test_what_cannot_be_run_is_shown_with_the_reason(app: typer.Typer, file: Path) -> None:
    table = said(app, "show", file, "--written-by", "snntorch")
    assert "cannot be run here: node '1.neurons' (LIF): neurons of snnTorch" in table
    found = json.loads(said(app, "show", file, "--written-by", "snntorch", "--json"))
    assert found["runs"] is False
    own = SpikingSequential(nn.Linear(3, 4))
    write_nir(file, to_nir(own, (3,)))
    assert "--written-by NAME" in said(app, "show", file)
    with pytest.raises(NotFound, match="sinabs"):
        said(app, "show", file, "--written-by", "sinab")


def test_all_programs_are_surveyed_and_those_named_decide(app: typer.Typer, file: Path) -> None:
    survey = said(app, "check", file)
    for title in ("Sinabs 3.1.3", "Norse 1.1.0", "snnTorch", "SpikingJelly", "Rockpool", "Lava-DL"):
        assert title in survey
    assert "  fix: " in survey
    assert "Rockpool" not in said(app, "check", file, "--peer", "norse", code=1)
    lines = [json.loads(line) for line in said(app, "check", file, "--json").splitlines()]
    assert {line["peer"] for line in lines} >= {"sinabs", "lava"}
    assert set(lines[0]) == {"peer", "severity", "where", "message", "check", "fix"}
    with pytest.raises(NotFound, match="norse"):
        said(app, "check", file, "--peer", "nors")


def test_a_program_that_keeps_everything_passes(app: typer.Typer, tmp_path: Path) -> None:
    once = LIF(reset="set", max_spikes=1)
    write_nir(tmp_path / "a.nir", to_nir(SpikingSequential(nn.Linear(3, 4), once), (3,)))
    found = said(app, "check", tmp_path / "a.nir", "--peer", "spikingjelly")
    assert found.startswith("SpikingJelly 2.0.0: 0 errors of ")


def test_a_run_is_checked_as_it_would_be_exported(app: typer.Typer, run: Path) -> None:
    assert "Norse 1.1.0: " in said(app, "check", run, "--peer", "norse", "--dt", "0.002", code=1)


def test_missing_files_and_runs_are_left_to_the_dispatcher(
    app: typer.Typer, tmp_path: Path
) -> None:
    for verb in (["show", "no.nir"], ["check", "no.nir"], ["check", tmp_path]):
        with pytest.raises(NotFound):
            said(app, *verb)
    with pytest.raises(NotFound):
        said(app, "export", tmp_path, tmp_path / "a.nir")
