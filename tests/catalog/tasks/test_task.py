"""An open task gives the samples of each role, in the task's classes."""

from collections import Counter
from pathlib import Path

import pytest

from catalog.dataset import Dataset
from catalog.open_tasks import make_task, open_task
from catalog.tasks.spec import TaskSpec
from eventstore.errors import InvalidInput, NotFound


def test_samples_of_one_split_are_its_folds(animals: Dataset) -> None:
    split = animals.at("1.1.0").split("official")
    with open_task(f"{animals.root}@1.1.0/task:three") as task:
        assert task.label_names == split.label_names
        for role in ("train", "test"):
            found = task.selection(role)
            assert found.sample_ids() == split.selection(role).sample_ids()
            assert found.label.tolist() == split.selection(role).label.tolist()
            assert found.reference == str(task.reference)
        (only,) = task.rounds()
        assert (only.name, only.metric, only.pipeline) == ("", "accuracy", None)
        assert [len(s) for s in only.train] == [9]
        assert repr(task).startswith("<Task animals@1.1.0/task:three#")


def test_samples_of_two_datasets_are_in_the_same_classes(animals: Dataset) -> None:
    with open_task(f"{animals.root}@1.1.0/task:both") as task:
        home, other = task.selections("train")
        assert other.label_names == home.label_names == ("cat", "dog", "owl", "right")
        names = [other.label_names[k] for k in other.label]
        assert Counter(names) == {"cat": 2, "right": 2}
        assert "left" in other.sample_ids()[0]
        with pytest.raises(InvalidInput, match="2 datasets of task 'both' have samples"):
            task.selection("train")


def test_classes_that_the_task_has_not_are_left_out(animals: Dataset) -> None:
    spec = TaskSpec(splits=("official",), classes=("owl", "cat"))
    make_task(animals, "two", spec)
    with open_task(f"{animals.root}@draft/task:two") as task:
        train = task.selection("train")
        assert Counter(train.label.tolist()) == {0: 3, 1: 3}
        for sample, label in zip(train.sample_ids(), train.label, strict=True):
            assert sample.split("/")[1] == ("owl", "cat")[label]


def test_rounds_cover_all_samples_once(animals: Dataset) -> None:
    with open_task(f"{animals.root}@1.1.0/task:crossed") as task:
        assert task.round_names == ["fold0", "fold1", "fold2"]
        tested: list[str] = []
        for one in task.rounds():
            (train,), (test,) = one.train, one.test
            assert set(train.sample_ids()).isdisjoint(test.sample_ids())
            assert len(train) + len(test) == 15
            tested += test.sample_ids()
        assert len(set(tested)) == 15
        with pytest.raises(InvalidInput, match="cross-validates"):
            task.selection("train")
        with pytest.raises(NotFound, match="did you mean 'fold2'"):
            task.round("fold22")


def test_roles_that_are_not_there_are_said(folder: Path) -> None:
    with open_task(f"{folder / 'animals'}@1.1.0/task:three") as task:
        assert task.selections("validation") == ()
        with pytest.raises(NotFound, match="has no fold for 'validation'"):
            task.selection("validation")
        with pytest.raises(NotFound, match="no role of a task"):
            task.selections("tets")
