import csv
import json
import sys
from dataclasses import replace
from pathlib import Path
from statistics import fmean, stdev
from types import SimpleNamespace

import pytest
import typer
from typer.testing import CliRunner

from catalog.reference import Reference
from catalog.splits.split import Split
from catalog.tasks.task import TaskRound
from eventstore.errors import AlreadyExists, InvalidInput, MissingExtra, NotFound
from snn.cli import register
from snn.task_data import as_round

SPLIT = "tiny@1.0.0/split:official"


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
    *rows, summary = lines(trained.stdout)
    assert [row["seed"] for row in rows] == [1, 2]
    accuracies = [float(str(row["test_accuracy"])) for row in rows]
    assert summary == {
        "summary": "tiny@1.0.0/split:official#" + "ab" * 8,
        "recipe": "mine",
        "seeds": [1, 2],
        "n_seeds": 2,
        "test_accuracy_mean": fmean(accuracies),
        "test_accuracy_sd": stdev(accuracies),
    }
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
    assert "(mean ± sd over 2 seeds, sd with n − 1)" in again.stdout
    assert "seed 2: finished before" in again.stderr


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
    *rows, summary = lines(run(app, [*args, "--json"], catch_exceptions=False).stdout)
    assert [row["round"] for row in rows] == ["a", "b/c"]
    assert summary["rounds"] == ["a", "b/c"]
    assert summary["test_accuracy_sd"] is None
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


def train_args(recipe_file: Path, out: Path, *more: str) -> list[str]:
    return ["train", SPLIT, "--recipe", str(recipe_file), "--out", str(out), *more]


def test_each_epoch_is_a_line_where_there_is_no_terminal(
    app: typer.Typer, recipe_file: Path, tmp_path: Path
) -> None:
    args = train_args(recipe_file, tmp_path, "--json")
    result = CliRunner().invoke(app, args, catch_exceptions=False)
    (line,) = result.stderr.splitlines()
    assert line.startswith("seed 0 epoch 0 (1/1): loss ")
    assert "samples/s" in line
    (row,) = lines(result.stdout)
    assert row["seed"] == 0


def test_a_number_of_seeds_and_what_is_missing_of_them(
    app: typer.Typer, recipe_file: Path, tmp_path: Path
) -> None:
    run = CliRunner().invoke
    run(app, train_args(recipe_file, tmp_path, "--seed", "1"), catch_exceptions=False)
    before = (tmp_path / "seed-1" / "run.json").stat().st_mtime_ns
    args = train_args(recipe_file, tmp_path, "--seeds", "3", "--json")
    refused = run(app, args).exception
    assert isinstance(refused, AlreadyExists)
    assert "seed-1 holds a run already" in refused.message
    assert not (tmp_path / "seed-0").exists()  # refused before anything was trained
    result = run(app, [*args, "--resume"], catch_exceptions=False)
    *rows, summary = lines(result.stdout)
    assert [row["seed"] for row in rows] == [0, 1, 2]
    assert summary["n_seeds"] == 3
    assert (tmp_path / "seed-1" / "run.json").stat().st_mtime_ns == before


def test_seeds_are_said_in_one_way(app: typer.Typer, recipe_file: Path, tmp_path: Path) -> None:
    args = train_args(recipe_file, tmp_path, "--seed", "1", "--seeds", "2")
    refused = CliRunner().invoke(app, args).exception
    assert isinstance(refused, InvalidInput)
    assert refused.hint == "--seeds 3 is the same as --seed 0 --seed 1 --seed 2"


def test_epochs_are_logged_for_tensorboard_too(
    app: typer.Typer, recipe_file: Path, tmp_path: Path
) -> None:
    pytest.importorskip("tensorboard", reason="needs tensorboard")
    args = train_args(recipe_file, tmp_path, "--log", "tensorboard")
    CliRunner().invoke(app, args, catch_exceptions=False)
    run = tmp_path / "seed-0"
    assert len(list((run / "tensorboard").iterdir())) == 1
    with (run / "history.csv").open(newline="") as file:
        assert [row["epoch"] for row in csv.DictReader(file)] == ["0"]
    for events in (run / "tensorboard").iterdir():
        events.unlink()
    CliRunner().invoke(app, [*args, "--resume"], catch_exceptions=False)
    assert len(list((run / "tensorboard").iterdir())) == 1


def test_a_log_that_cannot_be_written_is_refused_first(
    app: typer.Typer, recipe_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", None)
    args = train_args(recipe_file, tmp_path / "out", "--log", "tensorboard")
    assert isinstance(CliRunner().invoke(app, args).exception, MissingExtra)
    assert not (tmp_path / "out").exists()


def test_the_learning_curve_is_drawn(app: typer.Typer, recipe_file: Path, tmp_path: Path) -> None:
    args = train_args(recipe_file, tmp_path, "--plot")
    CliRunner().invoke(app, args, catch_exceptions=False)
    picture = tmp_path / "seed-0" / "learning_curve.png"
    assert picture.read_bytes().startswith(b"\x89PNG")
    picture.unlink()
    CliRunner().invoke(app, [*args, "--resume"], catch_exceptions=False)
    assert picture.is_file()
