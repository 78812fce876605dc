"""What archives say by where they keep recordings."""

import zipfile
from pathlib import Path
from typing import Any

import pytest

from catalog.dataset import Dataset
from catalog.intake import DEFAULT_BOX_SET, Intake, describe_intake, list_intake, write_labels
from catalog.labels.boxes import Boxes
from catalog.labels.intervals import Label
from catalog.labels.kinds import box_sets, read_boxes
from catalog.recording_table import Provenance, by_column
from catalog.tree import WorkTree
from eventstore.errors import FormatError, InvalidInput
from eventstore.events import Sensor


def test_places_become_source_fold_and_label(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "Train.zip", "w") as archive:
        archive.writestr("Train/3/00001.bin", b"")
    loose = tmp_path / "mine"
    loose.mkdir()
    (loose / "clip.bin").write_bytes(b"")
    sources = [tmp_path / "Train.zip", loose, loose / "clip.bin"]
    intake = list_intake(sources, reader=None, labels=True, folds=True)
    assert intake.provenance["Train/3/00001"] == ("Train.zip:Train/3/00001.bin", "train")
    assert intake.provenance["clip"] == ("clip.bin", "")
    assert intake.labels == {"Train/3/00001": "3"}
    without = list_intake(sources[:1], reader=None, labels=False, folds=False)
    assert (without.labels, without.provenance["Train/3/00001"].fold) == ({}, "")


def test_a_folder_that_labels_all_alike_is_told(tmp_path: Path) -> None:
    for name in ("a", "b"):
        path = tmp_path / "data" / "recordings" / f"{name}.bin"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")
    (finding,) = list_intake([tmp_path / "data"], reader=None, labels=True, folds=True).findings
    assert finding.message == "all 2 recordings are labelled 'recordings', as their folder"
    assert not list_intake([tmp_path / "data"], reader=None, labels=False, folds=True).findings
    path.rename(tmp_path / "data" / "b.bin")
    assert not list_intake([tmp_path / "data"], reader=None, labels=True, folds=True).findings


def test_labels_are_written_whole_or_not_at_all(animals: Dataset) -> None:
    tree = WorkTree(animals.root)
    before = tree.text("labels/class.tsv")
    label = Label("train/cat/000", 0, 5, "cat")
    with pytest.raises(FormatError, match="a second time"):
        write_labels(tree, [label, label._replace(label="dog")], "class")
    with pytest.raises(InvalidInput, match="cannot name a file"):
        write_labels(tree, [label], "../class")
    assert tree.text("labels/class.tsv") == before
    write_labels(tree, [label], "other")
    assert tree.names("labels", ".tsv") == ["class", "other"]


def intake_of(**more: Any) -> Intake:
    names = [f"train/{kind}/00{k}" for k, kind in enumerate(("cat", "dog", "owl"))]
    provenance = {name: Provenance(f"{name}.bin", "train") for name in names}
    return Intake([], provenance, {}, **more)


def test_columns_of_a_layout_fill_what_the_curator_left_empty(animals: Dataset) -> None:
    tree = WorkTree(animals.root)
    animals.set_column("subject", {"train/cat/000": "mine"})
    columns = {"subject": {"train/cat/000": "theirs", "train/dog/001": "s2", "gone": "s9"},
               "lighting": {"train/owl/002": "led"}}  # fmt: skip
    describe_intake(tree, intake_of(columns=columns))
    rows = {row["recording_id"]: row for row in by_column(animals.draft().recordings)}
    assert rows["train/cat/000"]["subject"] == "mine"
    assert rows["train/dog/001"]["subject"] == "s2"
    assert (rows["train/owl/002"]["lighting"], rows["train/cat/000"]["lighting"]) == ("led", "")


def test_intervals_of_a_layout_count_from_the_recordings_start(animals: Dataset) -> None:
    tree = WorkTree(animals.root)
    (animals.root / "labels/class.tsv").unlink()
    table = animals.root / "recordings.tsv"
    described = {row["recording_id"]: row for row in by_column(animals.draft().recordings)}
    assert described["train/cat/000"]["t_origin_us"] == "0"
    intervals = {"train/cat/000": [(5, 90, "wave"), (90, 120, "clap")], "gone": [(0, 9, "x")]}
    describe_intake(tree, intake_of(intervals=intervals))
    labels = animals.draft().labels("class")
    assert list(labels) == ["train/cat/000#5-90", "train/cat/000#90-120"]
    again = {"train/cat/000": [(1, 2, "other")]}
    describe_intake(tree, intake_of(intervals=again))  # what is labelled stays as it is
    assert list(animals.draft().labels("class")) == list(labels)
    assert table.is_file()


def test_boxes_of_a_layout_are_added_once(animals: Dataset) -> None:
    tree = WorkTree(animals.root)
    names = ["train/cat/000", "train/dog/001", "gone"]
    boxes = Boxes.of(recording_id=names, t=[7, 9, 9], x=1, y=2, w=3, h=4, label="car")
    describe_intake(tree, intake_of(boxes=boxes))
    assert read_boxes(tree, DEFAULT_BOX_SET).recording_ids == ("train/cat/000", "train/dog/001")
    moved = Boxes.of(
        recording_id=["train/cat/000", "train/owl/002"], t=[1, 5], x=1, y=2, w=3, h=4, label="car"
    )
    describe_intake(tree, intake_of(boxes=moved))
    found = read_boxes(tree, DEFAULT_BOX_SET)
    assert found.t.tolist() == [7, 9, 5]  # those of the cat stay
    before = tree.text("labels/boxes/boxes.tsv")
    describe_intake(tree, intake_of(boxes=boxes))
    assert tree.text("labels/boxes/boxes.tsv") == before


def test_a_refused_intake_says_nothing_of_what_is_described(animals: Dataset) -> None:
    tree = WorkTree(animals.root)
    before = tree.text("recordings.tsv"), tree.text("labels/class.tsv")
    (animals.root / "labels/class.tsv").unlink()
    boxes = Boxes.of(recording_id="train/cat/000", t=[7], x=1, y=2, w=3, h=4, label="car")
    told = intake_of(
        columns={"subject": {"train/cat/000": "s1"}},
        intervals={"train/cat/000": [(0, 9, "wave")]},
        boxes=boxes,
    )
    describe_intake(tree, told, refused=True)
    assert "subject" not in animals.draft().recordings.columns
    assert animals.draft().label_sets == []
    assert box_sets(tree) == []
    assert tree.text("recordings.tsv") == before[0]


def test_a_layouts_repairs_are_done_before_the_users(empty: Dataset, tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(bytes([1, 1, 0, 0, 9, 3, 4, 0, 0, 5]))
    intake = list_intake([path], reader=None, labels=False, folds=False)
    intake = intake._replace(repairs=("one-based", "flip-y"))
    report = empty.ingest_intake(intake, sensor=Sensor(8, 6), repairs=["sort"])
    assert list(report.repaired) == ["one-based", "flip-y", "sort"]
    with empty.draft() as draft:
        events = draft.store.read("a")
    assert [c.tolist() for c in events] == [[5, 9], [2, 0], [2, 5], [0, 0]]
