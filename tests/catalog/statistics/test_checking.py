"""Rows that nobody measured are found."""

from collections.abc import Callable

import pytest

from catalog.dataset import Dataset
from catalog.statistics.checking import check_statistics
from catalog.tree import WorkTree
from eventstore.findings import Finding, Severity

Edit = Callable[[str, str, str], None]


def found(dataset: Dataset) -> list[Finding]:
    with dataset.draft().store as store:
        return list(check_statistics(WorkTree(dataset.root), store))


def test_what_was_measured_agrees(animals: Dataset) -> None:
    assert found(animals) == []


def test_an_edited_measure_is_named(animals: Dataset, edit: Edit) -> None:
    row = (animals.root / "statistics.tsv").read_text().splitlines()[1]
    edit("statistics.tsv", row, row.removesuffix("0") + "7")
    [finding] = animals.verify("draft")
    assert finding.severity is Severity.ERROR
    assert finding.message == "test/cat/000: back_steps is 7, measured nothing"
    assert "dataset measure" in finding.fix


@pytest.mark.parametrize("text", ["nothing\n", "a\tb\nc\n"])
def test_another_table_is_named(animals: Dataset, text: str) -> None:
    (animals.root / "statistics.tsv").write_text(text)
    [finding] = found(animals)
    assert "statistics.tsv" in finding.where


def test_there_need_be_none(animals: Dataset) -> None:
    (animals.root / "statistics.tsv").unlink()
    assert found(animals) == []
    assert animals.verify("draft") == []


def test_rows_of_other_events_are_nobodys(animals: Dataset, edit: Edit) -> None:
    edit("statistics.tsv", animals.draft().recordings.column("digest")[0], "0" * 64)
    assert found(animals) == []


def test_a_clone_without_events_is_sound(clone: Dataset) -> None:
    assert not [f for f in clone.verify("1.0.0") if f.severity is Severity.ERROR]
