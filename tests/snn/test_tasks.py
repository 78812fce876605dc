import csv
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from catalog.splits.split import Split
from eventstore.errors import AlreadyExists, FormatError, InvalidInput, NotFound
from eventstore.loader import CutMix, EventMix, Loader
from eventstore.loader.mixing import Mixer
from eventstore.selection import Selection
from snn.checkpoint import save_checkpoint
from snn.csv_log import CsvLog
from snn.progress import EpochRow, StepReport
from snn.recipe import Recipe
from snn.tasks import evaluate_run, load_run, save_run, train_task


def test_a_run_reloads_and_gives_the_same(
    tiny_split: Split, tiny_recipe: Recipe, tmp_path: Path
) -> None:
    run = train_task(tiny_split, tiny_recipe.with_seed(3), tmp_path / "run")
    again = load_run(tmp_path / "run")
    assert again.seed == 3
    assert again.task == "tiny@1.0.0/split:official#" + "ab" * 8
    assert again.result == run.result
    assert again.metrics == json.loads(json.dumps(run.metrics))
    found = evaluate_run(again, tiny_split, "test")
    assert found.to_dict() == run.metrics
    assert sorted(p.name for p in (tmp_path / "run").iterdir()) == [
        "best.pt",
        "history.csv",
        "last.pt",
        "run.json",
    ]
    assert (tmp_path / "run" / "history.csv").read_text().count("\n") == 4


def test_what_a_run_was_made_from_is_kept(
    tiny_split: Split, tiny_recipe: Recipe, tmp_path: Path
) -> None:
    run = train_task(tiny_split, tiny_recipe, tmp_path / "run")
    assert load_run(tmp_path / "run").origin == {}
    (tmp_path / "other").mkdir()
    save_run(replace(run, folder=tmp_path / "other", origin={"run": "run"}))
    assert load_run(tmp_path / "other").origin == {"run": "run"}


def test_seeds_differ_and_repeat(tiny_split: Split, tiny_recipe: Recipe, tmp_path: Path) -> None:
    runs = [
        train_task(tiny_split, tiny_recipe.with_seed(seed), tmp_path / str(i))
        for i, seed in enumerate((1, 1, 2))
    ]
    one, same, other = (run.model.state_dict()["conv1.weight"] for run in runs)
    assert torch.equal(one, same)
    assert not torch.equal(one, other)


@pytest.mark.parametrize("step", [1, 4, 6])
def test_a_run_interrupted_inside_an_epoch_is_finished_with_the_same_bits(
    tiny_split: Split, tiny_recipe: Recipe, tmp_path: Path, step: int
) -> None:
    def interrupt(report: StepReport) -> None:
        if report.epoch * report.steps + report.step == step:
            raise KeyboardInterrupt

    whole = train_task(tiny_split, tiny_recipe, tmp_path / "whole")
    with pytest.raises(KeyboardInterrupt):
        train_task(tiny_split, tiny_recipe, tmp_path / "cut", checkpoint_every=1, on_step=interrupt)
    told: list[StepReport] = []
    resumed = train_task(
        tiny_split, tiny_recipe, tmp_path / "cut", resume=True, on_step=told.append
    )
    n_steps = 3 * told[0].steps
    assert len(told) == n_steps - step
    for name, weight in whole.model.state_dict().items():
        assert torch.equal(weight, resumed.model.state_dict()[name])
    assert whole.metrics == resumed.metrics
    assert [r.result for r in whole.result.history] == [r.result for r in resumed.result.history]


def test_a_gpu_that_is_not_there_is_named_before_anything_is_written(
    tiny_split: Split, tiny_recipe: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(InvalidInput, match="torch_device='cuda', but torch"):
        train_task(tiny_split, tiny_recipe, tmp_path / "run", torch_device="cuda")
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("mix", [None, EventMix()])
def test_an_interrupted_run_is_finished_with_the_same_bits(
    tiny_split: Split, tiny_recipe: Recipe, tmp_path: Path, mix: EventMix | None
) -> None:
    tiny_recipe = replace(tiny_recipe, mix=mix)

    def interrupt(row: EpochRow) -> None:
        raise KeyboardInterrupt

    whole = train_task(tiny_split, tiny_recipe, tmp_path / "whole")
    with pytest.raises(KeyboardInterrupt):
        train_task(tiny_split, tiny_recipe, tmp_path / "cut", on_epoch=interrupt)
    with pytest.raises(NotFound, match="no finished run"):
        load_run(tmp_path / "cut")
    with pytest.raises(AlreadyExists, match="holds a run"):
        train_task(tiny_split, tiny_recipe, tmp_path / "cut")
    resumed = train_task(tiny_split, tiny_recipe, tmp_path / "cut", resume=True)
    for name, weight in whole.model.state_dict().items():
        assert torch.equal(weight, resumed.model.state_dict()[name])
    assert whole.metrics == resumed.metrics


def test_training_samples_are_mixed_and_no_others(
    tiny_split: Split, tiny_recipe: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mixed: list[tuple[str, Mixer | None]] = []

    class Noted(Loader):
        def __init__(self, selection: Selection, *arguments: Any, **options: Any) -> None:
            super().__init__(selection, *arguments, **options)
            mixed.append((selection.store.recordings.ids[selection.recording[0]], self.mix))

    monkeypatch.setattr("snn.task_data.Loader", Noted)
    recipe = replace(tiny_recipe, mix=CutMix())
    run = train_task(tiny_split, recipe, tmp_path / "run")
    assert [mix for _, mix in mixed] == [CutMix(), None, None]  # train, held out, test
    assert mixed[2][0] == "r024"
    assert load_run(tmp_path / "run").recipe == recipe
    assert evaluate_run(run, tiny_split, "train").accuracy >= 0
    assert mixed[-1][1] is None
    plain = train_task(tiny_split, tiny_recipe, tmp_path / "plain")
    assert plain.result.history != run.result.history


def test_without_held_out_samples_the_last_epoch_counts(
    tiny_split: Split, tiny_recipe: Recipe, tmp_path: Path
) -> None:
    training = replace(tiny_recipe.training, choose="last")
    run = train_task(tiny_split, replace(tiny_recipe, held_out=0, training=training), tmp_path)
    assert run.result.best_epoch == 2
    assert run.result.history[0].held_out_accuracy is None
    assert load_run(tmp_path).result == run.result


def test_other_classes_are_refused(tiny_split: Split, tiny_recipe: Recipe, tmp_path: Path) -> None:
    run = train_task(tiny_split, tiny_recipe, tmp_path)
    with pytest.raises(InvalidInput, match="has classes"):
        evaluate_run(replace(run, label_names=("x",)), tiny_split)
    with pytest.raises(NotFound):
        evaluate_run(run, tiny_split, "validation")


def test_a_damaged_record_is_named(tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text("{}")
    with pytest.raises(FormatError, match=r"run\.json: not the record of a run"):
        load_run(tmp_path)


@pytest.mark.parametrize("option", [{"dropout": 0.5}, {"min_v_mem": -2.0}, {"channels": [3]}])
def test_resuming_with_another_network_is_refused(
    tiny_split: Split, tiny_recipe: Recipe, tmp_path: Path, option: dict[str, object]
) -> None:
    train_task(tiny_split, tiny_recipe, tmp_path)
    other = replace(tiny_recipe, model_options={**tiny_recipe.model_options, **option})
    with pytest.raises(InvalidInput, match="another recipe"):
        train_task(tiny_split, other, tmp_path, resume=True)


def test_a_sensor_of_another_size_is_refused(
    tiny_split: Split, tiny_recipe: Recipe, tmp_path: Path
) -> None:
    run = train_task(tiny_split, tiny_recipe, tmp_path)
    with pytest.raises(InvalidInput, match=r"gives frames of \(2, 6, 8\), the run takes"):
        evaluate_run(replace(run, input_shape=(2, 9, 9)), tiny_split)


def test_weights_of_another_network_and_newer_records_are_named(
    tiny_split: Split, tiny_recipe: Recipe, tmp_path: Path
) -> None:
    train_task(tiny_split, tiny_recipe, tmp_path)
    save_checkpoint(tmp_path / "best.pt", {"model": {}})
    with pytest.raises(FormatError, match=r"best\.pt: these are not the weights"):
        load_run(tmp_path)
    save_checkpoint(tmp_path / "best.pt", {})
    with pytest.raises(FormatError, match=r"best\.pt: these are not the weights"):
        load_run(tmp_path)
    record = tmp_path / "run.json"
    record.write_text(record.read_text().replace('"format_version": 3', '"format_version": 4'))
    with pytest.raises(FormatError, match="expected 3; found 4"):
        load_run(tmp_path)


def test_the_history_is_there_while_training_goes_on(
    tiny_split: Split, tiny_recipe: Recipe, tmp_path: Path
) -> None:
    path = tmp_path / "run" / "history.csv"
    seen: list[list[dict[str, str]]] = []

    def look(row: EpochRow) -> None:
        with path.open(newline="", encoding="utf-8") as file:
            seen.append(list(csv.DictReader(file)))
        if len(seen) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train_task(tiny_split, tiny_recipe, tmp_path / "run", on_epoch=look)
    assert [len(rows) for rows in seen] == [1, 2]
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(lines[:2]) + lines[2][:5], encoding="utf-8")  # torn by a kill
    run = train_task(tiny_split, tiny_recipe, tmp_path / "run", resume=True, on_epoch=look)
    assert [row["epoch"] for row in seen[-1]] == ["0", "1", "2"]
    assert [float(row["loss"]) for row in seen[-1]] == [row.loss for row in run.result.history]
    assert seen[-1][:2] == seen[1]


def test_other_logs_are_told_each_epoch_once(
    tiny_split: Split, tiny_recipe: Recipe, tmp_path: Path
) -> None:
    def interrupt(row: EpochRow) -> None:
        raise KeyboardInterrupt

    log = CsvLog(tmp_path / "mine.csv")
    with pytest.raises(KeyboardInterrupt):
        train_task(tiny_split, tiny_recipe, tmp_path / "run", logs=[log], on_epoch=interrupt)
    train_task(tiny_split, tiny_recipe, tmp_path / "run", resume=True, logs=[log])
    kept = (tmp_path / "run" / "history.csv").read_bytes()
    assert log.path.read_bytes() == kept
    log.path.unlink()
    train_task(tiny_split, tiny_recipe, tmp_path / "run", resume=True, logs=[log])
    assert log.path.read_bytes() == kept
