"""From an empty folder to a version, in the public words."""

import struct
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import catalog
from catalog.card import Card
from catalog.dataset import Dataset
from catalog.splits.rules import GroupRule, OfficialRule
from eventstore.errors import AlreadyExists, Conflict, FormatError, InvalidInput, NotFound


def atis(seed: int, n: int = 40) -> bytes:
    """Return 40-bit ATIS records: x, y, then polarity and a 23-bit stamp."""
    rows = [(k * 7 + seed) % 34 for k in range(n)]
    return b"".join(
        struct.pack(">BBBH", x, (x * 3) % 34, (k % 2) << 7, 10 * k + seed)
        for k, x in enumerate(rows)
    )


@pytest.fixture
def archives(tmp_path: Path) -> list[Path]:
    made = []
    for fold, count in (("Train", 6), ("Test", 4)):
        made.append(tmp_path / f"{fold}.zip")
        with zipfile.ZipFile(made[-1], "w") as archive:
            for k in range(count):
                archive.writestr(f"{fold}/{k % 2}/{k:05}.bin", atis(k + len(fold)))
    return made


def test_from_archives_to_a_cited_split(tmp_path: Path, archives: list[Path]) -> None:
    dataset = Dataset.create(tmp_path / "digits", Card(name="digits"))
    report = dataset.ingest(archives)
    assert (report.n_added, report.n_events) == (10, 400)
    dataset.make_split("official", OfficialRule(expected={"train": 6, "test": 4}))
    version = dataset.save("1.0.0", "first")
    assert version.n_recordings == 10
    opened = catalog.open(tmp_path)["digits@1.0.0"]
    train = opened.split("official").selection("train")
    assert train.sample_ids()[0] == "Train/0/00000#0-396"
    assert train.label_names == ("0", "1")
    assert set(opened.recordings.column("source")) >= {"Train.zip:Train/0/00000.bin"}
    assert dataset.verify() == []


def test_ingest_goes_on_and_keeps_edited_labels(empty: Dataset, archives: list[Path]) -> None:
    empty.ingest(archives[:1])
    labels = list(empty.draft().labels().values())
    empty.write_labels([labels[0]._replace(label="7"), *labels[1:]])
    with pytest.raises(AlreadyExists, match="6 of 10 recordings"):
        empty.ingest(archives)
    report = empty.ingest(archives, resume=True)
    assert (report.n_added, report.n_skipped) == (4, 6)
    assert len(empty.draft().labels()) == 10
    assert empty.draft().labels()[labels[0].sample_id].label == "7"


def test_a_refused_archive_describes_nothing(
    empty: Dataset, archives: list[Path], tmp_path: Path
) -> None:
    empty.ingest(archives, labels_from=None)
    before = (empty.root / "recordings.tsv").read_bytes()
    other = tmp_path / "Other.zip"
    with zipfile.ZipFile(archives[0]) as archive, zipfile.ZipFile(other, "w") as forged:
        for name in archive.namelist():
            forged.writestr(name, atis(99))
    with pytest.raises(AlreadyExists):
        empty.ingest([other])
    with pytest.raises(Conflict, match="from other bytes"):
        empty.ingest([other], resume=True)
    assert (empty.root / "recordings.tsv").read_bytes() == before
    assert empty.draft().label_sets == []


def test_going_on_keeps_a_fold_that_the_curator_set(empty: Dataset, archives: list[Path]) -> None:
    empty.ingest(archives[:1])
    first = empty.draft().recordings.column("recording_id")[0]
    empty.set_column("fold", {first: "validation"})
    empty.ingest(archives, resume=True)
    assert "validation" in empty.draft().recordings.column("fold")


def test_what_came_before_a_bad_file_is_described(empty: Dataset, archives: list[Path]) -> None:
    with zipfile.ZipFile(archives[0], "a") as archive:
        archive.writestr("Train/9/99999.txt", b"1 1 1 1\n2 1 one 1\n")
    with pytest.raises(FormatError, match=r"99999\.txt"):
        empty.ingest(archives[:1])
    assert len(empty.draft().recordings.rows) == 6
    assert empty.verify() == []


def test_labels_and_folds_can_be_left_out(empty: Dataset, archives: list[Path]) -> None:
    empty.ingest(archives, labels_from=None, fold_from=None)
    assert empty.draft().label_sets == []
    assert set(empty.draft().recordings.column("fold")) == {""}
    with pytest.raises(NotFound, match="no label set 'class'"):
        empty.make_split("official", OfficialRule())


def test_a_folder_that_is_taken_is_refused(animals: Dataset, tmp_path: Path) -> None:
    with pytest.raises(AlreadyExists, match="is there already"):
        Dataset.create(animals.root, Card(name="other"))
    with pytest.raises(NotFound, match=r"has no dataset\.yaml"):
        Dataset.open(tmp_path)


def test_without_a_version_the_way_to_the_work_tree_is_told(empty: Dataset) -> None:
    with pytest.raises(NotFound, match="is saved yet") as caught:
        empty.at()
    assert f"dataset save {empty.root}; the work tree is {empty.root}@draft" in caught.value.hint


def test_split_names_are_used_once(animals: Dataset) -> None:
    animals.make_split("draft", OfficialRule())
    with pytest.raises(AlreadyExists, match=r"or delete splits/draft\.tsv and"):
        animals.make_split("draft", OfficialRule())
    with pytest.raises(AlreadyExists, match="has a split 'official' already"):
        animals.make_split("official", OfficialRule())
    for suffix in ("tsv", "json"):
        (animals.root / f"splits/official.{suffix}").unlink()
    with pytest.raises(AlreadyExists, match=r"version 1\.0\.0 has a split"):
        animals.make_split("official", OfficialRule())
    with pytest.raises(InvalidInput, match="cannot name a file"):
        animals.make_split("../x", OfficialRule())


def test_labels_of_unknown_recordings_are_refused(animals: Dataset) -> None:
    label = next(iter(animals.draft().labels().values()))
    with pytest.raises(InvalidInput, match="such as nobody"):
        animals.write_labels([label._replace(recording_id="nobody")])


def test_a_curators_column_makes_a_group_split(animals: Dataset) -> None:
    ids = animals.draft().recordings.column("recording_id")
    animals.set_column("keeper", {name: f"k{n % 5}" for n, name in enumerate(ids)})
    rule = GroupRule(group_by="keeper", fractions={"train": 0.6, "test": 0.4}, balanced=True)
    split = animals.make_split("keeper", rule)
    assert {fold: len(s) for fold, s in split.folds.items()} == {"train": 9, "test": 6}


def test_unknown_versions_are_listed(animals: Dataset) -> None:
    with pytest.raises(NotFound, match=r"1\.0\.1.*known: 1\.0\.0"):
        animals.at("1.0.1")
    assert animals.at("draft").version is None


def test_importing_the_catalog_opens_no_door() -> None:
    code = (
        "import sys, catalog.cli, catalog.cli_dataset, catalog.cli_split;"
        "print({'datalad', 'torch', 'numba', 'zarr', 'eventstore.store'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_real_digits(empty: Dataset, shared_data: Path) -> None:
    empty.ingest([shared_data / "nmnist-small" / "Test.zip"])
    split = empty.make_split("official", OfficialRule(expected={"test": 100}))
    assert len(split.selection("test")) == 100
    assert split.label_names == tuple("0123456789")
