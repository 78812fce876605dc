"""statistics.tsv follows the store through ingest, growth, removal and loss."""

from collections.abc import Callable
from pathlib import Path

import pytest

from catalog.dataset import Dataset
from catalog.intake import Intake, describe_intake
from catalog.removal import remove_from_dataset
from catalog.statistics import keeping
from catalog.statistics.keeping import known_statistics, measure_store
from catalog.statistics.table import STATISTICS
from catalog.tree import WorkTree
from catalog.tsv import Table
from eventstore.errors import FormatError, MissingContent

Grow = Callable[[Dataset, str, int], None]


def ids(table: Table | None) -> list[str]:
    assert table is not None
    return table.column("recording_id")


def test_ingest_measures_what_it_describes(animals: Dataset, grow: Grow) -> None:
    assert len(ids(known_statistics(animals.root))) == 15
    grow(animals, "more", 3)
    assert ids(known_statistics(animals.root)) == animals.draft().recordings.column("recording_id")


def test_nothing_is_written_where_nothing_is_new(
    animals: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path, text: str) -> None:
        raise AssertionError(path, text)

    monkeypatch.setattr(keeping, "write_text", refuse)
    with animals.draft().store as store:
        assert len(measure_store(animals.root, store).rows) == 15


def test_in_a_clone_without_events_what_is_known_stays(clone: Dataset) -> None:
    (clone.root / STATISTICS).unlink()  # as an earlier release left it
    described = (clone.root / "recordings.tsv").read_bytes()
    describe_intake(WorkTree(clone.root), Intake([], {}, {}))
    assert (clone.root / "recordings.tsv").read_bytes() == described
    assert ids(known_statistics(clone.root)) == []
    with clone.draft().store as store, pytest.raises(MissingContent):
        measure_store(clone.root, store)


def test_a_removed_recording_leaves_no_row(animals: Dataset) -> None:
    remove_from_dataset(animals, ["test/owl/002"], drop_splits=True)
    assert "test/owl/002" not in ids(known_statistics(animals.root))
    assert len(ids(known_statistics(animals.root))) == 14


def test_a_table_that_is_none_is_named(animals: Dataset) -> None:
    (animals.root / STATISTICS).write_bytes(b"\xff")
    with pytest.raises(FormatError, match=r"statistics\.tsv at byte 0"):
        known_statistics(animals.root)


def test_there_need_be_none(tmp_path: Path) -> None:
    assert known_statistics(tmp_path) is None
