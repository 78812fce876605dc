"""What is told of one recording."""

import pytest

from catalog.dataset import Dataset
from catalog.labels.intervals import Label
from catalog.viewer.recording import label_facts, recording_facts
from catalog.viewer.shown import Shown
from eventstore.errors import NotFound
from tests.catalog.viewer.asking import Asker


def test_facts_are_those_of_the_tables(viewed: Asker) -> None:
    state = viewed.shown.state()
    found = recording_facts(state, "train/cat/000")
    assert (found["width"], found["height"], found["modality"]) == (8, 6, "vision")
    assert found["n_events"] == 50
    assert isinstance(found["facts"], dict)
    assert found["facts"]["fold"] == "train"
    assert found["facts"]["labels.class"] == "cat"
    with pytest.raises(NotFound, match="no recording 'train/cat/0000'") as caught:
        recording_facts(state, "train/cat/0000")
    assert caught.value.hint == "did you mean 'train/cat/000'?"


def test_labels_are_in_order_with_a_tag_that_changes_with_them(animals: Dataset) -> None:
    labels = animals.draft().labels().values()
    first = label_facts(Shown(animals).state(), "test/cat/000", "class")
    more = [Label("test/cat/000", 500, 600, "owl"), Label("test/cat/000", 100, 200, "dog")]
    animals.write_labels([*labels, *more])
    second = label_facts(Shown(animals).state(), "test/cat/000", "class")
    assert first["tag"] != second["tag"]
    assert isinstance(second["intervals"], list)
    assert [one["start_us"] for one in second["intervals"]] == [0, 100, 500]
    assert second["classes"] == ["cat", "dog", "owl"]
    with pytest.raises(NotFound, match="no label set 'clas'"):
        label_facts(Shown(animals).state(), "test/cat/000", "clas")
