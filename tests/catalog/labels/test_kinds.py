"""Label tables of a dataset: accessors, digests in versions, and what verify says of each."""

from collections.abc import Callable

import pytest

from catalog.dataset import Dataset
from catalog.labels.boxes import Boxes
from catalog.labels.errata import Patch, Span, errata_table
from catalog.labels.intervals import Label
from catalog.labels.kinds import label_digests, label_tables, table_facts, unapplied
from catalog.labels.writing import write_boxes
from catalog.text_files import write_text
from catalog.tree import WorkTree
from eventstore.errors import IntegrityError, NotFound

Edit = Callable[[str, str, str], None]
NAME = "train/cat/000"


def boxes() -> Boxes:
    return Boxes.of(recording_id=NAME, t=[100, 200], x=1, y=1, w=3, h=2.5, label="cat", track_id=4)


def patch(number: int, before: Span | None, after: Span | None) -> Patch:
    return Patch(
        recording_id=NAME,
        before=before,
        after=after,
        reason="seen anew",
        author="Test Curator",
        date="2026-11-28T12:00:00+00:00",
        number=number,
    )


@pytest.fixture
def boxed(animals: Dataset) -> Dataset:
    """A dataset whose version 1.1.0 has boxes and errata."""
    write_boxes(WorkTree(animals.root), boxes(), "cars")
    labels = animals.draft().labels()
    (label,) = [x for x in labels.values() if x.recording_id == NAME]
    added = Span(1, 2, "dog")
    animals.write_labels([*labels.values(), Label(NAME, *added)], "class")
    text = errata_table([patch(1, None, added)]).text()
    write_text(animals.root / "labels/errata/class.tsv", text)
    animals.save("1.1.0")
    assert label.label == "cat"
    return animals


def test_a_version_gives_back_its_boxes_and_errata(boxed: Dataset) -> None:
    for state in (boxed.draft(), boxed.at("1.1.0")):
        assert state.box_sets == ["cars"]
        assert state.label_sets == ["class"]
        assert state.boxes("cars").w.tolist() == [3, 3]
        assert [p.number for p in state.errata()] == [1]
        assert state.errata("other") == []
    before = boxed.at("1.0.0")
    assert before.box_sets == []
    with pytest.raises(NotFound, match="no set of boxes 'cars'"):
        before.boxes("cars")


def test_a_version_records_a_digest_of_each_table(boxed: Dataset) -> None:
    entry = boxed.version("1.1.0")
    assert sorted(entry.labels) == ["boxes/cars", "class", "errata/class"]
    assert entry.labels == label_digests(boxed.at("1.1.0").tree)
    first = boxed.version("1.0.0")
    assert list(first.labels) == ["class"]
    assert boxed.verify() == []


def test_tables_are_listed_with_what_they_are_about(boxed: Dataset) -> None:
    tree = WorkTree(boxed.root)
    assert dict(label_tables(tree))["boxes/cars"] == "labels/boxes/cars.tsv"
    assert table_facts(tree, "boxes/cars")[1] == {NAME}
    assert table_facts(tree, "errata/class")[1] == set()
    assert NAME in table_facts(tree, "class")[1]


def test_boxes_of_no_recording_and_bad_boxes_are_found(boxed: Dataset) -> None:
    file = boxed.root / "labels/boxes/cars.tsv"
    text = file.read_text()
    file.write_text(text.replace(NAME, "nobody"))
    (finding,) = boxed.verify("draft")
    assert finding.message == "labels 1 recordings that the dataset has not: nobody"
    file.write_text(text.replace("\t100\t", "\tx\t"))
    (finding,) = boxed.verify("draft")
    assert "line 2: t_us is no whole number" in finding.message


def test_errata_that_are_not_what_the_set_holds_are_found(boxed: Dataset) -> None:
    file = boxed.root / "labels/class.tsv"
    file.write_text(file.read_text().replace("\t1\t2\tdog", "\t1\t3\tdog"))
    (finding,) = boxed.verify("draft")
    assert not finding.is_error
    assert finding.message == (
        "patch 1 of train/cat/000 (nothing → 1-2 'dog') is not what labels/class.tsv holds"
    )


def test_saved_errata_cannot_be_rewritten_only_grow(boxed: Dataset) -> None:
    file = boxed.root / "labels/errata/class.tsv"
    kept = file.read_text()
    file.write_text(kept.replace("seen anew", "no reason"))
    with pytest.raises(IntegrityError, match=r"class\.tsv has lost patches") as error:
        boxed.save("1.1.1")
    assert "errata only grow: git -C" in error.value.hint
    file.unlink()
    with pytest.raises(IntegrityError, match="has lost patches"):
        boxed.save("1.1.1")
    more = patch(2, Span(1, 2, "dog"), Span(1, 2, "cat"))
    file.write_text(kept + errata_table([more]).text().partition("\n")[2])
    labels = boxed.root / "labels/class.tsv"
    labels.write_text(labels.read_text().replace("\t1\t2\tdog", "\t1\t2\tcat"))
    boxed.save("2.0.0")
    assert boxed.verify() == []


def test_only_what_no_later_patch_undid_must_stand_there() -> None:
    a, b = Span(0, 5, "cat"), Span(0, 6, "cat")
    there_and_back = [patch(1, a, b), patch(2, b, a)]
    held = {f"{NAME}#0-5": Label(NAME, *a)}
    assert unapplied(held, there_and_back) == []
    assert [p.number for p in unapplied(held, there_and_back[:1])] == [1]
    assert [p.number for p in unapplied({}, there_and_back)] == [2]
    assert unapplied({}, [*there_and_back, patch(3, a, None)]) == []
