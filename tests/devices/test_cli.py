"""The chip verbs, on a run trained on made-up recordings."""

import json
from pathlib import Path

import numpy as np
import pytest
import typer
from typer.testing import CliRunner, Result

from catalog.folder import open_split
from devices.chips import CHIPS
from devices.cli import register
from eventstore.errors import DoesNotFit, InvalidInput, NotFound


def run(*arguments: str) -> Result:
    app = typer.Typer()
    app.callback()(lambda: None)
    register(app)
    return CliRunner().invoke(app, ["chip", *arguments])


def records(*arguments: str) -> list[dict[str, object]]:
    result = run(*arguments, "--json")
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_chips_are_listed_with_their_limits() -> None:
    assert [record["name"] for record in records("list")] == sorted(CHIPS)
    assert "16384" in run("list").stdout


def test_a_network_that_fits_is_said_to(trained: tuple[Path, str]) -> None:
    assert records("check", str(trained[0]))[-1] == {
        "status": "ok",
        "chip": "speck2f",
        "fits": True,
    }
    assert "fits speck2f" in run("check", str(trained[0] / "best.pt")).stdout


def test_a_network_that_does_not_fit_is_said_not_to_and_fails(trained: tuple[Path, str]) -> None:
    misfit = str(trained[0].parent / "misfit")
    result = run("check", misfit, "--json")
    assert result.exit_code == 1
    first, *_, last = (json.loads(line) for line in result.stdout.splitlines())
    assert first["check"] == "kernel-size"
    assert (last["status"], last["fits"]) == ("error", False)
    report = run("report", misfit, "--split", trained[1])
    assert report.exit_code == 1
    assert "kernel 17 × 17 is larger than 16 × 16" in report.stdout
    assert isinstance(run("quantize", misfit).exception, DoesNotFit)


def test_integers_are_saved(trained: tuple[Path, str], tmp_path: Path) -> None:
    result = run("quantize", str(trained[0]), "--out", str(tmp_path / "q"))
    assert result.exit_code == 0
    assert "lower bound" in result.stdout
    with np.load(tmp_path / "q") as file:
        assert file["conv1/weight"].dtype == np.int8
        assert file["conv1/lower_bound"] < 0 < file["conv1/threshold"]
    assert records("quantize", str(trained[0]))[0]["layer"] == "conv1"


@pytest.mark.parametrize("way", [(), ("--by-event",)])
def test_samples_run_through_integers(trained: tuple[Path, str], way: tuple[str, ...]) -> None:
    folder, split = trained
    head, *layers = records("simulate", str(folder), "--split", split, "--limit", "3", *way)
    assert head["n_samples"] == 3
    assert len({layer["core"] for layer in layers}) == 2
    table = run("simulate", str(folder), "--split", split)
    assert table.exit_code == 0
    assert "spikes/neuron/step" in table.stdout


def test_a_configuration_is_written_or_printed(trained: tuple[Path, str], tmp_path: Path) -> None:
    printed = run("config", str(trained[0]))
    path = tmp_path / "chip.json"
    written = run("config", str(trained[0]), "--out", str(path))
    assert "of 16,384" in written.stdout
    assert json.loads(printed.stdout) == json.loads(path.read_text())
    (record,) = records("config", str(trained[0]), "--out", str(path))
    assert record["status"] == "ok"
    simulated = records("simulate", str(path), "--split", trained[1], "--bins", "4")[1:]
    assert [layer["core"] for layer in simulated] == record["cores"]
    assert simulated == records("simulate", str(trained[0]), "--split", trained[1])[1:]


def test_a_report_compares_model_and_integers(trained: tuple[Path, str], tmp_path: Path) -> None:
    folder, split = trained
    path = tmp_path / "report.json"
    (report,) = records("report", str(folder), "--split", split, "--out", str(path))
    assert report == json.loads(path.read_text())
    assert report["fits"] is True
    assert report["n_samples"] == len(open_split(split).selection("test"))
    assert "accuracy, event by event" in run("report", str(folder), "--split", split).stdout


def test_what_is_not_there_is_named(trained: tuple[Path, str]) -> None:
    folder, split = trained
    assert isinstance(run("check", str(folder.parent / "none")).exception, NotFound)
    assert isinstance(run("check", str(folder), "--chip", "spek").exception, NotFound)
    reference = split.partition("/split")[0]
    assert isinstance(run("report", str(folder), "--split", reference).exception, InvalidInput)
