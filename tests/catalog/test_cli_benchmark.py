"""``spikelake benchmark …``."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

import catalog
from catalog.cli_benchmark import app
from catalog.dataset import Dataset
from catalog.tasks import result
from eventstore.errors import InvalidInput, NotFound


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(a) for a in arguments])


@pytest.fixture
def task(animals: Dataset) -> str:
    """The reference of a task in a saved version."""
    made = catalog.make_task(animals, "three", catalog.TaskSpec(splits=("official",)))
    animals.save("1.1.0")
    return f"{animals.root}@1.1.0/task:three#{made.digest}"


@pytest.fixture
def runs(task: str, tmp_path: Path) -> list[Path]:
    """A folder and a file of results, as another framework would write them."""
    paths = []
    for seed, right in enumerate((1, 2)):
        confusion = [[2, 0, 0], [0, 2, 0], [0, 2 - right, right]]
        facts = result.Result(task=task, seed=seed, model={"name": "mine"}, confusion=confusion)
        folder = tmp_path / f"seed-{seed}"
        folder.mkdir()
        (folder / "result.json").write_text(facts.text())
        paths.append(folder if seed else folder / "result.json")
    return paths


def test_a_card_is_made_and_verified(
    animals: Dataset, task: str, runs: list[Path], tmp_path: Path
) -> None:
    out = tmp_path / "card"
    planned = run("make", *runs, "--task", task, "--out", out, "--dry-run")
    assert "would have written" in planned.output
    assert not out.exists()
    made = json.loads(run("make", *runs, "--task", task, "--out", out, "--json").output)
    assert made["mean"] == pytest.approx(11 / 12)
    assert (out / "benchmark.md").read_text().startswith("# mine on animals@1.1.0/task:three#")
    for data in (animals.root, animals.root.parent):
        verified = run("verify", out, "--data", data)
        assert verified.exit_code == 0
        assert "everything agrees" in verified.output
    assert "its task was not checked" in run("verify", out / "benchmark.json").output
    assert run("verify", out, "--json").output == ""


def test_a_card_changed_by_hand_is_refused(
    animals: Dataset, task: str, runs: list[Path], tmp_path: Path
) -> None:
    run("make", *runs, "--task", task, "--out", tmp_path)
    card = tmp_path / "benchmark.json"
    card.write_text(card.read_text().replace('"mean": 0.91', '"mean": 0.99'))
    done = run("verify", card, "--data", animals.root)
    assert done.exit_code == 1
    assert "the card was edited" in done.output
    assert "value is stated as" in done.output


def test_files_that_are_not_there_are_said(task: str, tmp_path: Path) -> None:
    done = run("make", tmp_path, "--task", task, "--out", tmp_path / "card")
    assert isinstance(done.exception, NotFound)
    assert "no result" in done.exception.message
    assert isinstance(run("verify", tmp_path).exception, NotFound)


def test_runs_on_another_task_are_refused(
    animals: Dataset, task: str, runs: list[Path], tmp_path: Path
) -> None:
    spec = catalog.TaskSpec(splits=("official",), metric="macro-f1")
    catalog.make_task(animals, "other", spec)
    other = f"{animals.root}@draft/task:other"
    done = run("make", *runs, "--task", other, "--out", tmp_path / "card")
    assert isinstance(done.exception, InvalidInput)
    assert "run of seed 0: it is of the task" in done.exception.message
