import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from catalog.splits.split import Split
from eventstore.errors import InvalidInput, NotFound
from eventstore.transforms.frames import FramesByTime
from eventstore.transforms.pipeline import Pipeline
from snn.cli_evaluate import _step_ms, register
from snn.recipe import Recipe, load_recipe
from snn.tasks import Run, train_task

SPLIT = "tiny@1.0.0/split:official"


@pytest.fixture
def app(tiny_split: Split, monkeypatch: pytest.MonkeyPatch) -> typer.Typer:
    monkeypatch.setattr("catalog.folder.open_split", lambda _: tiny_split)
    app = typer.Typer()
    app.callback()(lambda: None)  # a single verb would need no name
    register(app)
    return app


@pytest.fixture
def run(tiny_split: Split, recipe_file: Path, tmp_path: Path) -> Run:
    return train_task(tiny_split, load_recipe(str(recipe_file)), tmp_path / "run")


def evaluated(app: typer.Typer, run: Run, *more: str) -> str:
    args = ["evaluate", str(run.folder), "--split", SPLIT, *more]
    return CliRunner().invoke(app, args, catch_exceptions=False).stdout


def test_people_get_tables_in_network_order(app: typer.Typer, run: Run) -> None:
    said = evaluated(app, run)
    assert said.startswith(f"accuracy {run.metrics['accuracy']:.2%}: ")
    for part in ("precision", "confusion:", "accuracy over time", "activity per sample"):
        assert part in said
    assert said.index("conv1") < said.index("iaf1") < said.index("readout")


def test_programs_get_everything_in_a_line(app: typer.Typer, run: Run) -> None:
    (line,) = evaluated(app, run, "--json").splitlines()
    found = json.loads(line)
    assert (
        found["accuracy"] == run.metrics["accuracy"] == found["latency"]["accuracy_after_step"][-1]
    )
    assert found["label_names"] == list(run.label_names)
    assert found["fold"] == "test"
    assert found["step_ms"] is None
    assert {"confusion", "classes", "layers", "loss", "n_samples"} <= set(found)
    assert "plots" not in found


def test_pictures_are_written_and_named(app: typer.Typer, run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "pictures"
    said = evaluated(app, run, "--plot", str(folder))
    assert f"written: {folder / 'confusion.png'}" in said
    assert (folder / "latency.png").read_bytes().startswith(b"\x89PNG")
    found = json.loads(evaluated(app, run, "--plot", str(folder), "--json", "--fold", "train"))
    assert found["plots"] == [str(folder / "confusion.png"), str(folder / "latency.png")]
    assert found["n_samples"] == 24


def test_a_folder_without_a_run_is_told(app: typer.Typer, tmp_path: Path) -> None:
    args = ["evaluate", str(tmp_path), "--split", SPLIT]
    assert isinstance(CliRunner().invoke(app, args).exception, NotFound)


def test_steps_have_a_length_where_frames_have(run: Run, tiny_recipe: Recipe) -> None:
    from dataclasses import replace

    timed = replace(tiny_recipe, pipeline=Pipeline(FramesByTime(window_us=2500)))
    assert _step_ms(replace(run, recipe=timed)) == 2.5
    assert _step_ms(run) is None


def test_a_device_that_is_not_there_is_told(app: typer.Typer, run: Run) -> None:
    args = ["evaluate", str(run.folder), "--split", SPLIT, "--torch-device", "tpu"]
    failed = CliRunner().invoke(app, args).exception
    assert isinstance(failed, InvalidInput)
    assert "'tpu'" in failed.message
