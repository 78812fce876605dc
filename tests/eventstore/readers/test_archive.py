"""Listing recordings: ids, labels and folds come from their places."""

import zipfile
from pathlib import Path

import pytest

from eventstore.errors import AlreadyExists, MissingContent, NotFound
from eventstore.readers import SourceItem, iter_sources, list_sources, read_source

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
