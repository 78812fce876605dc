"""Digits spoken, from the archive to accuracy, with the layout and the recipe that come with it."""

from pathlib import Path
from statistics import mean

import pytest

import catalog
from catalog.layouts import LAYOUTS
from catalog.public.entry import load_entry
from catalog.public.layout_facts import layout_facts
from snn.recipe import load_recipe
from snn.tasks import train_task


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_three_seeds_reach_95_percent_on_test_recordings(shared_data: Path, tmp_path: Path) -> None:
    archive = shared_data / "speech" / "free-spoken-digits.tar.gz"
    entry = load_entry("free-spoken-digits")
    dataset = catalog.Dataset.create(tmp_path / "digits", catalog.Card(name="digits"))
    dataset.ingest_intake(LAYOUTS[entry.layout].intake([archive], layout_facts(entry)))
    dataset.make_split("official", catalog.OfficialRule())
    dataset.save("1.0.0")
    split = dataset.at("1.0.0").split("official")
    assert (len(split.selection("train")), len(split.selection("test"))) == (2700, 300)
    recipe = load_recipe("free-spoken-digits")
    runs = [train_task(split, recipe.with_seed(s), tmp_path / f"seed-{s}") for s in range(3)]
    assert mean(run.metrics["accuracy"] for run in runs) >= 0.95
