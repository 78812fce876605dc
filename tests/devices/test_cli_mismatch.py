"""The verb ``chip mismatch``, and what it tests: runs of two recipes on the same chips."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from catalog.folder import open_split
from devices.cli_mismatch import add_mismatch
from eventstore.errors import DoesNotFit, InvalidInput, NotFound
from eventstore.transforms.downsample import Downsample
from eventstore.transforms.frames import FramesByBins
from eventstore.transforms.pipeline import Pipeline
from snn.recipe import Recipe, load_recipe
from snn.tasks import train_task


def mismatch(*arguments: object) -> Result:
    app = typer.Typer()
    app.callback()(lambda: None)
    add_mismatch(app)
    return CliRunner().invoke(app, ["mismatch", *map(str, arguments)])


def small(name: str, *hidden: int) -> Recipe:
    base = load_recipe("nmnist-dpi")
    return replace(
        base,
        name=name,
        pipeline=Pipeline(Downsample(factor=8), FramesByBins(n_bins=20)),
        model_options={**base.model_options, "hidden": list(hidden), "input_scale": 3.0},
        training=replace(base.training, epochs=1),
    )


@pytest.fixture(scope="module")
def runs(trained: tuple[Path, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder, split = tmp_path_factory.mktemp("runs"), open_split(trained[1])
    narrow, wide, misfit = small("narrow", 12), small("wide", 16), small("misfit", 80)
    for recipe, seeds in ((narrow, (0, 1)), (wide, (0,)), (misfit, (0,))):
        for seed in seeds:
            train_task(split, recipe.with_seed(seed), folder / recipe.name / f"seed-{seed}")
    return folder


def test_curves_of_two_recipes_stand_side_by_side(runs: Path, trained: tuple[Path, str]) -> None:
    arguments = (runs / "narrow", runs / "wide", "--split", trained[1], "--chips", 3)
    result = mismatch(*arguments, "--sigma", 0.3)
    assert result.exit_code == 0, result.output
    assert "accuracy on 3 chips a run, 9 samples of test" in result.stdout
    for said in ("narrow (2)", "wide (1)", "as trained", "σ = 0 %", "σ = 30 %"):
        assert said in result.stdout
    lines = [json.loads(x) for x in mismatch(*arguments, "--json").stdout.splitlines()]
    assert [line["recipe"] for line in lines] == ["narrow", "wide"]
    for line in lines:
        assert line["chip"] == "dynapse2"
        assert [point["strength"] for point in line["curve"]] == [0.0, 0.1, 0.2]
        assert [point["n_draws"] for point in line["curve"]] == [1, 3, 3]
        assert len(line["runs"]) == len(line["float_accuracy"])
    assert [len(line["runs"]) for line in lines] == [2, 1]


def test_what_cannot_be_tested_is_refused(runs: Path, trained: tuple[Path, str]) -> None:
    one, split = runs / "narrow" / "seed-0", ("--split", trained[1])
    for arguments, error, said in (
        ((runs / "misfit", *split), DoesNotFit, "each has 64 synapses"),
        ((one, *split, "--chip", "speck2f"), InvalidInput, "computes in integers"),
        ((one, *split, "--chip", "dynapse"), NotFound, "dynapse2"),
        ((one, *split, "--only", "weight"), NotFound, "weights"),
        ((one, *split, "--sigma", 2), InvalidInput, "sigmas 0, 2"),
        ((trained[0], *split), DoesNotFit, "IAF"),
    ):
        result = mismatch(*arguments)
        assert result.exit_code == 1
        assert isinstance(result.exception, error), result.exception
        assert said in f"{result.exception} {getattr(result.exception, 'hint', '')}"
