"""The verb ``chip report``."""

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from catalog.folder import open_split
from devices.cli_report import add_report
from devices.report_file import read_report
from eventstore.errors import InvalidInput


def report(*arguments: object) -> Result:
    app = typer.Typer()
    app.callback()(lambda: None)
    add_report(app)
    return CliRunner().invoke(app, ["report", *map(str, arguments)])


def test_a_report_goes_into_files_and_comes_back(trained: tuple[Path, str], tmp_path: Path) -> None:
    folder, split = trained
    out, html = tmp_path / "r.json", tmp_path / "r.html"
    arguments = (folder, "--split", split, "--limit", 4, "--pj-per-synop", 2, "--out", out)
    result = report(*arguments, "--html", html)
    assert result.exit_code == 0, result.output
    found = read_report(out)
    assert found.n_samples == 4
    selection = open_split(split).selection("test")
    lengths = (selection.t_stop - selection.t_start)[[0, 2, 5, 8]] / 1e6
    assert found.seconds_per_sample == pytest.approx(lengths.mean())
    assert found.power is not None
    assert found.power.pj_per_synop == 2
    assert "nmnist-conv, seed 0 on speck2f" in html.read_text()
    assert "accuracy, event by event" in result.stdout
    assert str(html) in result.stdout


def test_layers_alone_may_be_left_out(trained: tuple[Path, str]) -> None:
    result = report(trained[0], "--split", trained[1], "--no-alone", "--json")
    plain = json.loads(result.stdout)
    assert plain["worst_layer"] is None
    assert plain["layers"][0]["event_loss"] is None
    assert plain["power"]["resting_mw"] == 0.42


def test_constants_that_are_none_are_refused(trained: tuple[Path, str]) -> None:
    result = report(trained[0], "--split", trained[1], "--resting-mw", -1)
    assert isinstance(result.exception, InvalidInput)


def test_what_is_no_run_is_named(trained: tuple[Path, str], tmp_path: Path) -> None:
    error = report(tmp_path / "chip.json", "--split", trained[1]).exception
    assert isinstance(error, InvalidInput)
    assert "its floats are gone" in str(error)
