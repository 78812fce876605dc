"""Distribution of classes, and recordings that were withdrawn."""

from dataclasses import replace

from catalog.dataset import Dataset
from catalog.splits.leakage.distribution import check_labels, check_withdrawn
from catalog.splits.leakage.placed import Placed


def placed_with_counts(dataset: Dataset, counts: dict[str, dict[str, int]]) -> Placed:
    draft = dataset.draft()
    split = draft.split("official")
    record = replace(split.record, counts=counts)
    return Placed(split=replace(split, record=record), recordings=draft.recordings)


def test_even_folds_have_no_finding_and_small_ones_may_differ(animals: Dataset) -> None:
    even = {"train": {"cat": 300, "dog": 300, "owl": 300}, "test": {"cat": 2, "dog": 1, "owl": 1}}
    assert check_labels(placed_with_counts(animals, even)) == []


def test_missing_and_shifted_classes_are_told(animals: Dataset) -> None:
    odd = {"train": {"cat": 500, "dog": 500, "owl": 10}, "test": {"cat": 100, "dog": 400}}
    found = check_labels(placed_with_counts(animals, odd))
    assert [(f.check, f.where) for f in found] == [
        ("label-missing", "fold test"),
        ("label-shift", "fold train"),
        ("label-shift", "fold test"),
    ]
    assert "lacks 1 of 3 classes: owl" in found[0].message
    assert "differ by 20% from the whole split's, most in dog: 80.0% of 59.6%" in found[2].message


def test_withdrawn_recordings_are_an_error(animals: Dataset) -> None:
    draft = animals.draft()
    placed = Placed(split=draft.split("official"), recordings=draft.recordings)
    assert check_withdrawn(placed) == []
    animals.set_column("withdrawn", {"test/cat/000": "2026-11-28"})
    placed = Placed(split=placed.split, recordings=animals.draft().recordings)
    (error,) = check_withdrawn(placed)
    assert error.is_error
    assert error.message == "1 samples are of withdrawn recordings"
