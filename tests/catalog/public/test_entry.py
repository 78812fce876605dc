"""Entries: facts from TOML, typos refused."""

import re
from pathlib import Path
from typing import Any

import pytest

from catalog.card import Card
from catalog.layouts import LAYOUTS
from catalog.public.entry import (
    PublicDataset,
    PublicFile,
    entry_names,
    load_entry,
    parse_entry,
)
from eventstore.errors import FormatError, InvalidInput, NotFound

TEXT = """\
name = "tiny"
title = "A tiny one"
sensor = [8, 6]
layout = {name = "class-folders", folds = {testing = "test"}}
official.official = {train = 2, test = 1}
[[files]]
name = "a.zip"
urls = ["https://example.org/a.zip", "http://example.com/a.zip"]
size = 7
md5 = "0123456789abcdef0123456789abcdef"
[[files]]
name = "b.zip"
urls = ["https://example.org/b.zip"]
fold = "test"
"""


def parsed(old: str = "", new: str = "") -> PublicDataset:
    assert old in TEXT
    return parse_entry(TEXT.replace(old, new, 1), path="tiny.toml")


def test_an_entry_says_what_stands_there() -> None:
    entry = parsed()
    assert (entry.sensor, entry.layout, entry.licence) == ((8, 6), "class-folders", "unknown")
    assert entry.options == {"folds": {"testing": "test"}}
    assert entry.official == {"official": {"train": 2, "test": 1}}
    first, second = entry.files
    assert (first.size, first.stated, second.stated) == (7, "md5", "")
    assert (second.fold, second.size) == ("test", None)


def test_an_entry_survives_being_written() -> None:
    entry = parsed()
    again = PublicDataset.from_dict(entry.to_dict())
    assert again == entry
    assert again.entry_digest == entry.entry_digest
    assert parsed("size = 7", "size = 8").entry_digest != entry.entry_digest


WRONG = [
    ('title = "A tiny one"', 'titel = "A"', "no key of an entry 'titel'", "'title'"),
    ("size = 7", "sice = 7", r"no key of \[\[files\]\] 'sice'", "'size'"),
    ("size = 7", "size = '7'", "size of a file is '7'", "whole number"),
    ("size = 7", "size = 0", "has 0 bytes", "leave the size out"),
    ("size = 7", "size = true", "size of a file is True", "whole number"),
    ('title = "A tiny one"\n', "", "the entry has no title", "title ="),
    ("[8, 6]", "[8]", r"sensor is \[8\]", "width, height"),
    ("[8, 6]", "[8, 0]", r"sensor is \[8, 0\]", "width, height"),
    ("0123456789abcdef0", "0123", "md5 of file 'a.zip'", "32 hex digits"),
    ("0123456789abcdef0", "0123456789ABCDEF0", "md5 of file 'a.zip'", "lower case"),
    ("https://example.org/a", "file:///a", "has a mirror 'file:///a.zip'", "https://"),
    ("https://example.org/a", "ftp://example.org/a", "has a mirror", "https://"),
    ('"a.zip"', '"../a.zip"', "leaves the folder", "plain name"),
    ('"a.zip"', '"/a.zip"', "leaves the folder", "plain name"),
    ('"a.zip"', '"a\\\\b.zip"', "leaves the folder", "plain name"),
    ('"a.zip"', '".a.zip"', "leaves the folder", "plain name"),
    ('"a.zip"', '"B.ZIP"', "several files are called 'b.zip'", "in any case"),
    ("train = 2", "train = -2", "official.official is", "number of samples"),
    ("train = 2", "train = 'all'", "official.official is", "number of samples"),
    ("official.official =", "official =", "official.train is 2", r"\[official.train\]"),
    ("{name =", "{nam =", "names no layout", "class-folders"),
    ("sensor = [8, 6]", "access = 'maybe'", "access is 'maybe'", "open, manual"),
    ("sensor = [8, 6]", "access = 'manual'", "it is not said how", "instructions"),
    ("sensor = [8, 6]", "classes = 'a'", "classes is 'a'", "list of texts"),
    ("sensor = [8, 6]", "doi = 10", "doi is 10", "in quotes"),
    ("sensor = [8, 6]", "sensor =", "not TOML", "docs"),
    ('urls = ["https://example.org/b.zip"]', "", "b.zip has no URL", "manual"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "said", "hint"), WRONG, ids=[w[1][:30] for w in WRONG])
def test_mistakes_are_named(old: str, new: str, said: str, hint: str) -> None:
    with pytest.raises(FormatError, match=said) as caught:
        parsed(old, new)
    assert caught.value.path == "tiny.toml"
    assert re.search(hint, caught.value.hint)


def test_no_files_are_refused() -> None:
    facts: dict[str, Any] = {"name": "a", "title": "A", "layout": "class-folders"}
    with pytest.raises(InvalidInput, match="a has no files"):
        PublicDataset(files=(), **facts)


def test_an_entry_of_ones_own_is_a_path(tmp_path: Path) -> None:
    path = tmp_path / "tiny.toml"
    path.write_text(TEXT)
    assert load_entry(path) == load_entry(str(path)) == parsed()
    with pytest.raises(NotFound, match="no file"):
        load_entry(tmp_path / "other.toml")
    path.write_bytes(b"name = '\xff'")
    with pytest.raises(FormatError, match="at byte 8: not UTF-8"):
        load_entry(path)


def test_an_unknown_name_gets_the_nearest() -> None:
    with pytest.raises(NotFound, match="no public dataset 'nmnits'") as caught:
        load_entry("nmnits")
    assert "nmnist" in caught.value.hint


@pytest.mark.parametrize("name", entry_names())
def test_every_entry_of_the_registry_is_sound(name: str) -> None:
    entry = load_entry(name)
    assert entry.name == name
    assert Card(name=entry.name, classes=entry.classes).name == name
    assert entry.layout in LAYOUTS
    assert entry.citation or entry.doi
    assert entry.licence
    assert PublicDataset.from_dict(entry.to_dict()) == entry


DEAD = ("figshare.com/ndownloader", "figshare.com/files", "neuromorphic-vision.com")
"""Hosts and paths that give no file any more."""


@pytest.mark.parametrize("name", entry_names())
def test_no_dead_host_comes_first(name: str) -> None:
    first = [file.urls[0] for file in load_entry(name).files if file.urls]
    assert [u for u in first if any(f"//{dead}" in u or f"www.{dead}" in u for dead in DEAD)] == []


def test_a_file_states_its_strongest_checksum() -> None:
    both = PublicFile(name="a", urls=(), md5="0" * 32, sha256="0" * 64)
    assert both.stated == "sha256"
