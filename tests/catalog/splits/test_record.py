"""The files of a split: any change of what a network would see is found."""

from collections.abc import Callable

import pytest

from catalog.dataset import Dataset
from catalog.labels.intervals import Label
from catalog.recording_table import recording_digests
from catalog.splits.record import SplitRecord, check_split, split_digest
from catalog.tree import WorkTree
from eventstore.errors import FormatError, IntegrityError, NotFound

Edit = Callable[[str, str, str], None]
SPLIT, LABELS = "splits/official.tsv", "labels/class.tsv"


def check(dataset: Dataset) -> SplitRecord:
    digests = recording_digests(dataset.draft().recordings)
    return check_split(WorkTree(dataset.root), "official", digests).record


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        (SPLIT, "\ttrain\n", "\ttest\n"),
        (SPLIT, "test/cat/000#0-988\ttest\n", ""),
        (SPLIT, "test/cat/000#0-988\ttest\n", "test/cat/000#0-988\ttest\n" * 2),
        (LABELS, "0\t988\tcat\n", "0\t988\tdog\n"),
        ("recordings.tsv", "\t33513c669a", "\t33513c669b"),
        ("splits/official.json", '"cat",\n  "dog"', '"dog",\n  "cat"'),
    ],
    ids=["fold", "row gone", "row twice", "label", "recording", "class order"],
)
def test_an_edit_is_found(animals: Dataset, edit: Edit, path: str, old: str, new: str) -> None:
    record = check(animals)
    edit(path, old, new)
    with pytest.raises(IntegrityError, match="is not what it was frozen as") as caught:
        check(animals)
    assert f"expected {record.digest[:16]}, found " in caught.value.message
    assert f"git -C {animals.root} diff" in caught.value.hint


def test_a_sample_without_label_or_recording_is_named(animals: Dataset, edit: Edit) -> None:
    edit(LABELS, "test/cat/000\t0\t988\tcat\n", "")
    with pytest.raises(
        IntegrityError, match=r"test/cat/000#0-988, which labels/class\.tsv has not"
    ):
        check(animals)
    edit(LABELS, "test/cat/003\t", "test/cat/000\t0\t988\tcat\ntest/cat/003\t")
    text = (animals.root / "recordings.tsv").read_text().splitlines(keepends=True)
    (animals.root / "recordings.tsv").write_text("".join([text[0], *text[2:]]))
    with pytest.raises(IntegrityError, match=r"which recordings\.tsv has not"):
        check(animals)


def test_labels_that_the_split_does_not_use_do_not_matter(animals: Dataset, edit: Edit) -> None:
    edit(LABELS, "test/cat/003\t", "test/cat/000\t5\t9\towl\ntest/cat/003\t")
    check(animals)


def test_unknown_splits_name_the_nearest(animals: Dataset) -> None:
    with pytest.raises(NotFound, match="did you mean 'official'"):
        check_split(WorkTree(animals.root), "offical", {})


def test_records_read_back_and_others_are_refused(animals: Dataset) -> None:
    record = check(animals)
    assert SplitRecord.parse(record.text(), path="x") == record
    assert record.counts == {
        "train": {"cat": 3, "dog": 3, "owl": 3},
        "test": {"cat": 2, "dog": 2, "owl": 2},
    }
    with pytest.raises(FormatError, match="not a split"):
        SplitRecord.parse("{}", path="splits/x.json")


def test_a_record_or_list_damaged_by_hand_says_where(animals: Dataset, edit: Edit) -> None:
    edit("splits/official.json", '"label_set": "class"', '"label_set": 3')
    with pytest.raises(FormatError, match="label_set of the split is 3"):
        check(animals)
    edit("splits/official.json", '"label_set": 3', '"label_set": "class"')
    edit(SPLIT, "sample_id\tfold\n", "fold\tsample_id\n")
    with pytest.raises(FormatError, match=r"splits/official\.tsv: not the list of a split"):
        check(animals)


def test_nothing_left_out_is_not_written(animals: Dataset) -> None:
    # Records of before read as they are, and none changes by being written again.
    text = (animals.root / "splits/official.json").read_text()
    assert "left_out" not in text
    assert SplitRecord.parse(text, path="x").text() == text


def test_the_digest_is_pinned() -> None:
    # A changed algorithm would break every reference ever cited: give it a new prefix instead.
    label = Label("a", 0, 9, "cat")
    digest = split_digest({"a#0-9": "train"}, {"a#0-9": label}, {"a": "ab" * 32}, ("cat", "dog"))
    assert digest == "e5c83e2846d43135dee589bfce410c040ed9f908e209861ef9d7dc77ca4f54fc"
