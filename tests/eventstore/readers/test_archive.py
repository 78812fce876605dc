"""Listing recordings: ids, labels and folds come from their places."""

import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

import eventstore.readers.archive
from eventstore.errors import AlreadyExists, MissingContent, NotFound
from eventstore.events import Events, Sensor
from eventstore.findings import Severity
from eventstore.readers import READERS, SourceItem, iter_sources, list_sources, read_source
from eventstore.readers.archive import is_archive
from eventstore.readers.protocol import ByteSource, Part, Recording, choose_part
from eventstore.testing import tiny_folders

RECORD = bytes([1, 2, 0, 0, 5])


def _zip(path: Path, members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def _tree(root: Path, members: dict[str, bytes]) -> Path:
    for name, data in members.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return root


def _places(items: list[SourceItem]) -> list[tuple[str, str | None, str | None]]:
    return [(item.recording_id, item.label, item.fold) for item in items]


MEMBERS = {"Train/3/00891.bin": RECORD * 2, "Train/0/00002.bin": RECORD, "README": b"words"}
PLACES = [("Train/0/00002", "0", "train"), ("Train/3/00891", "3", "train")]


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_class_folder_zip(tmp_path: Path, method: int) -> None:
    listing = list_sources(_zip(tmp_path / "Train.zip", MEMBERS, method))
    assert _places(listing.items) == PLACES
    assert [len(read_source(item.open()).load()) for item in listing.items] == [1, 2]
    assert listing.skipped == [f"{tmp_path / 'Train.zip'}:README"]


@pytest.mark.parametrize("root", ["", "Train"])
def test_an_unpacked_archive_gives_the_same_ids(tmp_path: Path, root: str) -> None:
    _tree(tmp_path / "unpacked", MEMBERS)
    assert _places(list_sources(tmp_path / "unpacked" / root).items) == PLACES


def test_real_archive(shared_data: Path) -> None:
    items = list(iter_sources(shared_data / "nmnist-small/Test.zip"))
    assert len(items) == 100
    assert {item.fold for item in items} == {"test"}
    assert {item.label for item in items} == set("0123456789")
    assert items == sorted(items, key=lambda item: item.recording_id)
    assert read_source(items[0].open()).sensor.shape == (2, 34, 34)


@pytest.mark.parametrize(
    ("name", "label", "fold"),
    [
        ("a.bin", None, None),
        ("test/a.bin", None, "test"),
        ("Caltech101/Faces_easy/a.bin", "Faces_easy", None),
        ("Validation/user1/7/a.bin", "7", "validation"),
    ],
)
def test_label_and_fold_come_from_the_folders(
    tmp_path: Path, name: str, label: str | None, fold: str | None
) -> None:
    (item,) = iter_sources(_zip(tmp_path / "some.zip", {name: RECORD}))
    assert (item.label, item.fold) == (label, fold)


def test_a_single_file_is_its_stem(tmp_path: Path) -> None:
    _tree(tmp_path, {"walk.bin": RECORD})
    (item,) = iter_sources(tmp_path / "walk.bin")
    assert (item.recording_id, item.label, item.fold) == ("walk", None, None)
    assert len(read_source(item.open()).load()) == 1


def test_hidden_and_foreign_clutter_is_passed_over(tmp_path: Path) -> None:
    names = ["__MACOSX/Train/._1.bin", ".git/x.bin", "Train/.DS_Store", "Train/1/1.bin"]
    clutter = dict.fromkeys(names, RECORD)
    for place in (_zip(tmp_path / "z.zip", clutter), _tree(tmp_path / "f", clutter)):
        assert [item.recording_id for item in iter_sources(place)] == ["Train/1/1"]


def test_two_files_of_one_id_are_refused(tmp_path: Path) -> None:
    archive = _zip(tmp_path / "a.zip", {"1/a.bin": RECORD, "1/a.BIN": RECORD})
    with pytest.raises(AlreadyExists, match=r"a\.bin.*a\.BIN"):
        list_sources(archive)


def test_a_place_without_recordings_says_what_it_looked_for(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"1 other files; known suffixes: .*\.bin"):
        list_sources(_tree(tmp_path, {"notes.md": b"words"}))


def test_absent_paths(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no file"):
        list_sources(tmp_path / "nowhere.zip")
    (tmp_path / "annexed.bin").symlink_to(".git/annex/objects/xx")
    with pytest.raises(MissingContent, match=r"git -C .* annex get annexed\.bin"):
        list_sources(tmp_path / "annexed.bin")
    (item,) = iter_sources(tmp_path)
    with pytest.raises(MissingContent):
        item.open()


@dataclass(frozen=True, slots=True, kw_only=True)
class RowsReader:
    """Reads a format made for these tests: each line is one recording, its name and times."""

    name: str = "rows"
    suffixes: tuple[str, ...] = (".rows",)
    holds_many: bool = True

    def sniff(self, source: ByteSource) -> bool:
        return source.suffix in self.suffixes and bytes(source.data[:2]) == b"! "

    def parts(self, source: ByteSource) -> Sequence[Part]:
        lines = [line.split() for line in bytes(source.data).decode()[2:].splitlines()]
        said = [[None if word == "-" else word for word in line[1:3]] for line in lines]
        return [Part(name=n, label=a, fold=b) for (n, *_), (a, b) in zip(lines, said, strict=True)]

    def read(self, source: ByteSource, *, sensor: Sensor | None = None) -> Recording:
        at = list(self.parts(source)).index(choose_part(source, self.parts(source)))
        t = [int(word) for word in bytes(source.data).decode()[2:].splitlines()[at].split()[3:]]
        return Recording(
            source=source.name,
            sensor=sensor or Sensor(4, 4),
            reader=self.name,
            zero_based=True,
            packets=iter([Events.of(t=t, x=np.zeros(len(t), int))]),
        )


ROWS = b"! /b/left cat TRAIN 5 6 7\n/a - - 1\n"


@pytest.fixture
def _rows_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    readers = [RowsReader(), READERS["atis"]]
    monkeypatch.setitem(READERS._loaded, "rows", readers[0])
    monkeypatch.setattr(eventstore.readers.archive, "installed_readers", lambda: (readers, []))


@pytest.mark.usefixtures("_rows_reader")
class TestFilesThatHoldSeveral:
    def test_each_part_is_an_item_in_the_order_of_the_file(self, tmp_path: Path) -> None:
        members = {"Test/dog/two.rows": ROWS, "Test/dog/a.bin": RECORD}
        zipped = _zip(tmp_path / "a.zip", members)
        for place in (zipped, _tree(tmp_path / "f", members)):
            items = list_sources(place).items
            assert _places(items) == [
                ("Test/dog/a", "dog", "test"),
                ("Test/dog/two/b/left", "cat", "train"),
                ("Test/dog/two/a", "dog", "test"),
            ]
            assert [item.reader for item in items] == [None, "rows", "rows"]
            assert items[1].name.endswith("two.rows:/b/left")
            assert [len(read_source(i.open(), reader=i.reader).load()) for i in items[1:]] == [3, 1]

    def test_one_part_alone_is_called_like_its_file(self, tmp_path: Path) -> None:
        _tree(tmp_path, {"one.rows": b"! left cat - 5 6\n"})
        (item,) = iter_sources(tmp_path / "one.rows")
        assert (item.recording_id, item.label, item.part) == ("one", "cat", "left")
        assert item.name == str(tmp_path / "one.rows")

    def test_a_named_reader_reads_other_suffixes_too(self, tmp_path: Path) -> None:
        _tree(tmp_path, {"two.xyz": ROWS})
        ids = [i.recording_id for i in iter_sources(tmp_path / "two.xyz", reader="rows")]
        assert ids == ["two/b/left", "two/a"]

    def test_files_of_the_suffix_that_are_something_else_are_passed_over(
        self, tmp_path: Path
    ) -> None:
        place = _tree(tmp_path, {"two.rows": ROWS, "other.rows": b"words"})
        assert list_sources(place).skipped == [f"{tmp_path}/other.rows"]
        (item,) = iter_sources(tmp_path / "other.rows")  # named by itself: reading it will say why
        with pytest.raises(NotFound):
            read_source(item.open())

    def test_two_parts_of_one_name_are_refused(self, tmp_path: Path) -> None:
        _tree(tmp_path, {"two.rows": b"! a - - 5\n/a - - 6\n"})
        with pytest.raises(AlreadyExists, match="1 ids stand for several recordings"):
            list_sources(tmp_path / "two.rows")


def test_options_of_a_reader_may_be_named(tmp_path: Path) -> None:
    _tree(tmp_path, {"a.txt": b"0 1 2 1\n", "b.bin": RECORD})
    assert [i.recording_id for i in iter_sources(tmp_path, reader="text:unit=us")] == ["a"]


@pytest.mark.parametrize("name", ["a.zip", "A.ZIP", "a.tar", "a.tgz", "a.b.tar.gz", "a.tar.xz"])
def test_archives_go_by_their_names(name: str) -> None:
    assert is_archive(Path(name))
    assert not is_archive(Path(name + ".bin"))


def test_files_passed_over_are_told_of(tmp_path: Path) -> None:
    (folder, _) = tiny_folders(tmp_path)
    for name in ("README.md", "notes.txt", "broken.h5", "broken.aedat"):
        (folder / name).write_bytes(b"no events at all")
    found = list_sources(folder).findings()
    warned = [f for f in found if f.check == "file-passed-over"]
    assert [Path(f.where).name for f in warned] == ["broken.aedat", "broken.h5"]
    assert all(f.severity == Severity.WARNING and f.fix for f in warned)
    (others,) = (f for f in found if f.check == "other-files")
    assert "and 1 more" in others.message
