"""Lists beside recordings: folds and labels by name, and lists that are wrong."""

from pathlib import Path

import pytest

from catalog.layouts.name_lists import NameLists, find_file, read_lists
from catalog.layouts.path_rules import Place
from catalog.layouts.paths import PathsOptions
from catalog.layouts.placed import PlacedFile, placed_files
from eventstore.errors import FormatError, NotFound
from eventstore.readers.source_item import SourceItem


def files_of(folder: Path, texts: dict[str, str]) -> list[PlacedFile]:
    for name, text in texts.items():
        path = folder / "data" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return placed_files([folder / "data"])


def found_of(*places: Place) -> list[tuple[SourceItem, Place]]:
    return [
        (SourceItem(recording_id=p.id, label=None, fold=None, name=f"{p.id}.bin", source="",
                    path=Path()), p)
        for p in places
    ]  # fmt: skip


def test_a_list_of_each_fold_and_one_of_labels(tmp_path: Path) -> None:
    texts = {"train.txt": "a/1 9\n\n a/2 9 \n", "test.txt": "b/1 9\n", "labels.txt": "b/1 7\n"}
    options = PathsOptions(
        lists={"train": "train.txt", "test": "test.txt"},
        label_list="labels.txt",
        line=r"(?P<key>\S+) (?P<label>\d+)",
    )
    lists = read_lists(files_of(tmp_path, texts), options)
    assert lists.folds == {"a/1": "train", "a/2": "train", "b/1": "test"}
    assert lists.labels == {"a/1": "9", "a/2": "9", "b/1": "7"}
    assert lists.paths == {"data/train.txt", "data/test.txt", "data/labels.txt"}


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        ({"train.txt": "a\n", "test.txt": "b\na\n"}, r"line 2 names 'a', which is in .* train"),
        ({"train.txt": "a\n", "test.txt": "two words\n"}, "line 1 names no recording"),
    ],
)  # fmt: skip
def test_lists_that_are_wrong(tmp_path: Path, texts: dict[str, str], said: str) -> None:
    options = PathsOptions(lists={"train": "train.txt", "test": "test.txt"})
    with pytest.raises(FormatError, match=said) as caught:
        read_lists(files_of(tmp_path, texts), options)
    assert "test.txt" in caught.value.message


def test_a_line_without_a_name_in_its_pattern(tmp_path: Path) -> None:
    files = files_of(tmp_path, {"train.txt": "a\n"})
    with pytest.raises(FormatError, match="names no recording"):
        read_lists(files, PathsOptions(lists={"train": "train.txt"}, line=r"\S+"))


def test_a_list_that_is_not_there_and_one_that_is_there_twice(tmp_path: Path) -> None:
    files = files_of(tmp_path, {"a/train.txt": "", "b/train.txt": ""})
    with pytest.raises(NotFound, match=r"no file 'tran\.txt'") as caught:
        find_file(files, "tran.txt")
    assert caught.value.hint == "did you mean 'train.txt'?"
    with pytest.raises(FormatError, match=r"several files are called train\.txt"):
        find_file(files, "train.txt")
    assert find_file(files, "b/train.txt").full == "data/b/train.txt"


def test_what_lists_and_recordings_do_not_agree_on_is_a_finding() -> None:
    lists = NameLists(folds={"a": "train", "gone": "train"})
    found = found_of(Place(id="a", key="a"), Place(id="new", key="new"))
    absent, without = lists.findings(found)
    assert (absent.check, absent.where) == ("listed-not-there", "gone")
    assert absent.message == "1 of 2 listed recordings is not there"
    assert (without.check, without.where) == ("not-listed", "new.bin")


def test_a_recording_whose_path_gives_a_fold_need_not_be_listed() -> None:
    lists = NameLists(folds={"a": "val"})
    found = found_of(Place(id="a", key="a"), Place(id="b", key="b", fold="train"))
    assert lists.findings(found) == []
    assert NameLists().findings(found_of(Place(id="b", key="b"))) == []
