"""The dataset that is looked at."""

import pytest

from catalog.dataset import Dataset
from catalog.viewer.shown import Shown
from eventstore.errors import NotFound


def test_a_work_tree_is_read_anew_when_its_files_change(animals: Dataset) -> None:
    shown = Shown(animals)
    first = shown.state()
    assert shown.state() is first
    animals.set_column("keeper", {"test/cat/000": "Ann"})
    second = shown.state()
    assert second is not first
    assert second.columns.texts("keeper").count("Ann") == 1
    assert first.version.store.n_events == second.version.store.n_events


def test_a_saved_version_stays_what_it_was(animals: Dataset) -> None:
    shown = Shown(animals, "1.0.0")
    first = shown.state()
    animals.set_column("keeper", {"test/cat/000": "Ann"})
    assert shown.state() is first
    assert not shown.is_draft


def test_recordings_are_looked_up_in_the_tables_alone(animals: Dataset) -> None:
    state = Shown(animals).state()
    assert state.sensor("test/cat/000").width == 8
    assert state.t_stop("test/cat/000") > 0
    with pytest.raises(NotFound, match=r"no recording '\.\./dataset"):
        state.store_row("../dataset.yaml")
