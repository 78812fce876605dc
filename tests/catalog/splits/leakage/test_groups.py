"""Groups: who is in two folds, by columns asked for and guessed."""

import pytest

from catalog.dataset import Dataset
from catalog.splits.leakage.groups import check_groups, count_groups, guess_columns
from catalog.splits.leakage.placed import Placed
from eventstore.errors import NotFound
from eventstore.findings import Severity


def placed_with(dataset: Dataset, **columns: dict[str, str]) -> Placed:
    for name, values in columns.items():
        dataset.set_column(name, values)
    draft = dataset.draft()
    return Placed(split=draft.split("official"), recordings=draft.recordings)


def each(dataset: Dataset, **of_fold: str) -> dict[str, str]:
    ids = dataset.draft().recordings.column("recording_id")
    return {name: of_fold[name.split("/", maxsplit=1)[0]] for name in ids}


def test_a_shared_group_is_an_error_where_asked_for(animals: Dataset) -> None:
    speakers = each(animals, train="ann", test="bob") | {"test/cat/000": "ann"}
    placed = placed_with(animals, speaker=speakers)
    error, alone = check_groups(placed, ["speaker"], [])
    assert alone.check == "group-count"
    assert (error.severity, error.where, error.check) == (Severity.ERROR, "speaker ann", "group")
    assert "9 in train, 1 in test samples" in error.message
    guessed, _ = check_groups(placed, [], ["speaker"])
    assert guessed.severity is Severity.WARNING
    assert count_groups(placed, ["speaker"]) == {"train": {"speaker": 1}, "test": {"speaker": 2}}


def test_parents_are_an_error_in_any_case_and_sessions_a_warning(animals: Dataset) -> None:
    same = each(animals, train="one", test="one")
    placed = placed_with(animals, parent=same, session=same)
    found = {f.check: f.severity for f in check_groups(placed, [], ["parent", "session"])}
    assert found == {"parent": Severity.ERROR, "session": Severity.WARNING}


def test_single_persons_and_empty_cells_are_told(animals: Dataset) -> None:
    speakers = each(animals, train="ann", test="bob") | {"train/cat/000": "", "train/dog/001": "c"}
    findings = check_groups(placed_with(animals, speaker=speakers), ["speaker"], [])
    assert [f.check for f in findings] == ["group-count", "group-unnamed"]
    assert "one speaker alone, bob" in findings[0].message
    assert findings[1].message.startswith("1 samples have no speaker")


def test_columns_are_guessed_and_unknown_ones_refused(animals: Dataset) -> None:
    assert guess_columns(["Subject_ID", "scene", "lens", "parent_image"]) == [
        "Subject_ID",
        "scene",
        "parent_image",
    ]
    with pytest.raises(NotFound, match="column of recordings"):
        check_groups(placed_with(animals), ["speker"], [])
