from pathlib import Path
from statistics import mean

import pytest

from catalog.splits.split import Split
from snn.recipe import load_recipe
from snn.tasks import train_task


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_five_seeds_reach_97_percent_in_three_minutes_each(nmnist: Split, tmp_path: Path) -> None:
    recipe = load_recipe("nmnist-conv-accurate")
    runs = [train_task(nmnist, recipe.with_seed(s), tmp_path / f"seed-{s}") for s in range(5)]
    assert mean(run.metrics["accuracy"] for run in runs) >= 0.97
    assert max(sum(row.seconds for row in run.result.history) for run in runs) <= 180
