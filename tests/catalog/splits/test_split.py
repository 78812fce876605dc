"""Splits become selections of the right samples, in frozen order."""

import numpy as np
import pytest

from catalog.dataset import Dataset
from catalog.splits.rules import GroupRule, KFoldRule, LeaveOneOutRule
from catalog.splits.split import fold_order
from eventstore.errors import InvalidInput, NotFound


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
    assert fold_order(["fold10", "fold9", "s", "10", "9"]) == ["9", "10", "fold9", "fold10", "s"]


def test_folds_are_joined_in_frozen_order(animals: Dataset) -> None:
    split = animals.draft().split("official")
    both = split.selection("train", "test")
    assert both.sample_ids() == [sample.sample_id for sample in split.samples]
    assert both.sample_ids() == split.selection("test", "train", "test").sample_ids()


def test_rounds_test_on_each_fold_in_turn(animals: Dataset) -> None:
    split = animals.make_split("fifths", KFoldRule(n_folds=5))
    tested: list[str] = []
    for name, train, test in split.rounds():
        assert test.sample_ids() == split.selection(name).sample_ids()
        assert set(train.sample_ids()).isdisjoint(test.sample_ids())
        assert len(train) + len(test) == 15
        tested += test.sample_ids()
    assert sorted(tested) == [sample.sample_id for sample in split.samples]


def test_a_subject_is_left_out_by_name(animals: Dataset) -> None:
    ids = animals.draft().recordings.column("recording_id")
    animals.set_column("subject", {one: f"s{int(one[-3:]) % 3}" for one in ids})
    split = animals.make_split("subjects", LeaveOneOutRule(group_by="subject"))
    name, train, test = split.round("s1")
    assert name == "s1"
    assert {int(one.split("#")[0][-3:]) % 3 for one in test.sample_ids()} == {1}
    assert {int(one.split("#")[0][-3:]) % 3 for one in train.sample_ids()} == {0, 2}


def test_one_fold_alone_makes_no_round(animals: Dataset) -> None:
    split = animals.make_split("all", GroupRule(fractions={"all": 1.0}))
    with pytest.raises(InvalidInput, match="nothing to train on"):
        list(split.rounds())
    with pytest.raises(NotFound, match="no fold in split 'all'"):
        split.round("fold0")


def test_what_is_printed_is_short(animals: Dataset) -> None:
    split = animals.at("1.0.0").split("official")
    assert repr(split) == f"<Split {split.reference}, test 6, train 9>"
