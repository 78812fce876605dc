"""Splits as matrices."""

from typing import Any

import pytest

from catalog.dataset import Dataset
from catalog.splits.leakage.check import check_split_leakage
from catalog.text_files import write_text
from catalog.viewer.shown import Shown
from catalog.viewer.split_matrix import split_list, split_matrix
from eventstore.errors import NotFound


def test_labels_and_groups_are_counted_by_fold(animals: Dataset) -> None:
    ids = animals.draft().recordings.column("recording_id")
    keepers = {name: "Ann" if "cat" in name else name for name in ids}
    animals.set_column("keeper", {**keepers, "test/dog/001": ""})
    state = Shown(animals).state()
    found: dict[str, Any] = split_matrix(state, "official", "label")
    assert found["folds"] == ["train", "test"]
    assert [row["counts"] for row in found["rows"]] == [[3, 2]] * 3
    groups: dict[str, Any] = split_matrix(state, "official", "keeper")
    rows = {row["name"]: row for row in groups["rows"]}
    assert rows["Ann"] == {"name": "Ann", "counts": [3, 2], "shared": True}
    assert rows["(none)"]["counts"] == [0, 1]
    assert not rows["train/dog/001"]["shared"]
    assert sum(map(sum, (row["counts"] for row in groups["rows"]))) == 15
    assert "keeper" in split_list(state)["columns"]  # type: ignore[operator]
    for name, by in (("official", "keepr"), ("other", "label")):
        with pytest.raises(NotFound):
            split_matrix(state, name, by)


def test_leakage_is_that_of_the_kept_report_or_checked_now(animals: Dataset) -> None:
    now: Any = split_matrix(Shown(animals).state(), "official", "label")["leakage"]
    assert (now["kept"], now["searched"]) == (False, False)
    report = check_split_leakage(animals.draft(), "official")
    write_text(animals.root / report.path, report.text())
    kept: Any = split_matrix(Shown(animals).state(), "official", "label")["leakage"]
    assert kept["kept"]
    assert len(kept["findings"]) == len(report.findings)


def test_a_split_that_was_tampered_with_is_an_error(animals: Dataset) -> None:
    file = animals.root / "splits/official.tsv"
    file.write_text(file.read_text().replace("\ttest\n", "\ttrain\n", 1))
    found: Any = split_matrix(Shown(animals).state(), "official", "label")["leakage"]
    assert found["errors"] == 1
    assert "is not what it was frozen as" in found["findings"][0]["message"]
