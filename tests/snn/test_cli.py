import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from catalog.splits.split import Split
from eventstore.errors import NotFound
from snn.cli import register


@pytest.fixture
def app(tiny_split: Split, monkeypatch: pytest.MonkeyPatch) -> typer.Typer:
    monkeypatch.setattr("catalog.folder.open_split", lambda _: tiny_split)
    app = typer.Typer()
    register(app)
    return app


def lines(text: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in text.splitlines()]


def test_train_then_evaluate(app: typer.Typer, recipe_file: Path, tmp_path: Path) -> None:
    run = CliRunner().invoke
    task = "tiny@1.0.0/split:official"
    args = ["train", task, "--recipe", str(recipe_file), "--out", str(tmp_path / "out")]
    trained = run(app, [*args, "--seed", "1", "--seed", "2", "--json"], catch_exceptions=False)
    rows = lines(trained.stdout)
    assert [row["seed"] for row in rows] == [1, 2]
    assert rows[0]["task"] == "tiny@1.0.0/split:official#" + "ab" * 8

    folder = str(rows[0]["run"])
    evaluated = run(app, ["evaluate", folder, "--split", task, "--json"], catch_exceptions=False)
    (found,) = lines(evaluated.stdout)
    assert found["accuracy"] == rows[0]["test_accuracy"]
    assert found["fold"] == "test"

    shown = run(app, ["evaluate", folder, "--split", task], catch_exceptions=False).stdout
    assert "accuracy" in shown
    assert "synaptic operations" in shown
    assert shown.index("conv1") < shown.index("iaf1") < shown.index("readout")

    again = run(app, [*args, "--seed", "1", "--seed", "2", "--resume"], catch_exceptions=False)
    assert "over 2 seeds" in again.stdout


def test_dry_run_trains_nothing(app: typer.Typer, recipe_file: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    args = ["train", "t", "--recipe", str(recipe_file), "--out", str(out), "--dry-run"]
    said = CliRunner().invoke(app, args, catch_exceptions=False).stdout
    assert "recipe: mine" in said
    assert not out.exists()


def test_an_unknown_recipe_is_left_to_the_dispatcher(app: typer.Typer, tmp_path: Path) -> None:
    args = ["train", "t", "--recipe", "nope", "--out", str(tmp_path)]
    assert isinstance(CliRunner().invoke(app, args).exception, NotFound)
