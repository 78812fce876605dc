"""Label tables are written whole, for recordings that are there."""

from pathlib import Path

import pytest

from catalog.dataset import Dataset
from catalog.labels.boxes import Boxes
from catalog.labels.errata import Patch, Span
from catalog.labels.intervals import Label
from catalog.labels.writing import write_boxes, write_corrected
from catalog.text_files import write_text
from catalog.tree import WorkTree
from eventstore.errors import InvalidInput

NAME = "train/cat/000"
ADDED = Patch(
    recording_id=NAME,
    before=None,
    after=Span(1, 2, "dog"),
    reason="missed",
    date="2026-11-28T12:00:00+00:00",
    number=1,
)


def box(recording_id: str = NAME) -> Boxes:
    return Boxes.of(recording_id=recording_id, t=[5], x=1, y=1, w=3, h=2, label="cat")


def test_boxes_are_replaced(animals: Dataset) -> None:
    tree = WorkTree(animals.root)
    write_boxes(tree, box(), "cars")
    write_boxes(tree, Boxes.joined([box(), box("test/cat/000")]), "cars")
    assert animals.draft().boxes("cars").recording_ids == ("test/cat/000", NAME)


def test_what_is_of_no_recording_or_no_file_is_refused(animals: Dataset) -> None:
    tree = WorkTree(animals.root)
    with pytest.raises(InvalidInput, match="1 labelled recordings are not there, such as nobody"):
        write_boxes(tree, box("nobody"), "cars")
    with pytest.raises(InvalidInput, match="cannot name a file"):
        write_boxes(tree, box(), "../cars")
    with pytest.raises(InvalidInput, match="not there, such as nobody"):
        write_corrected(tree, {"nobody#0-1": Label("nobody", 0, 1, "cat")}, [ADDED], "class")
    assert animals.draft().box_sets == []
    assert animals.draft().errata() == []


def test_a_kill_between_the_files_leaves_a_reason_never_a_change_without(
    animals: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    tree = WorkTree(animals.root)
    labels = animals.draft().labels()
    changed = labels | {f"{NAME}#1-2": Label(NAME, 1, 2, "dog")}

    def killed(path: Path, text: str) -> None:
        if path.name == "class.tsv" and path.parent.name == "labels":
            raise KeyboardInterrupt
        write_text(path, text)

    monkeypatch.setattr("catalog.labels.writing.write_text", killed)
    with pytest.raises(KeyboardInterrupt):
        write_corrected(tree, changed, [ADDED], "class")
    assert animals.draft().labels() == labels
    assert animals.draft().errata() == [ADDED]
    monkeypatch.undo()
    write_corrected(tree, changed, [ADDED], "class")
    assert animals.draft().labels() == changed
