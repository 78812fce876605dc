"""Making a task pins what it is over, and refuses what would be no task."""

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from catalog.dataset import Dataset
from catalog.tasks.making import Lookup, canonical_pipeline, count_samples, freeze_task, plan_task
from catalog.tasks.record import TaskRecord, read_task
from catalog.tasks.spec import TaskSpec
from catalog.text_files import write_text
from catalog.tree import WorkTree
from eventstore.errors import AlreadyExists, IntegrityError, InvalidInput, NotFound


def plan(dataset: Dataset, lookup: Lookup, **settings: Any) -> TaskRecord:
    spec = TaskSpec(**{"splits": ("official",), **settings})
    return plan_task(dataset, "new", spec, lookup)[0]


def test_a_plan_writes_nothing_and_freezing_what_was_planned(
    animals: Dataset, lookup: Lookup
) -> None:
    planned = plan(animals, lookup)
    assert animals.repo.changed() == []
    spec = TaskSpec(splits=("official",))
    assert freeze_task(animals, "new", spec, lookup) == planned
    assert read_task(WorkTree(animals.root), "new") == planned


def test_a_part_of_the_dataset_itself_pins_no_version(animals: Dataset, lookup: Lookup) -> None:
    (part,) = plan(animals, lookup).parts
    assert (part.version, part.version_digest, part.home) == (None, None, True)
    assert (part.train, part.validation, part.test) == (("train",), (), ("test",))
    assert part.split_digest == animals.draft().split_record("official").digest


def test_a_part_of_another_pins_its_version(animals: Dataset, lookup: Lookup) -> None:
    home, other = read_task(WorkTree(animals.root), "both").parts
    assert home.train == ("train",)
    assert home.test == ("test",)
    assert other.version == "1.0.0"
    assert str(other) == "sides@1.0.0/split:official"
    assert other.relabel == {"left": "cat"}
    record = read_task(WorkTree(animals.root), "both")
    assert record.classes == ("cat", "dog", "owl", "right")


def test_samples_are_counted_by_role(animals: Dataset, lookup: Lookup) -> None:
    spec = TaskSpec(splits=("official",), classes=("owl", "cat"))
    record, sources = plan_task(animals, "new", spec, lookup)
    assert record.classes == ("owl", "cat")
    assert count_samples(record, sources) == {
        "train": {"cat": 3, "owl": 3},
        "test": {"cat": 2, "owl": 2},
    }
    crossed = TaskSpec(splits=("thirds",), cross_validate=True)
    counts = count_samples(*plan_task(animals, "new", crossed, lookup))
    assert {fold: sum(its.values()) for fold, its in counts.items()} == {
        "fold0": 5,
        "fold1": 5,
        "fold2": 5,
    }


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"train": ("trian",)}, "no fold 'trian'"),
        ({"train": ("nobody:train",)}, "no fold 'nobody:train'"),
        ({"train": ("animals:trian",)}, "did you mean 'animals:train'"),
        ({"classes": ("fish",)}, "no class 'fish'"),
        ({"relabel": {"fish": "cat"}}, "no label 'fish'"),
        ({"metric": "acuracy"}, "no metric 'acuracy'"),
        ({"splits": ("nothing",)}, "no split 'nothing'"),
        ({"splits": ("sides@2.0.0/split:official",)}, "no version of"),
        ({"splits": ("nobody@1.0.0/split:official",)}, "no dataset in"),
        ({"pipeline": [{"transform": "FramesByBin", "n_bins": 2}]}, "FramesByBins"),
    ],
)
def test_unknown_names_are_refused(
    animals: Dataset, lookup: Lookup, settings: dict[str, Any], said: str
) -> None:
    with pytest.raises(NotFound, match=said):
        plan(animals, lookup, **settings)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"splits": ("thirds",)}, r"no fold to test on \(there are: fold0, fold1, fold2\)"),
        ({"train": ("train",), "test": ("train",)}, "fold 'train' of animals/split:official has"),
        (
            {
                "splits": ("official", "sides@1.0.0/split:official"),
                "train": ("animals:train",),
                "test": ("animals:test",),
            },
            "no fold of sides@1.0.0/split:official has a role",
        ),
    ],
)
def test_folds_that_make_no_task_are_refused(
    animals: Dataset, lookup: Lookup, settings: dict[str, Any], said: str
) -> None:
    with pytest.raises(InvalidInput, match=said):
        plan(animals, lookup, **settings)


def test_a_task_is_never_rewritten(animals: Dataset, lookup: Lookup) -> None:
    spec = TaskSpec(splits=("official",))
    with pytest.raises(AlreadyExists, match="has, or had, a task 'three'"):
        plan_task(animals, "three", spec, lookup)
    (animals.root / "tasks/three.json").unlink()
    with pytest.raises(AlreadyExists, match="has, or had, a task 'three'"):
        plan_task(animals, "three", spec, lookup)
    with pytest.raises(InvalidInput, match="cannot name a file"):
        plan_task(animals, "../x", spec, lookup)


def test_a_task_that_no_version_has_may_be_deleted(animals: Dataset, lookup: Lookup) -> None:
    spec = TaskSpec(splits=("official",))
    plan_task(animals, "new", spec, lookup)
    (animals.root / "tasks/new.json").write_text("{}")
    with pytest.raises(AlreadyExists, match=r"work tree .* has a task 'new' already") as caught:
        plan_task(animals, "new", spec, lookup)
    assert "delete tasks/new.json" in caught.value.hint


def test_another_digest_than_the_one_cited_is_refused(animals: Dataset, lookup: Lookup) -> None:
    with pytest.raises(IntegrityError, match="the reference says 00000000"):
        plan(animals, lookup, splits=("sides@1.0.0/split:official#00000000",))


def test_random_stages_are_no_part_of_what_a_task_fixes() -> None:
    frames = {"transform": "FramesByBins", "n_bins": 2}
    drop = {"transform": "DropEvents", "fraction": 0.1}
    assert canonical_pipeline([drop, frames]) == canonical_pipeline([frames])


def test_the_same_events_are_not_trained_and_tested_on_in_two_datasets(
    animals: Dataset, folder: Path, lookup: Lookup
) -> None:
    shutil.copytree(folder / "animals", folder / "twins", symlinks=True)
    twins = Dataset.open(folder / "twins")
    card = replace(twins.card, name="twins")
    write_text(twins.root / "dataset.yaml", card.to_yaml())
    saved = twins.save("9.0.0").version
    both = ("official", f"twins@{saved}/split:official")
    crossed = TaskSpec(splits=both, train=("animals:train",), test=("twins:train",))
    with pytest.raises(InvalidInput, match="9 pairs of samples have the same events") as e:
        plan_task(animals, "crossed-over", crossed, lookup)
    assert "(train) and twins:train/" in e.value.message
    record, _ = plan_task(animals, "apart", TaskSpec(splits=both), lookup)  # folds are the same
    assert len(record.parts) == 2
