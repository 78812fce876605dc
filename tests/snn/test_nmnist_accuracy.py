from pathlib import Path
from statistics import mean

import pytest

import catalog
from eventstore.events import Sensor
from snn.recipe import load_recipe
from snn.tasks import train_task


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_five_seeds_reach_97_percent_in_three_minutes_each(
    shared_data: Path, tmp_path: Path
) -> None:
    archives = [shared_data / "nmnist-small" / f"{fold}.zip" for fold in ("Train", "Test")]
    dataset = catalog.Dataset.create(tmp_path / "nmnist", catalog.Card(name="nmnist"))
    dataset.ingest(archives, sensor=Sensor(34, 34))
    dataset.make_split("official", catalog.OfficialRule())
    dataset.save("1.0.0")
    split = dataset.at("1.0.0").split("official")
    recipe = load_recipe("nmnist-conv-accurate")
    runs = [train_task(split, recipe.with_seed(s), tmp_path / f"seed-{s}") for s in range(5)]
    assert mean(run.metrics["accuracy"] for run in runs) >= 0.97
    assert max(sum(row.seconds for row in run.result.history) for run in runs) <= 180
