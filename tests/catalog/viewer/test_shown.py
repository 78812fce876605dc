"""The dataset that is looked at."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event

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


def test_what_takes_long_is_made_once_and_holds_up_nothing_else(animals: Dataset) -> None:
    state = Shown(animals).state()
    started, go = Event(), Event()
    made: list[int] = []

    def slowly() -> int:
        started.set()
        assert go.wait(20)
        made.append(1)
        return 7

    with ThreadPoolExecutor(3) as pool:
        slow = [pool.submit(state.once, "slow", slowly) for _ in range(2)]
        assert started.wait(20)
        assert len(state.texts("fold")) == 15
        go.set()
        assert [one.result(20) for one in slow] == [7, 7]
    assert made == [1]
