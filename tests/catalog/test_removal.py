"""A recording is removed everywhere in the work tree, and nowhere else."""

from collections.abc import Callable
from pathlib import Path

import pytest

from catalog.dataset import Dataset
from catalog.labels.boxes import Boxes
from catalog.labels.intervals import Label
from catalog.removal import plan_removal, remove_from_dataset
from catalog.splits.rules import OfficialRule
from eventstore.append import StoreWriter
from eventstore.errors import Conflict, IntegrityError, NotFound
from eventstore.rewrite import remove_recordings

GONE = "train/dog/001"


def text(dataset: Dataset) -> str:
    """Return all text of the work tree but of what saved versions need."""
    kept = ("splits", "versions", ".git", ".datalad")
    files = [p for p in dataset.root.rglob("*") if p.is_file() and not p.is_symlink()]
    own = [p for p in files if p.relative_to(dataset.root).parts[0] not in kept]
    return "".join(p.read_bytes().decode("latin-1") for p in own)


def test_a_recording_in_a_frozen_split_is_refused(animals: Dataset) -> None:
    before = text(animals)
    with pytest.raises(Conflict, match=r"1 frozen splits .* list the .*: 'official'") as caught:
        remove_from_dataset(animals, [GONE])
    assert "--drop-splits" in caught.value.hint
    assert text(animals) == before
    assert animals.verify() == []


def test_it_is_gone_from_store_table_and_labels(animals: Dataset) -> None:
    assert GONE in text(animals)
    report = remove_from_dataset(animals, [GONE], drop_splits=True)
    assert (report.removed, report.n_events, report.n_labels) == ((GONE,), 50, 1)
    assert (report.splits, report.versions) == (("official",), ("1.0.0",))
    assert GONE not in text(animals)
    draft = animals.draft()
    assert draft.store.n_recordings == len(draft.recordings.rows) == len(draft.labels()) == 14
    assert draft.splits == []
    assert animals.verify() == []


def test_the_next_version_saves_and_the_old_one_opens(animals: Dataset) -> None:
    old = animals.at("1.0.0").split("official").digest
    report = remove_from_dataset(animals, [GONE], drop_splits=True)
    assert len(report.held_keys) == 4  # a shard each of t, x, y and p
    assert report.held_bytes > 0
    animals.make_split("official-2", OfficialRule())
    saved = animals.save("2.0.0", "without a dog")
    assert saved.n_recordings == 14
    assert animals.verify() == []
    first = animals.at("1.0.0")
    assert first.split("official").digest == old
    assert len(first.store.read(GONE)) == 50
    with pytest.raises(NotFound):
        animals.at("2.0.0").store.read(GONE)
    assert not animals.repo.changed()


def test_work_that_was_interrupted_comes_to_its_end(animals: Dataset) -> None:
    remove_recordings(animals.root / "events.zarr", [GONE])
    with pytest.raises(IntegrityError, match="do not hold the same"):
        animals.save("2.0.0")
    for path in ("splits/official.json", "splits/official.tsv"):
        (animals.root / path).unlink()
    report = remove_from_dataset(animals, [GONE])
    assert (report.n_events, report.n_labels) == (0, 1)
    animals.save("2.0.0")
    with pytest.raises(NotFound, match="no recording 'train/dog/001'"):
        remove_from_dataset(animals, [GONE])


def test_several_recordings_and_label_sets(animals: Dataset) -> None:
    labels = [Label(GONE, 3, 9, "bark"), Label("train/cat/000", 0, 5, "purr")]
    animals.write_labels(labels, "sounds")
    report = remove_from_dataset(animals, [GONE, "test/cat/000"], drop_splits=True)
    assert (report.n_labels, report.n_events) == (3, 100)
    assert list(animals.draft().labels("sounds")) == ["train/cat/000#0-5"]
    assert animals.verify() == []


def test_splits_that_do_not_list_it_stay(
    animals: Dataset, grow: Callable[[Dataset, str, int], None]
) -> None:
    grow(animals, "extra", 2)
    assert remove_from_dataset(animals, ["extra/cat/000"]).splits == ()
    assert animals.draft().splits == ["official"]
    assert animals.verify() == []


def test_planning_changes_nothing(animals: Dataset) -> None:
    before = text(animals)
    plan = plan_removal(animals, [GONE], drop_splits=True)
    assert (plan.n_events, plan.versions, plan.splits) == (50, ("1.0.0",), ("official",))
    with pytest.raises(NotFound, match="no recording 'nobody'"):
        plan_removal(animals, ["nobody"])
    assert text(animals) == before


def test_a_writer_at_work_is_not_disturbed(animals: Dataset, tmp_path: Path) -> None:
    with StoreWriter.open(animals.root / "events.zarr"), pytest.raises(Conflict, match="writer"):
        remove_from_dataset(animals, [GONE], drop_splits=True)
    assert GONE in animals.draft().store.recordings
    assert animals.draft().splits == ["official"]


def test_a_lost_tag_is_no_hindrance(animals: Dataset, git: Callable[..., None]) -> None:
    git("tag", "-d", "1.0.0")
    assert remove_from_dataset(animals, [GONE], drop_splits=True).versions == ()


def test_boxes_of_removed_recordings_go_too(animals: Dataset) -> None:
    names = ["test/cat/000", "test/owl/002"]
    boxes = Boxes.of(recording_id=[*names, names[0]], t=[1, 2, 3], x=0, y=0, w=1, h=1, label="cat")
    animals.write_boxes(boxes, "cars")
    report = remove_from_dataset(animals, names[:1], drop_splits=True)
    assert (report.n_boxes, report.n_labels) == (2, 1)
    assert animals.draft().boxes("cars").recording_ids == ("test/owl/002",)
    assert animals.verify("draft") == []
