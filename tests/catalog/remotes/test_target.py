"""A folder, memory and S3 behave alike, where they are written to."""

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import fsspec
import pytest

from catalog.remotes.open_target import open_target
from catalog.remotes.target import Target, content_of, sha256_of, size_of
from eventstore.errors import AlreadyExists, Conflict


@pytest.fixture(params=["folder", "memory", "s3"])
def target(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Target]:
    if request.param == "folder":
        yield open_target(str(tmp_path / "shelf"))
    elif request.param == "memory":
        yield open_target(f"memory://{tmp_path.name}")
        fsspec.filesystem("memory").rm(f"/{tmp_path.name}", recursive=True)
    else:
        store = request.getfixturevalue("object_store")
        yield open_target(f"s3://bucket/{tmp_path.name}", store.options)


def test_files_are_written_and_read(target: Target, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(b"0123")
    assert target.read("a/b") is None
    target.put("a/b", source)
    target.put("c", b"45")
    target.copy("a/b", "d/e")
    assert target.sizes() == {"a/b": 4, "c": 2, "d/e": 4}
    assert target.read("d/e") == b"0123"
    target.put("a/b", b"6")  # what was copied is another file
    assert (target.read("a/b"), target.read("d/e")) == (b"6", b"0123")
    target.remove("c")
    target.remove("c")
    assert target.read("c") is None


def test_the_same_content_is_known(target: Target, tmp_path: Path) -> None:
    target.put("a", b"0123")
    source = tmp_path / "source"
    source.write_bytes(b"0123")
    assert target.holds("a", b"0123")
    assert target.holds("a", source)
    assert not target.holds("a", b"0124")
    assert not target.holds("a", b"012")
    assert not target.holds("b", b"0123")
    target.put("b", b"0123")
    target.put("c", b"0124")
    assert target.same("a", "b")
    assert not target.same("a", "c")
    assert not target.same("a", "d")


def test_a_file_is_put_once(target: Target) -> None:
    target.put_once("a", b"1")
    with pytest.raises(AlreadyExists, match="/a is there already"):
        target.put_once("a", b"1")
    assert target.read("a") == b"1"


def test_a_file_that_changed_meanwhile_is_not_replaced(target: Target) -> None:
    target.swap("a", b"1", None)
    target.swap("a", b"2", b"1")
    for expected in (b"1", None):
        with pytest.raises(Conflict, match="/a was changed by somebody else meanwhile"):
            target.swap("a", b"3", expected)
    assert target.read("a") == b"2"


def test_what_is_sent_may_be_bytes_or_a_file(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"012")
    for source in (b"012", file):
        assert content_of(source) == b"012"
        assert size_of(source) == 3
        assert sha256_of(source) == hashlib.sha256(b"012").hexdigest()


def test_on_s3_the_server_itself_refuses(
    object_store: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"s3://bucket/{tmp_path.name}"
    one, two = (open_target(url, object_store.options) for _ in range(2))
    one.swap("versions.json", b"1", None)
    seen: Callable[[str], bytes | None] = lambda _: None  # noqa: E731  # as it was a moment ago
    monkeypatch.setattr(two, "read", seen)
    with pytest.raises(Conflict):
        two.swap("versions.json", b"2", None)
    monkeypatch.setattr(two, "read", lambda _: b"0")
    with pytest.raises(Conflict):
        two.swap("versions.json", b"2", b"0")
    assert one.read("versions.json") == b"1"
