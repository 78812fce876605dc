"""What archives say by where they keep recordings."""

import zipfile
from pathlib import Path

import pytest

from catalog.dataset import Dataset
from catalog.intake import list_intake, write_labels
from catalog.labels.intervals import Label
from catalog.tree import WorkTree
from eventstore.errors import FormatError, InvalidInput


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
