"""Where there is no dataset, what may be meant is told."""

from pathlib import Path

import pytest

from catalog.dataset import Dataset
from catalog.no_dataset import no_dataset
from eventstore.errors import NotFound


def test_a_misspelt_name_finds_its_dataset(animals: Dataset) -> None:
    missing = animals.root.with_name("animlas")
    with pytest.raises(NotFound, match="no dataset at") as caught:
        Dataset.open(missing)
    assert caught.value.hint == f"did you mean {animals.root}?"


def test_a_folder_that_is_none_is_told_how_to_become_one(tmp_path: Path) -> None:
    error = no_dataset(tmp_path)
    assert error.message == f"{tmp_path} is not a dataset: it has no dataset.yaml"
    assert error.hint == f"spikelake dataset create {tmp_path} makes one"


def test_a_split_taken_for_a_folder_is_told_how_splits_are_named(animals: Dataset) -> None:
    error = no_dataset(animals.root / "official")
    assert f"{animals.root}/split:NAME" in error.hint
