"""``sources.json``."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from catalog.public.entry import PublicDataset, PublicFile
from catalog.public.sources import (
    Found,
    Result,
    Sources,
    has_sources,
    read_sources,
    renewed,
    write_sources,
)
from catalog.public.sums import Facts
from eventstore.errors import Conflict, FormatError

FILE = PublicFile(name="a.zip", urls=("https://example.org/a.zip",), size=3)
ENTRY = PublicDataset(
    name="a",
    title="A",
    layout="paths",
    options={"pattern": "(?P<label>.)", "folds": {"0": "test"}},
    files=(FILE, PublicFile(name="b.zip", urls=("https://example.org/b.zip",), fold="test")),
    sensor=(4, 3),
    official={"official": {"train": 1}},
)
FACTS = Facts(3, "0" * 32, "1" * 64)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    found = {"a.zip": Found.of(FACTS, "https://example.org/a.zip")}
    result = Result(files=("a.zip",), digest="2" * 64, n_recordings=1, n_events=2)
    sources = Sources(entry=ENTRY, found=found, result=result)
    assert not has_sources(tmp_path)
    write_sources(tmp_path, sources)
    assert has_sources(tmp_path)
    assert read_sources(tmp_path) == sources


def test_the_same_file_again_keeps_its_date() -> None:
    once = Sources(entry=ENTRY).with_found("a.zip", Found(size=3, md5="", sha256="x", date="then"))
    assert once.with_found("a.zip", Found(size=3, md5="", sha256="x", date="now")) is once
    other = once.with_found("a.zip", Found(size=3, md5="", sha256="y", date="now"))
    assert other.found["a.zip"].date == "now"


@pytest.mark.parametrize(
    "change",
    [
        {"format": 2},
        {"entry": {"name": "a"}},
        {"found": 3},
        {"found": {"a.zip": {"size": 3}}},
        {"result": {"digest": "x"}},
        {"entry_digest": "0" * 64},
    ],
)
def test_damage_is_named(tmp_path: Path, change: dict[str, Any]) -> None:
    content = {**json.loads(Sources(entry=ENTRY).text()), **change}
    (tmp_path / "sources.json").write_text(json.dumps(content))
    with pytest.raises(FormatError, match=r"sources\.json") as caught:
        read_sources(tmp_path)
    assert "git checkout" in caught.value.hint


def test_what_may_change_may_change() -> None:
    sources = Sources(entry=ENTRY)
    mirrors = ("https://example.com/a.zip", *FILE.urls)
    better = replace(FILE, urls=mirrors, md5="3" * 32)
    newer = replace(ENTRY, title="Better", licence="MIT", files=(better, ENTRY.files[1]))
    assert renewed(sources, newer).entry == newer


@pytest.mark.parametrize(
    ("newer", "said"),
    [
        (replace(ENTRY, name="b"), "name differs"),
        (replace(ENTRY, sensor=None), "sensor differs"),
        (replace(ENTRY, options={}), "options differs"),
        (replace(ENTRY, official={}), "official differs"),
        (replace(ENTRY, files=(FILE,)), r"file b\.zip differs"),
        (replace(ENTRY, files=(*ENTRY.files, replace(FILE, name="c"))), "file c differs"),
        (replace(ENTRY, files=(replace(FILE, size=4), ENTRY.files[1])), r"size of a\.zip differs"),
        (
            replace(ENTRY, classes=("x",), files=(FILE, replace(ENTRY.files[1], fold="train"))),
            r"classes, fold of b\.zip differ\n",
        ),
    ],
)
def test_what_must_not_change_is_refused(newer: PublicDataset, said: str) -> None:
    with pytest.raises(Conflict, match=f"another entry 'a': {said}"):
        renewed(Sources(entry=ENTRY), newer)
