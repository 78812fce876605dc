"""Files of labels become sets of a dataset, with what is odd about them told."""

from pathlib import Path

import numpy as np
import pytest

from catalog.dataset import Dataset
from catalog.labels.class_names import class_names
from catalog.labels.errata import Patch, Span, apply_patches
from catalog.labels.formats.prophesee import DTYPE
from catalog.labels.formats.protocol import Times
from catalog.labels.importing import ImportPlan, import_labels, plan_import
from catalog.labels.interpret import ImportOptions
from catalog.labels.writing import write_corrected
from catalog.tree import WorkTree
from eventstore.errors import AlreadyExists, FormatError, InvalidInput

NAME = "train/cat/000"
HEADER = "class,startTime_usec,endTime_usec\n"
FLAWED = HEADER + "8,100,300\n9,310,700\n10,600,900\n"
OPTIONS = ImportOptions(recording=NAME, times=Times.RECORDING, names=class_names("dvs-gesture"))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "user22_led_labels.csv"
    path.write_text(FLAWED)
    return path


def load(dataset: Dataset, file: Path, *, replace: bool = False) -> ImportPlan:
    return import_labels(dataset, [file], OPTIONS, label_set="gesture", replace=replace)


def spans(dataset: Dataset) -> list[tuple[int, int, str]]:
    return [x[1:4] for x in dataset.draft().labels("gesture").values()]


def correct(dataset: Dataset) -> Patch:
    """Mend the overlap as `label edit` would."""
    patch = Patch(
        recording_id=NAME,
        before=Span(310, 700, "air_drums"),
        after=Span(310, 600, "air_drums"),
        reason="ends before the next gesture",
        date="2026-11-28T12:00:00+00:00",
        number=1,
    )
    tree = WorkTree(dataset.root)
    labels = apply_patches(dataset.draft().labels("gesture"), [patch])
    write_corrected(tree, labels, [patch], "gesture")
    return patch


def test_an_overlap_is_told_and_what_the_file_says_is_written(animals: Dataset, file: Path) -> None:
    plan = load(animals, file)
    assert [(f.where, f.message) for f in plan.findings] == [
        (
            f"{NAME}#600-900",
            "overlaps 100 µs of 'air_drums' (310-700) with 'air_guitar' (600-900)",
        )
    ]
    assert (plan.n_labels, plan.formats, plan.recordings) == (3, ("dvs-gesture",), (NAME,))
    assert spans(animals)[1] == (310, 700, "air_drums")
    label = animals.draft().labels("gesture")[f"{NAME}#310-700"]
    assert label.label_id == "9"
    assert animals.draft().label_sets == ["class", "gesture"]


def test_the_flawed_original_gives_the_corrected_labels_again(animals: Dataset, file: Path) -> None:
    load(animals, file)
    correct(animals)
    mended = spans(animals)
    again = load(animals, file)
    assert (again.changes, again.n_patches, again.findings) == (False, 1, ())
    (animals.root / "labels/gesture.tsv").unlink()
    load(animals, file)
    assert spans(animals) == mended
    assert animals.verify("draft") == []


def test_a_source_that_was_mended_needs_no_patch(animals: Dataset, file: Path) -> None:
    load(animals, file)
    correct(animals)
    file.write_text(FLAWED.replace("310,700", "310,600"))
    assert load(animals, file).findings == ()
    file.write_text(FLAWED.replace("310,700", "310,650"))
    plan = load(animals, file, replace=True)
    assert plan.findings[0].message.startswith("patch 1 of the errata does not fit")
    assert spans(animals)[1] == (310, 650, "air_drums")


def test_other_labels_are_replaced_only_where_asked(animals: Dataset, file: Path) -> None:
    load(animals, file)
    assert not load(animals, file).changes
    file.write_text(HEADER + "1,5,6\n")
    with pytest.raises(AlreadyExists, match=f"has other labels of {NAME} in the set 'gesture'"):
        load(animals, file)
    assert len(spans(animals)) == 3
    load(animals, file, replace=True)
    assert spans(animals) == [(5, 6, "hand_clapping")]


def test_labels_of_other_recordings_stay(animals: Dataset, file: Path) -> None:
    options = ImportOptions(recording="test/cat/000", times=Times.RECORDING)
    import_labels(animals, [file], options, label_set="gesture")
    load(animals, file)
    assert len(spans(animals)) == 6


def test_errors_keep_all_of_it_from_being_written(animals: Dataset, file: Path) -> None:
    for row, said in (
        ("1,5000,6000", "'hand_clapping' lies beyond the recording's end"),
        ("1,100,300", "labelled both 'arm_roll' and 'hand_clapping'"),
    ):
        file.write_text(f"{FLAWED}{row}\n")
        plan = load(animals, file)
        assert plan.is_refused
        assert any(said in f.message for f in plan.findings)
        assert animals.draft().label_sets == ["class"]
    file.write_text(f"{FLAWED}1,9\n")
    with pytest.raises(FormatError, match="line 5"):
        load(animals, file)


def test_a_plan_writes_nothing(animals: Dataset, file: Path) -> None:
    plan = plan_import(WorkTree(animals.root), [file], OPTIONS, label_set="gesture")
    assert plan.changes
    assert animals.draft().label_sets == ["class"]
    with pytest.raises(InvalidInput, match="cannot name a file"):
        plan_import(WorkTree(animals.root), [file], OPTIONS, label_set="a/b")


def test_a_file_without_labels_is_told(animals: Dataset, file: Path) -> None:
    file.write_text(HEADER)
    plan = load(animals, file)
    assert not plan.changes
    assert [f.message for f in plan.findings] == ["holds no labels, so nothing changes"]


def test_boxes_are_imported_replaced_and_checked(animals: Dataset, tmp_path: Path) -> None:
    array = np.zeros(2, DTYPE)
    array["t"], array["w"], array["h"], array["track_id"] = [10, 20], 3, 9, 4
    array["class_id"] = 1
    file = tmp_path / "x_bbox.npy"
    np.save(file, array)
    plan = load(animals, file)
    assert plan.n_boxes == 2
    assert [f.message for f in plan.findings] == [
        "2 of 2 boxes reach beyond the sensor of 8×6, the first to x 3, y 9"
    ]
    assert animals.draft().boxes("gesture").track_id.tolist() == [4, 4]
    assert not load(animals, file).changes
    array["w"] = 2
    np.save(file, array)
    with pytest.raises(AlreadyExists, match=f"other boxes of {NAME} in the set"):
        load(animals, file)
    load(animals, file, replace=True)
    assert animals.draft().boxes("gesture").w.tolist() == [2, 2]
    assert animals.verify("draft") == []
