"""The chip's side of the demo on a small untrained network; the flow test runs it whole."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

import snn
from devices.chips import core_chip
from devices.config_file import load_config
from devices.demo.onto_chip import chip_facts, pick_examples, predictions
from eventstore.selection import Selection
from eventstore.testing import tiny_selection
from eventstore.transforms import CropSpace, FramesByBins, Pipeline
from snn.recipe import load_recipe
from snn.tasks import Run
from snn.training import TrainResult


@pytest.fixture
def test_fold(tmp_path: Path) -> Iterator[Selection]:
    selection = tiny_selection(tmp_path / "events.zarr")
    yield selection
    selection.store.close()


@pytest.fixture
def run(tmp_path: Path, test_fold: Selection) -> Run:
    shape = (2, 6, 6)
    crop = CropSpace(x=0, y=0, width=6, height=6)
    recipe = replace(load_recipe("nmnist-conv"), pipeline=Pipeline(crop, FramesByBins(n_bins=4)))
    torch.manual_seed(0)
    model = snn.SpikingSequential(
        torch.nn.Flatten(), torch.nn.Linear(int(np.prod(shape)), len(test_fold.label_names)),
        snn.IAF(spike_threshold=0.2),
    )  # fmt: skip
    return Run(
        folder=tmp_path, recipe=recipe, task="tiny", model=model, metrics={},
        label_names=test_fold.label_names, input_shape=shape,
        result=TrainResult(history=(), best_epoch=0),
    )  # fmt: skip


def test_predictions_follow_the_order_of_the_selection(run: Run, test_fold: Selection) -> None:
    said = predictions(core_chip("speck2f"), run, test_fold)
    backwards = np.arange(len(test_fold))[::-1]
    assert np.array_equal(
        predictions(core_chip("speck2f"), run, test_fold.take(backwards)), said[::-1]
    )


def test_one_example_of_each_class(test_fold: Selection) -> None:
    examples = pick_examples(test_fold, test_fold.label)
    present = [test_fold.label_names[k] for k in np.unique(test_fold.label)]
    assert [example.label for example in examples] == present
    assert all(example.predicted == example.label for example in examples)
    assert all(example.counts.shape[:2] == (3, 2) for example in examples)


def test_the_configuration_is_written_and_the_table_filled(
    run: Run, test_fold: Selection, tmp_path: Path
) -> None:
    facts = chip_facts(core_chip("speck2f"), run, test_fold, tmp_path / "chip.json")
    assert load_config(tmp_path / "chip.json", "speck2f")
    assert [row["core"] for row in facts.layers] == [5]  # where most memory is left
    assert 0.0 <= facts.agreement <= 1.0
    assert 0.0 <= facts.event_accuracy <= 1.0
