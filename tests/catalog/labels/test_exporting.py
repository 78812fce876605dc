"""Label sets go out into files that come back the same."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest

from catalog.dataset import Dataset
from catalog.labels.boxes import Boxes
from catalog.labels.exporting import ExportPlan, plan_export
from catalog.labels.formats.protocol import FormatOptions, Times
from catalog.labels.importing import import_labels
from catalog.labels.interpret import ImportOptions
from catalog.labels.intervals import Label
from catalog.tree import WorkTree
from eventstore.errors import AlreadyExists, InvalidInput, NotFound

NAMES = ("train/cat/000", "test/cat/000")
NONE = FormatOptions()
LABELS = [Label(name, 100 * k, 100 * k + 50, str(k)) for name in NAMES for k in range(4)]
Edit = Callable[[str, str, str], None]


@pytest.fixture
def labelled(animals: Dataset) -> Dataset:
    animals.write_labels(LABELS, "gesture")
    boxes = Boxes.of(
        recording_id=[*NAMES, NAMES[0]],
        t=[100, 200, 300],
        x=1.25,
        y=1,
        w=3,
        h=2,
        label=["1", "2", "1"],
        track_id=[1, 2, 1],
        confidence=0.5,
    )
    animals.write_boxes(boxes, "cars")
    return animals


def export(dataset: Dataset, form: str, label_set: str = "gesture", **more: object) -> ExportPlan:
    tree, options = WorkTree(dataset.root), more.pop("options", NONE)
    return plan_export(tree, form, options, label_set=label_set, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("times", [None, Times.RECORDING, Times.SOURCE])
@pytest.mark.parametrize(
    ("form", "label_set", "fps"),
    [
        ("dvs-gesture", "gesture", 1),
        ("bids", "gesture", 1),
        ("cvat", "gesture", 20_000),
        ("prophesee", "cars", 1),
        ("cvat", "cars", 10_000),
    ],
)
def test_what_goes_out_comes_back(
    labelled: Dataset, form: str, label_set: str, fps: int, *, times: Times | None
) -> None:
    out = labelled.root.parent / "out"
    table = labelled.root / "recordings.tsv"
    head, *rows = table.read_text().splitlines()
    moved = ["\t".join([*r[:3], "7000", *r[4:]]) for r in (row.split("\t") for row in rows)]
    table.write_text("\n".join([head, *moved]) + "\n")  # recordings of a clock of their own
    options = FormatOptions(fps=Fraction(fps))
    plan = export(labelled, form, label_set, options=options, times=times)
    assert plan.findings == ()
    plan.write(out)
    assert sorted(plan.files) == sorted(f"{name}{_ending(form)}" for name in NAMES)
    for name in NAMES:
        told = ImportOptions(recording=name, times=times, reading=options)
        file = out / f"{name}{_ending(form)}"
        import_labels(labelled, [file], told, label_set="again")
    if label_set == "gesture":
        assert list(labelled.draft().labels("again").values()) == sorted(LABELS)
    else:
        back, boxes = (labelled.draft().boxes(name) for name in ("again", "cars"))
        assert back.t.tolist() == boxes.t.tolist()
        assert back.x.tolist() == boxes.x.tolist()
        assert back.confidence.tolist() == boxes.confidence.tolist()


def _ending(form: str) -> str:
    endings = {"dvs-gesture": "_labels.csv", "bids": "_events.tsv", "cvat": ".xml"}
    return endings.get(form, "_bbox.npy")


def test_a_list_of_all_recordings_comes_back(animals: Dataset, tmp_path: Path) -> None:
    plan = export(animals, "aermanager", "class")
    assert list(plan.files) == ["list.csv"]
    plan.write(tmp_path)
    options = ImportOptions(format="aermanager")
    import_labels(animals, [tmp_path / "list.csv"], options, label_set="again")
    assert animals.draft().labels("again") == animals.draft().labels("class")


def test_files_are_replaced_only_where_asked(labelled: Dataset, tmp_path: Path) -> None:
    plan = export(labelled, "bids")
    plan.write(tmp_path)
    first = tmp_path / f"{NAMES[1]}_events.tsv"
    first.write_text("mine")
    with pytest.raises(AlreadyExists, match="2 of 2 files are there already"):
        plan.write(tmp_path)
    assert first.read_text() == "mine"
    plan.write(tmp_path, force=True)
    assert first.read_text().startswith("onset\t")


def test_only_recordings_asked_for_are_exported(labelled: Dataset) -> None:
    assert list(export(labelled, "bids", recordings=[NAMES[0]]).files) == [f"{NAMES[0]}_events.tsv"]
    with pytest.raises(NotFound, match="no recording with labels in the set 'gesture'"):
        export(labelled, "bids", recordings=["train/dog/001"])


def test_what_is_not_there_or_not_held_is_refused(labelled: Dataset) -> None:
    with pytest.raises(NotFound, match="no set of intervals 'gestur'"):
        export(labelled, "bids", "gestur")
    with pytest.raises(NotFound, match="no set of boxes 'gesture'"):
        export(labelled, "prophesee", "gesture")
    with pytest.raises(InvalidInput, match="format bids holds intervals, not boxes"):
        export(labelled, "bids", kind="boxes")
    labelled.write_boxes(labelled.draft().boxes("cars"), "gesture")
    with pytest.raises(InvalidInput, match="the set 'gesture' has intervals and boxes"):
        export(labelled, "cvat", options=FormatOptions(fps=Fraction(10)))
    assert export(labelled, "bids").kind == "intervals"


@pytest.mark.parametrize("name", ["../evil", "/etc/evil", "a/../../evil"])
def test_no_recording_leaves_the_folder(animals: Dataset, edit: Edit, name: str) -> None:
    edit("recordings.tsv", "\ntest/cat/000\t", f"\n{name}\t")
    edit("labels/class.tsv", "\ntest/cat/000\t", f"\n{name}\t")
    with pytest.raises(InvalidInput, match="cannot name a file below a folder"):
        export(animals, "bids", "class")
