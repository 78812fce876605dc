"""Class folders: label and fold of places, a source's own fold before them."""

from pathlib import Path

from catalog.layouts.class_folders import LAYOUT
from catalog.layouts.protocol import LayoutFacts
from eventstore.events import Sensor
from tests.catalog.layouts.miniatures import formats as make


def write(folder: Path, name: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(make.atis(make.draw(1, Sensor(34, 34))))
    return path


def test_folders_are_labels_and_folds(tmp_path: Path) -> None:
    write(tmp_path, "all/Testing/cat/0.bin")
    write(tmp_path, "all/Train/dog/0.bin")
    facts = LayoutFacts(options={"folds": {"testing": "test"}})
    intake = LAYOUT.intake([tmp_path / "all"], facts)
    assert intake.labels == {"Testing/cat/0": "cat", "Train/dog/0": "dog"}
    folds = {name: whence.fold for name, whence in intake.provenance.items()}
    assert folds == {"Testing/cat/0": "test", "Train/dog/0": "train"}
    assert {item.reader for item in intake.items} == {None}


def test_a_source_of_one_fold_says_so_before_its_folders_do(tmp_path: Path) -> None:
    for archive in ("a.zip", "b.zip"):
        data = make.zipped({f"{archive[0]}/cat/0.bin": make.atis(make.draw(1, Sensor(34, 34)))})
        (tmp_path / archive).write_bytes(data)
    facts = LayoutFacts(folds={"a.zip": "test"}, options={"reader": "atis"})
    intake = LAYOUT.intake([tmp_path / "a.zip", tmp_path / "b.zip"], facts)
    folds = {name: whence.fold for name, whence in intake.provenance.items()}
    assert folds == {"a/cat/0": "test", "b/cat/0": ""}
    assert {item.reader for item in intake.items} == {"atis"}


def test_files_passed_over_are_findings(tmp_path: Path) -> None:
    write(tmp_path, "cat/0.bin")
    (tmp_path / "README.md").write_text("cats\n")
    (finding,) = LAYOUT.intake([tmp_path], LayoutFacts()).findings
    assert finding.check == "other-files"
