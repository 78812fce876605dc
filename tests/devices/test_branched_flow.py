"""A network that branches, trained on a task, through every verb: as a run and as a NIR file."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import typer
from torch import nn
from typer.testing import CliRunner, Result

import snn
from catalog.dataset import Dataset
from catalog.open_tasks import make_task, open_task
from catalog.tasks.spec import TaskSpec
from devices.cli import register
from devices.config_file import load_config
from devices.report_file import read_report
from eventstore.errors import InvalidInput, NotFound
from eventstore.registry import Entry
from snn.models import MODELS
from snn.tasks import load_run, train_task


class Trained(NamedTuple):
    """A run, the same network as a NIR file, and the task."""

    run: Path
    nir: Path
    task: str


def residual_net(
    n_classes: int, input_shape: tuple[int, ...], *, features: int = 4
) -> snn.SpikingSequential:
    """Build a net with a skip past its second convolution, as recipes name builders."""
    paths = {
        "conv": nn.Conv2d(features, features, 3, padding=1, bias=False),
        "iaf": snn.IAF(0.5, min_v_mem=-1.0),
    }
    rows, columns = ((size - 1) // 4 + 1 for size in input_shape[1:])
    return snn.SpikingSequential(
        nn.Conv2d(input_shape[0], features, 3, stride=4, padding=1, bias=False),
        snn.IAF(0.5, min_v_mem=-1.0),
        snn.Branching(paths, outputs=("input", "iaf")),
        nn.Flatten(),
        nn.Linear(features * rows * columns, n_classes, bias=False),
        snn.IAF(0.5, min_v_mem=-1.0),
    )


@pytest.fixture(scope="module")
def branched(
    trained: tuple[Path, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Trained]:
    folder = tmp_path_factory.mktemp("branched")
    plain = load_run(trained[0])
    dataset = Dataset.open(Path(trained[1].partition("@")[0]))
    with pytest.MonkeyPatch.context() as patch:
        for role in ("AUTHOR", "COMMITTER"):
            patch.setenv(f"GIT_{role}_NAME", "Test Curator")
            patch.setenv(f"GIT_{role}_EMAIL", "curator@example.org")
        make_task(dataset, "sides", TaskSpec(splits=("s",)))
        dataset.save("1.1.0", "a task")
        patch.setitem(MODELS._entries(), "residual", Entry(f"{__name__}:residual_net"))
        reference = f"{dataset.root}@1.1.0/task:sides"
        recipe = replace(plain.recipe, name="residual", model="residual", model_options={})
        with open_task(reference) as task:
            run = train_task(task.round(), recipe, folder / "run")
        snn.write_nir(folder / "net.nir", snn.to_nir(run.model, run.input_shape))
        yield Trained(folder / "run", folder / "net.nir", reference)


def run(*arguments: object) -> Result:
    app = typer.Typer()
    app.callback()(lambda: None)
    register(app)
    return CliRunner().invoke(app, ["chip", *map(str, arguments)])


def records(*arguments: object) -> list[dict[str, Any]]:
    result = run(*arguments, "--json")
    assert result.exit_code == 0, (result.output, result.exception)
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_a_run_and_its_file_say_the_same(branched: Trained, tmp_path: Path) -> None:
    found: dict[str, Any] = {}
    for name, model in (("run", branched.run), ("nir", branched.nir)):
        bins = () if name == "run" else ("--bins", 4)
        given = ("--split", branched.task, *bins)
        assert records("check", model)[-1]["fits"] is True
        integers = records("quantize", model)
        simulated = records("simulate", model, *given, "--by-event")
        config, report = tmp_path / f"{name}-chip.json", tmp_path / f"{name}-report.json"
        records("config", model, "--out", config)
        page = tmp_path / f"{name}.html"
        records("report", model, *given, "--out", report, "--html", page)
        assert "<title>" in page.read_text()
        losses = [(layer.name, layer.event_loss) for layer in read_report(report).layers]
        facts = load_config(config)["header"]["model_digest"], read_report(report).event_accuracy
        found[name] = (integers, simulated, *facts, losses)
        assert records("simulate", config, "--split", branched.task, "--bins", 4)[0]["n_samples"]
    assert [row["weights"] for row in found["run"][0]] == ["4×2×3×3", "4×4×3×3", "2×4×9×9"]
    for one, other in zip(found["run"], found["nir"], strict=True):
        assert one == other


def test_a_network_that_branches_is_tuned(branched: Trained, tmp_path: Path) -> None:
    (facts,) = records(
        *("tune", branched.run, "--on", branched.task, "--out", tmp_path / "tuned"),
        *("--epochs", 1, "--finer", 2),
    )
    tuned = load_run(tmp_path / "tuned")
    assert tuned.metrics["chip"]["event_accuracy"] == facts["test_event_accuracy"]
    before, after = (r.model.state_dict()["2.conv.weight"] for r in (load_run(branched.run), tuned))
    assert not before.equal(after)


def test_samples_of_a_task_are_those_of_its_role(branched: Trained) -> None:
    (whole,) = records("report", branched.run, "--split", branched.task, "--no-alone")
    (few,) = records("report", branched.run, "--split", branched.task, "--no-alone", "--limit", 3)
    assert (whole["n_samples"], few["n_samples"]) == (9, 3)
    error = run("report", branched.run, "--split", branched.task, "--fold", "tset").exception
    assert isinstance(error, NotFound)
    assert "did you mean 'test'" in str(error) + error.hint
    other = branched.nir.with_name("other.nir")
    net = snn.SpikingSequential(nn.Flatten(), nn.Linear(200, 2), snn.IAF())
    snn.write_nir(other, snn.to_nir(net, (2, 10, 10)))
    error = run("report", other, "--split", branched.task, "--bins", 4).exception
    assert isinstance(error, InvalidInput)
    assert "takes frames of (2, 10, 10), the samples give (2, " in str(error)
    error = run("report", branched.nir, "--split", branched.task).exception
    assert isinstance(error, InvalidInput)
    assert "--bins" in error.hint
