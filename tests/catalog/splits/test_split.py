"""Splits become selections of the right samples, in frozen order."""

import numpy as np
import pytest

from catalog.dataset import Dataset
from catalog.splits.split import fold_order
from eventstore.errors import NotFound


def test_folds_are_selections_with_labels(animals: Dataset) -> None:
    with animals.at("1.0.0") as version:
        split = version.split("official")
        train = split.selection("train")
        assert train.sample_ids() == sorted(train.sample_ids())
        for row, name in zip(train.label, train.sample_ids(), strict=True):
            assert train.label_names[row] == name.split("/")[1]
        assert {fold: len(s) for fold, s in split.folds.items()} == {"train": 9, "test": 6}
        ids = set(train.sample_ids()) | set(split.selection("test").sample_ids())
        assert len(ids) == 15
        np.testing.assert_array_equal(train.t_start, 0)


def test_the_reference_cites_version_and_digest(animals: Dataset) -> None:
    split = animals.at("1.0.0").split("official")
    assert str(split.reference) == f"animals@1.0.0/split:official#{split.digest[:16]}"
    assert split.selection("test").reference == str(split.reference)
    assert str(animals.draft().split("official").reference).startswith("animals@draft/split:")


def test_an_unknown_fold_names_the_nearest(animals: Dataset) -> None:
    with pytest.raises(NotFound, match="did you mean 'train'"):
        animals.draft().split("official").selection("trian")


def test_folds_come_in_their_usual_order() -> None:
    assert fold_order(["zoo", "test", "a", "train"]) == ["train", "test", "a", "zoo"]
