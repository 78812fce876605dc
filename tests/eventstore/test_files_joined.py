"""Each file is read where it lies, with one call to each place."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from eventstore.errors import MissingContent
from eventstore.files import Files, MappedFiles
from eventstore.files_joined import JoinedFiles
from eventstore.store import EventStore


def test_each_place_is_asked_once(tmp_path: Path, counted_files: Callable[..., Any]) -> None:
    for name in "ab":
        (tmp_path / name).write_bytes(name.encode() * 5)
    far, near = counted_files(tmp_path), MappedFiles({"c": b"ccccc"})
    files = JoinedFiles(near, {"x/a": (far, "a"), "x/b": (far, "b"), "lost": (far, "lost")})
    assert isinstance(files, Files)
    assert files.remote
    found = files.read_ranges([("x/b", 0, 2), ("c", 1, 4), ("x/a", -1, None), ("x/b", 0, 1)])
    assert [bytes(part) for part in found] == [b"bb", b"ccc", b"a", b"b"]
    assert far.take_calls() == [[("b", 0, 2), ("a", -1, None), ("b", 0, 1)]]
    assert (files.size("x/a"), files.size("c")) == (5, 5)
    assert files.where("x/a") == str(tmp_path / "a")
    assert [files.has(key) for key in ("x/a", "c", "lost", "no")] == [True, True, False, False]
    for key in ("lost", "no"):
        with pytest.raises(MissingContent):
            files.read(key)
    files.close()
    assert not JoinedFiles(near, {}).remote


def test_a_store_may_lie_in_two_places(
    sample_store: Path, counted_files: Callable[..., Any]
) -> None:
    paths = {p.relative_to(sample_store).as_posix(): p for p in sample_store.rglob("*")}
    far = counted_files(sample_store)
    near = {key: path for key, path in paths.items() if not key.startswith("events/x")}
    elsewhere = {key: (far, key) for key in paths if key.startswith("events/x")}
    store = EventStore.open(JoinedFiles(MappedFiles(near), elsewhere))
    assert store.read("r5").equals(EventStore.open(sample_store).read("r5"))
    assert {key.split("/")[1] for call in far.take_calls() for key, _, _ in call} == {"x"}
