"""Splits and tasks are trained on alike; test samples choose nothing."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from catalog.reference import Reference
from catalog.splits.split import Split
from catalog.tasks.task import TaskRound
from eventstore.errors import InvalidInput, NotFound
from eventstore.events import Sensor
from eventstore.loader import Loader, Mixture
from eventstore.testing import tiny_selection
from snn.processes import Team
from snn.recipe import Recipe
from snn.task_data import (
    InTurn,
    as_round,
    check_pipeline,
    common_shape,
    evaluation_loaders,
    frame_shape,
    parts_to_choose_by,
    selections_for,
    training_loader,
)
from snn.tasks import evaluate_run, load_run, train_task


@pytest.fixture
def both(tiny_split: Split, tmp_path: Path) -> TaskRound:
    """A round over two stores: validation and test are of the first."""
    other = tiny_selection(tmp_path / "other.zarr", n_recordings=10)
    train = tiny_split.selection("train")
    return TaskRound(
        name="",
        reference=Reference(name="tiny", version="1.0.0", task="both", digest="cd" * 8),
        label_names=tiny_split.label_names,
        train=(train.take(range(16)), other),
        validation=(train.take(range(16, 24)),),
        test=(tiny_split.selection("test"),),
    )


def test_a_split_is_a_task_of_its_folds(tiny_split: Split) -> None:
    data = as_round(tiny_split)
    assert (len(data.train[0]), data.validation, len(data.test[0])) == (24, (), 6)
    assert as_round(data) is data
    with pytest.raises(InvalidInput, match="has no samples to train on"):
        as_round(replace(data, train=()))


def test_few_samples_are_spread_over_all_stores(both: TaskRound, tiny_split: Split) -> None:
    whole = selections_for(both, "train")
    ids = [(id(part.store), row) for part in whole for row in part.recording.tolist()]
    for limit in (0, 1, 2, 5, 25, 26, 99):
        parts = selections_for(both, "train", limit=limit)
        taken = [(id(part.store), row) for part in parts for row in part.recording.tolist()]
        assert len(taken) == (limit if 0 < limit < len(ids) else len(ids))
        assert taken == [s for s in ids if s in taken]
        assert taken[0] == ids[0]
        assert limit < 2 or taken[-1] == ids[-1]
    assert len(selections_for(tiny_split, "test", limit=2)[0]) == 2
    with pytest.raises(NotFound, match=r"no samples of .* for 'tset'"):
        selections_for(both, "tset")


def test_the_epoch_is_chosen_on_validation_else_on_held_out_samples(
    tiny_split: Split, both: TaskRound, tiny_recipe: Recipe
) -> None:
    kept, aside = parts_to_choose_by(both, tiny_recipe)
    assert (kept, aside) == (both.train, both.validation)
    kept, aside = parts_to_choose_by(as_round(tiny_split), tiny_recipe)
    assert len(kept[0]) + len(aside[0]) == 24
    assert parts_to_choose_by(both, replace(tiny_recipe, held_out=0)) == (both.train, ())


def test_every_sample_of_every_dataset_is_served(both: TaskRound, tiny_recipe: Recipe) -> None:
    loader = training_loader(both.train, tiny_recipe)
    assert isinstance(loader, Mixture)
    assert sum(len(batch.ids) for batch in loader) == 26
    one = training_loader(both.train[:1], tiny_recipe)
    assert isinstance(one, Loader)
    tested = evaluation_loaders(both.train, tiny_recipe)
    assert isinstance(tested, InTurn)
    for _ in range(2):  # an evaluation after each epoch
        assert [len(batch.ids) for batch in tested] == [16, 10]


def test_frames_of_two_sizes_are_refused(
    both: TaskRound, tiny_recipe: Recipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaders = evaluation_loaders(both.train, tiny_recipe).loaders
    assert common_shape(loaders) == frame_shape(loaders[0])
    shapes = iter([(2, 6, 8), (2, 5, 5)])
    monkeypatch.setattr("snn.task_data.frame_shape", lambda _: next(shapes))
    with pytest.raises(InvalidInput, match=r"frames of \(2, 6, 8\) and \(2, 5, 5\)"):
        common_shape(loaders)


def test_other_transforms_than_the_task_fixes_are_refused(
    both: TaskRound, tiny_recipe: Recipe, tmp_path: Path
) -> None:
    fixed = replace(both, pipeline=tiny_recipe.evaluation_pipeline.fingerprint)
    check_pipeline(fixed, tiny_recipe)  # what augments training is free
    other = replace(both, pipeline="ab" * 32)
    with pytest.raises(InvalidInput, match="fixes the transforms abababababababab; recipe"):
        train_task(other, tiny_recipe, tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_a_run_on_a_task_keeps_its_result(
    both: TaskRound, tiny_recipe: Recipe, tmp_path: Path
) -> None:
    from catalog.tasks.result import Result

    run = train_task(replace(both, name="fold3"), tiny_recipe.with_seed(5), tmp_path / "run")
    again = load_run(tmp_path / "run")
    assert (again.round, again.task) == ("fold3", str(both.reference))
    text = (tmp_path / "run" / "result.json").read_text()
    result = Result.parse(text, path="result.json")
    assert (result.seed, result.round, result.task) == (5, "fold3", str(both.reference))
    assert result.value("accuracy") == pytest.approx(run.metrics["accuracy"])
    assert "spikelake" in result.code
    assert result.pipeline is not None
    found = evaluate_run(again, both)
    assert found.to_dict() == run.metrics
    assert len(evaluate_run(again, both, "train").predictions) == 26
    with pytest.raises(NotFound, match="known: test, train"):
        evaluate_run(again, replace(both, validation=()), "validation")
    with pytest.raises(InvalidInput, match="has classes"):
        evaluate_run(again, replace(both, label_names=("x",)))


def test_models_of_several_seeds_are_one(
    both: TaskRound, tiny_recipe: Recipe, tmp_path: Path
) -> None:
    from catalog.tasks.result import Result

    models = []
    for seed in (0, 1):
        train_task(both, tiny_recipe.with_seed(seed), tmp_path / str(seed))
        text = (tmp_path / str(seed) / "result.json").read_text()
        models.append(Result.parse(text, path="x").model)
    assert models[0] == models[1]


def test_rasters_are_trained_on_as_images_are(tiny_recipe: Recipe, tmp_path: Path) -> None:
    sounds = tiny_selection(tmp_path / "sounds.zarr", n_recordings=18, sensor=Sensor.audio(6))
    data = TaskRound(
        name="",
        reference=Reference(name="tiny", version="1.0.0", task="sounds", digest="ef" * 8),
        label_names=sounds.label_names,
        train=(sounds.take(range(12)),),
        validation=(),
        test=(sounds.take(range(12, 18)),),
    )
    with pytest.raises(InvalidInput, match=r"conv_net takes time steps of shape \(C, H, W\)"):
        train_task(data, tiny_recipe, tmp_path / "run")
    recipe = replace(tiny_recipe, model="spiking_mlp", model_options={"hidden": [8]})
    run = train_task(data, recipe, tmp_path / "run")
    again = load_run(tmp_path / "run")
    assert again.input_shape == run.input_shape == (6,)
    assert evaluate_run(again, data).to_dict() == run.metrics
    assert set(run.metrics["spikes_per_sample"]) == {"neurons1"}  # the readout never spikes


def test_processes_deal_out_the_batch_of_a_recipe(tiny_split: Split, tiny_recipe: Recipe) -> None:
    selection = tiny_split.selection("train")
    alone = training_loader([selection], tiny_recipe)
    ranks = [
        training_loader(
            [selection], tiny_recipe, team=Team(torch_device=torch.device("cpu"), rank=r, size=2)
        )
        for r in range(2)
    ]
    for batch, one, other in zip(alone, *ranks, strict=True):
        assert one.ids + other.ids == batch.ids
    third = Team(torch_device=torch.device("cpu"), rank=0, size=3)
    with pytest.raises(InvalidInput, match="batch_size=8 cannot be dealt out to 3 processes"):
        training_loader([selection], tiny_recipe, team=third)
