"""Recordings that an expression is true of."""

import pytest

from catalog.dataset import Dataset
from catalog.query.search import search_recordings
from eventstore.errors import InvalidInput, NotFound


def test_recordings_are_found_by_what_is_known_of_them(animals: Dataset) -> None:
    animals.set_column("lux", {"test/cat/000": "300", "test/cat/003": "20"})
    found = search_recordings(animals.draft(), "lux > 100 and fold == 'test'")
    assert found.table.columns == ("recording_id", "lux", "fold")
    assert found.table.rows == (("test/cat/000", "300", "test"),)
    assert (found.n_recordings, found.n_unknown) == (15, 4)  # no lux, and in the test fold
    assert found.numeric == {"lux"}


def test_the_columns_of_the_answer_can_be_chosen(animals: Dataset) -> None:
    table = search_recordings(animals.draft(), "gaps == 0", ["n_events", "labels.class"]).table
    assert table.columns == ("recording_id", "n_events", "labels.class")
    assert len(table.rows) == 15


def test_without_an_expression_all_are_listed(animals: Dataset) -> None:
    found = search_recordings(animals.draft())
    assert len(found.table.rows) == 15
    assert found.table.columns[:3] == ("recording_id", "n_events", "duration_s")


def test_what_was_never_measured_is_told(animals: Dataset) -> None:
    (animals.root / "statistics.tsv").unlink()
    assert search_recordings(animals.draft(), "gaps > 0").n_unmeasured == 15
    assert search_recordings(animals.draft(), "n_events > 0").n_unmeasured == 0
    assert animals.measure() == 15
    assert search_recordings(animals.draft(), "gaps > 0").n_unmeasured == 0
    assert animals.measure() == 0


def test_numbers_that_are_names_stay_texts(animals: Dataset) -> None:
    animals.set_column("code", {"test/cat/000": "07"})
    found = search_recordings(animals.draft(), "", ["code", "n_events", "fold", "digest"])
    assert found.numeric == {"n_events"}


def test_a_saved_version_is_searched_without_its_events(clone: Dataset) -> None:
    table = clone.at("1.0.0").query("peak_rate_hz > 0 and active_pixels > 1")
    assert len(table.rows) == 15


def test_mistakes_are_named(animals: Dataset) -> None:
    with pytest.raises(NotFound, match="did you mean 'n_events'"):
        animals.draft().query("n_event > 1")
    with pytest.raises(NotFound, match="did you mean 'fold'"):
        animals.draft().query("n_events > 1", columns=["folds"])
    with pytest.raises(InvalidInput, match="at character 10"):
        animals.draft().query("n_events = 1")
