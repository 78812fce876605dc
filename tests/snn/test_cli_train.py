import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
import typer
from typer.testing import CliRunner

from catalog.reference import Reference
from catalog.splits.split import Split
from catalog.tasks.task import TaskRound
from eventstore.errors import InvalidInput, NotFound
from snn.cli import register
from snn.task_data import as_round


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
    assert "synaptic" in shown
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


class OpenTask:
    """Stands for an open task that cross-validates over two rounds."""

    round_names = ("a", "b/c")

    def __init__(self, split: Split) -> None:
        self.record = SimpleNamespace(cross_validate=True)
        self._data = as_round(split)

    def round(self, name: str) -> TaskRound:
        cited = Reference(name="tiny", version="1.0.0", task="t", digest="cd" * 8)
        return replace(self._data, name=name, reference=cited)


def test_all_rounds_of_a_task_are_trained(
    app: typer.Typer,
    tiny_split: Split,
    recipe_file: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("catalog.cli_task.open_quietly", lambda *_: OpenTask(tiny_split))
    args = ["train", "tiny@1.0.0/task:t", "--recipe", str(recipe_file), "--out", str(tmp_path)]
    run = CliRunner().invoke
    planned = run(app, [*args, "--dry-run", "--json"], catch_exceptions=False)
    assert lines(planned.stdout)[0]["rounds"] == ["a", "b/c"]
    rows = lines(run(app, [*args, "--json"], catch_exceptions=False).stdout)
    assert [row["round"] for row in rows] == ["a", "b/c"]
    assert (tmp_path / "round-b%2Fc" / "seed-0" / "result.json").is_file()
    shown = run(app, [*args, "--resume", "--round", "a", "--round", "b/c"], catch_exceptions=False)
    assert "over 2 rounds" in shown.stdout
    folder = str(rows[1]["run"])
    ask = ["evaluate", folder, "--split", "tiny@1.0.0/task:t", "--json"]
    (found,) = lines(run(app, ask, catch_exceptions=False).stdout)
    assert found["accuracy"] == rows[1]["test_accuracy"]


def test_a_split_has_no_rounds(app: typer.Typer, recipe_file: Path, tmp_path: Path) -> None:
    args = ["train", "t", "--recipe", str(recipe_file), "--out", str(tmp_path), "--round", "a"]
    assert isinstance(CliRunner().invoke(app, args).exception, InvalidInput)
