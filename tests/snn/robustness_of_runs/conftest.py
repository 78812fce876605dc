"""Runs of a plain and of a robust recipe on the tiny split, two seeds each."""

from dataclasses import replace
from pathlib import Path

import pytest

from catalog.splits.split import Split
from snn.activity_loss import SynopsLoss
from snn.activity_terms import ActivityTerm
from snn.recipe import Recipe
from snn.robustness.noisy_forward import NoisyForward
from snn.tasks import Run, train_task


@pytest.fixture
def tiny_runs(tiny_split: Split, tiny_recipe: Recipe, tmp_path: Path) -> list[Run]:
    plain = replace(tiny_recipe, training=replace(tiny_recipe.training, epochs=1))
    spend = ActivityTerm(loss=SynopsLoss(target=1e4))
    robust = replace(plain, name="tiny-robust", robust=NoisyForward(sigma=0.1), activity=(spend,))
    return [
        train_task(tiny_split, one.with_seed(seed), tmp_path / "runs" / f"{one.name}-{seed}")
        for one in (plain, robust)
        for seed in (0, 1)
    ]
