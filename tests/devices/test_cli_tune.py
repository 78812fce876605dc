"""The verb ``chip tune``."""

import json
from pathlib import Path

import typer
from typer.testing import CliRunner, Result

from devices.cli_tune import add_tune
from eventstore.errors import NotFound
from snn.tasks import load_run


def tune(*arguments: object) -> Result:
    app = typer.Typer()
    app.callback()(lambda: None)
    add_tune(app)
    return CliRunner().invoke(app, ["tune", *map(str, arguments)])


def test_a_run_is_tuned_on_what_it_was_trained_on(
    trained: tuple[Path, str], tmp_path: Path
) -> None:
    out = tmp_path / "tuned"
    settings = ("--epochs", 1, "--finer", 2, "--json")
    planned = tune(trained[0], "--on", trained[1], "--out", out, "--dry-run", "--json")
    assert json.loads(planned.stdout)["dry_run"] is True
    assert not out.exists()
    result = tune(trained[0], "--on", trained[1], "--out", out, *settings)
    assert result.exit_code == 0, result.output
    facts = json.loads(result.stdout.splitlines()[-1])
    assert facts["test_event_accuracy"] == load_run(out).metrics["chip"]["event_accuracy"]
    assert facts["test_accuracy_before"] == load_run(trained[0]).metrics["accuracy"]
    assert "held_out_event_accuracy_before" in facts
    table = tune(out / "best.pt", "--on", trained[1], "--out", tmp_path / "2", "--epochs", 1)
    assert "test event accuracy" in table.stdout


def test_data_that_are_gone_are_asked_for(trained: tuple[Path, str], tmp_path: Path) -> None:
    record = trained[0] / "run.json"
    facts = json.loads(record.read_text())
    moved = tmp_path / "moved"
    moved.mkdir()
    facts["task"] = "elsewhere@1.0.0/split:s"
    (moved / "run.json").write_text(json.dumps(facts))
    (moved / "best.pt").write_bytes((trained[0] / "best.pt").read_bytes())
    error = tune(moved, "--out", tmp_path / "out").exception
    assert isinstance(error, NotFound)
    assert "cannot be opened" in str(error)
    assert "--on FOLDER@VERSION/split:NAME" in (error.hint or "")
