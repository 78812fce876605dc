"""Tuning: a run goes on through a chip's integers and becomes another run."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from catalog.folder import open_split
from devices.chips import chip, core_chip
from devices.graph import graph_from_model
from devices.tuning import TuneConfig, event_accuracy, rule_for, tune_run, tuned_recipe
from eventstore.errors import AlreadyExists, DoesNotFit, InvalidInput
from eventstore.transforms.frames import FramesByBins
from snn.models.synnet import synnet
from snn.progress import EpochRow
from snn.recipe import load_recipe
from snn.robustness.integer_rule import RULES
from snn.robustness.quantised import run_quantised
from snn.task_data import evaluation_loader
from snn.tasks import Run, evaluate_run, load_run

CONFIG = TuneConfig(finer=3, epochs=3, learning_rate=0.01)


def holding_out(folder: Path) -> Run:
    run = load_run(folder)
    return replace(run, recipe=replace(run.recipe, held_out=0.25))


def test_a_tuned_run_is_a_run_and_its_history_is_the_chips(
    trained: tuple[Path, str], tmp_path: Path
) -> None:
    split, speck = open_split(trained[1]), core_chip("speck2f")
    seen: list[EpochRow] = []
    before = load_run(trained[0]).model.state_dict()
    tuned = tune_run(
        holding_out(trained[0]), split, speck, tmp_path / "t", config=CONFIG, on_epoch=seen.append
    )
    again = load_run(tmp_path / "t")
    assert again.recipe == tuned.recipe
    assert again.recipe.pipeline.stages[-1] == FramesByBins(n_bins=12)
    assert again.recipe.name == "nmnist-conv-tuned"
    assert again.origin["run"] == str(trained[0])
    assert again.origin["chip"] == "speck2f"
    assert again.origin["tuning"]["finer"] == 3
    assert again.result.history == tuple(seen)
    held = [row.held_out_accuracy for row in seen]
    assert len(held) == 3
    assert held[tuned.result.best_epoch] == max(h for h in held if h is not None)
    assert (tmp_path / "t" / "history.csv").read_text().count("\n") == 4
    changed = again.model.state_dict()
    assert any(not torch.equal(before[name], changed[name]) for name in before)
    on_test = evaluate_run(again, split, "test").to_dict()
    assert on_test["accuracy"] == again.metrics["accuracy"]
    loader = evaluation_loader(split.selection("test"), again.recipe)
    right, n = event_accuracy(speck, again.model, again.input_shape, loader)
    assert again.metrics["chip"] == {
        "chip": "speck2f",
        "event_accuracy": right / n,
        "n_samples": n,
    }
    with pytest.raises(AlreadyExists, match="holds a run already"):
        tune_run(holding_out(trained[0]), split, speck, tmp_path / "t", config=CONFIG)


def test_tuning_repeats_to_the_bit(trained: tuple[Path, str], tmp_path: Path) -> None:
    split, config = open_split(trained[1]), replace(CONFIG, epochs=1)
    run = load_run(trained[0])
    recipe = replace(run.recipe, batch_size=2)  # several steps, so that their order matters
    one, same, other = (
        tune_run(
            replace(load_run(trained[0]), recipe=recipe),
            split,
            chip("speck2f"),
            tmp_path / str(i),
            config=settings,
        ).model.state_dict()["conv1.weight"]
        for i, settings in enumerate((config, config, replace(config, seed=5)))
    )
    assert torch.equal(one, same)
    assert not torch.equal(one, other)
    record = json.loads((tmp_path / "0" / "run.json").read_text())
    assert record["origin"]["held_out_event_accuracy_before"] is None  # nothing is held out
    assert record["best_epoch"] == 0


def test_the_accuracy_by_event_is_that_of_the_simulator(trained: tuple[Path, str]) -> None:
    run, speck = load_run(trained[0]), core_chip("speck2f")
    test = open_split(trained[1]).selection("test")
    loader = evaluation_loader(test, run.recipe)
    q = speck.quantize(graph_from_model(run.model, run.input_shape))
    right = sum(
        int((speck.simulate_events(q, b.x.numpy()).predictions == b.label.numpy()).sum())
        for b in loader
    )
    assert event_accuracy(speck, run.model, run.input_shape, loader) == (right, len(test))


def test_what_does_not_fit_is_refused_before_training(
    trained: tuple[Path, str], tmp_path: Path
) -> None:
    misfit = load_run(trained[0].parent / "misfit")
    with pytest.raises(DoesNotFit, match="kernel"):
        tune_run(misfit, open_split(trained[1]), chip("speck2f"), tmp_path / "t")
    other = replace(load_run(trained[0]), label_names=("a", "c"))
    with pytest.raises(InvalidInput, match="has classes"):
        tune_run(other, open_split(trained[1]), chip("speck2f"), tmp_path / "t")
    smaller = replace(load_run(trained[0]), input_shape=(2, 3, 3))
    with pytest.raises(InvalidInput, match="gives frames of"):
        tune_run(smaller, open_split(trained[1]), chip("speck2f"), tmp_path / "t")
    assert not (tmp_path / "t").exists()


def test_the_recipe_says_how_it_was_tuned() -> None:
    recipe = tuned_recipe(load_recipe("nmnist-conv"), TuneConfig())
    assert recipe.to_dict()["robust"] == {"method": "quantised", "rule": "speck"}
    assert recipe.pipeline.stages[-1] == FramesByBins(n_bins=100)
    assert recipe.held_out == load_recipe("nmnist-conv").held_out


@pytest.mark.parametrize("wrong", [{"finer": 0}, {"finer": 1.5}, {"epochs": 0}])
def test_settings_out_of_range_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(InvalidInput):
        TuneConfig(**wrong)  # type: ignore[arg-type]


def test_a_xylo_keeps_its_time_steps_and_other_chips_have_no_rule(
    trained: tuple[Path, str], tmp_path: Path
) -> None:
    run, split = load_run(trained[0]), open_split(trained[1])
    with pytest.raises(InvalidInput, match="finer=3: xylo_audio3 works in the network's own") as e:
        tune_run(run, split, chip("xylo_audio3"), tmp_path / "t", config=CONFIG)
    assert e.value.hint == "tune with finer 1"
    assert (rule_for(chip("xylo_imu")), rule_for(chip("speck2e"))) == ("xylo-channel", "speck")


def test_training_rounds_as_xylo_is_rounded() -> None:
    torch.manual_seed(3)
    net = synnet(3, (16,), hidden=(20, 16), n_tau=(2, 3), bit_shift=True, dropout=0.0).eval()
    for layer in net:
        if isinstance(layer, torch.nn.Linear):
            layer.weight.data *= 2.5
    x = torch.poisson(torch.full((4, 40, 16), 1.0))
    xylo = chip("xylo_audio3")
    on_chip = xylo.simulate(xylo.quantize(graph_from_model(net, (16,))), x.numpy()).output
    with torch.no_grad():
        trained = run_quantised(net, x, RULES["xylo-channel"]).numpy()
    assert trained.sum() > 20
    # On the chip spikes reach the second layer a step later, and outputs another one.
    assert np.array_equal(on_chip[:, 2:], trained[:, :-2])
