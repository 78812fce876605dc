import json
from pathlib import Path
from types import SimpleNamespace

import pytest
import typer
from typer.testing import CliRunner

from catalog.splits.split import Split
from eventstore.errors import InvalidInput, NotFound
from snn.cli import register
from snn.cli_robustness import _open_tested, _rising
from snn.recipe import load_recipe
from snn.tasks import train_task

SPLIT = "tiny@1.0.0/split:official"
QUICK = ["--sigma", "0.3", "--draws", "2", "--jitter-us", "1000", "--drop", "0.5"]


@pytest.fixture
def app(tiny_split: Split, monkeypatch: pytest.MonkeyPatch) -> typer.Typer:
    monkeypatch.setattr("catalog.folder.open_split", lambda _: tiny_split)
    app = typer.Typer()
    register(app)
    return app


@pytest.fixture
def runs(tiny_split: Split, recipe_file: Path, tmp_path: Path) -> list[str]:
    recipe = load_recipe(str(recipe_file))
    folders = [tmp_path / f"seed-{seed}" for seed in (0, 1)]
    for seed, folder in enumerate(folders):
        train_task(tiny_split, recipe.with_seed(seed), folder)
    return [str(folder) for folder in folders]


def test_a_report_is_printed_and_written(app: typer.Typer, runs: list[str], tmp_path: Path) -> None:
    args = ["robustness", *runs, "--split", SPLIT, "--out", str(tmp_path / "out"), *QUICK]
    said = CliRunner().invoke(app, args, catch_exceptions=False).stdout
    assert "Mismatch: accuracy" in said
    assert "Jitter of events" in said
    assert "Lost events" in said
    assert "written:" in said
    found = CliRunner().invoke(app, [*args, "--json"], catch_exceptions=False).stdout
    (line,) = found.splitlines()
    written = json.loads((tmp_path / "out" / "robustness.json").read_text(encoding="utf-8"))
    assert json.loads(line) == written
    (one,) = written["recipes"]
    assert [p["strength"] for p in one["mismatch"]] == [0.0, 0.3]
    assert [p["n_draws"] for p in one["mismatch"]] == [1, 2]
    assert one["runs"] == runs


def test_a_dry_run_checks_and_writes_nothing(
    app: typer.Typer, runs: list[str], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    args = ["robustness", *runs, "--split", SPLIT, "--out", str(out), "--dry-run"]
    said = CliRunner().invoke(app, args, catch_exceptions=False).stdout
    assert "recipe mine: 2 runs" in said
    assert "mismatch: 0, 0.05, 0.1, 0.15, 0.2, 0.3; 20 chips of each run" in said
    of_folder = ["robustness", str(tmp_path), *args[3:]]
    assert CliRunner().invoke(app, of_folder, catch_exceptions=False).stdout == said
    (line,) = CliRunner().invoke(app, [*args, "--json"], catch_exceptions=False).stdout.splitlines()
    assert json.loads(line)["recipes"] == {"mine": 2}
    assert not out.exists()
    wrong = CliRunner().invoke(app, [*args, "--fold", "tset"])
    assert isinstance(wrong.exception, NotFound)


def test_a_folder_that_is_no_run_is_left_to_the_dispatcher(
    app: typer.Typer, tmp_path: Path
) -> None:
    args = ["robustness", str(tmp_path), "--split", SPLIT, "--out", str(tmp_path / "out")]
    assert isinstance(CliRunner().invoke(app, args).exception, NotFound)


def test_strengths_rise_from_zero_however_they_are_given() -> None:
    assert _rising([0.2, 0.1, 0.2], ()) == (0.0, 0.1, 0.2)
    assert _rising(None, (0.0, 0.3)) == (0.0, 0.3)


def test_runs_of_two_rounds_do_not_mix(monkeypatch: pytest.MonkeyPatch) -> None:
    task = SimpleNamespace(record=SimpleNamespace(cross_validate=True), round=lambda name: name)
    monkeypatch.setattr("catalog.cli_task.open_quietly", lambda *_: task)
    a, b = (SimpleNamespace(round=name) for name in "ab")
    assert _open_tested("d@1/task:t", [a, a], None) == "a"  # type: ignore[list-item,comparison-overlap]
    with pytest.raises(InvalidInput, match="rounds a, b"):
        _open_tested("d@1/task:t", [a, b], None)  # type: ignore[list-item]
