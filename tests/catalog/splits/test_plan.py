"""Working out a split refuses what must not be frozen."""

from collections.abc import Callable

import pytest

from catalog.dataset import Dataset
from catalog.labels.intervals import Label
from catalog.splits.plan import plan_split
from catalog.splits.rules import ByTimeRule, GroupRule, OfficialRule
from eventstore.errors import Conflict, InvalidInput, NotFound

Grow = Callable[[Dataset, str, int], None]


def test_a_plan_writes_nothing(animals: Dataset) -> None:
    table, record = plan_split(animals.draft(), "new", OfficialRule())
    assert record.digest == animals.draft().split("official").digest
    assert len(table.rows) == 15
    assert animals.repo.changed() == []


def test_a_grown_split_names_its_parent_and_moves_nobody(animals: Dataset, grow: Grow) -> None:
    parent = animals.draft().split("official")
    grow(animals, "validation", 3)
    child = animals.make_split("official-2", OfficialRule(), parent="official")
    assert child.record.parent == parent.digest
    assert set(child.folds) == {"train", "validation", "test"}
    before = set(parent.selection("train").sample_ids())
    assert set(child.selection("train").sample_ids()) == before


def test_a_child_that_moves_samples_is_refused(animals: Dataset) -> None:
    rule = GroupRule(fractions={"train": 0.5, "test": 0.5}, balanced=False)
    with pytest.raises(Conflict, match="samples of the parent would change folds"):
        animals.make_split("other", rule, parent="official")
    assert animals.draft().splits == ["official"]


def test_samples_that_go_to_no_fold_are_counted(animals: Dataset) -> None:
    stops = animals.draft().recordings
    ends = dict(zip(stops.column("recording_id"), stops.column("t_stop_us"), strict=True))
    tenths = [
        Label(one, k * 90, k * 90 + 90, "early" if k < 5 else "late")
        for one in ends
        for k in range(10)
        if k * 90 + 90 <= int(ends[one])
    ]
    animals.write_labels(tenths, "tenth")
    rule = ByTimeRule(fractions={"train": 0.5, "test": 0.5}, embargo_us=50)
    record = animals.make_split("halves", rule, label_set="tenth").record
    kept = sum(n for fold in record.counts.values() for n in fold.values())
    assert record.left_out
    assert kept + sum(record.left_out.values()) == len(tenths)
    assert animals.draft().split_record("halves") == record
    animals.write_labels([*tenths, Label("train/cat/000", 1, 2, "early")], "tenth")
    child = animals.make_split("halves-2", rule, label_set="tenth", parent="halves")
    assert child.record.parent == record.digest
    assert len(child.samples) == kept + 1


def test_a_recording_lost_from_the_labels_is_refused(animals: Dataset) -> None:
    labels = animals.draft().labels()
    animals.write_labels(x for x in labels.values() if x.recording_id != "train/cat/000")
    with pytest.raises(InvalidInput, match="1 recordings of the official split have no label"):
        animals.make_split("again", OfficialRule())


def test_another_label_set_gives_other_samples(animals: Dataset) -> None:
    halves = [Label("train/cat/000", 0, 500, "first"), Label("train/cat/000", 500, 971, "second")]
    animals.write_labels(halves, "half")
    animals.set_column("part", {"train/cat/000": "a"})
    rule = GroupRule(group_by="part", fractions={"all": 1.0})
    split = animals.make_split("halves", rule, label_set="half")
    assert split.selection("all").sample_ids() == ["train/cat/000#0-500", "train/cat/000#500-971"]
    assert split.label_names == ("first", "second")
    with pytest.raises(NotFound, match="no label set 'third'"):
        animals.make_split("x", rule, label_set="third")
