"""Recordings of a subject are found in every state that the dataset ever had."""

import pytest

from catalog.dataset import Dataset
from catalog.removal import remove_from_dataset
from catalog.withdrawal.finding import find_recordings, saved_recordings
from eventstore.errors import NotFound

GONE = ["test/dog/001", "train/dog/001"]


def test_what_was_removed_from_the_work_tree_is_found_in_versions(people: Dataset) -> None:
    assert find_recordings(people, subject="P02") == GONE
    remove_from_dataset(people, GONE, drop_splits=True)
    assert find_recordings(people, subject="P02") == GONE
    assert find_recordings(people, recordings=GONE[::-1]) == GONE
    assert [version for version, _ in saved_recordings(people)] == ["1.0.0", "1.0.1"]


def test_the_nearest_subject_is_named(people: Dataset) -> None:
    with pytest.raises(NotFound, match="whose subject is 'P2'") as caught:
        find_recordings(people, subject="P2")
    assert "P02" in str(caught.value)
