"""Ranges of files mean what slices do; what is absent or was replaced is never made up."""

import gc
import os
import pickle
import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.errors import InvalidInput, MissingContent
from eventstore.files import Files, LocalFiles, MappedFiles


@pytest.fixture(params=["local", "mapped", "bytes"])
def files(request: pytest.FixtureRequest, tmp_path: Path) -> Files:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "b").write_bytes(b"1234")
    (tmp_path / "empty").write_bytes(b"")
    if request.param == "local":
        return LocalFiles(tmp_path)
    if request.param == "mapped":
        return MappedFiles({"a/b": tmp_path / "a" / "b", "empty": tmp_path / "empty"})
    return MappedFiles({"a/b": b"1234", "empty": b""})


def exchange(one: Path, other: Path) -> None:
    """Give two folders each other's name; not at once, which no test here asks for."""
    aside = one.with_name("aside")
    one.rename(aside)
    other.rename(one)
    aside.rename(other)


def open_handles() -> int:
    return len(os.listdir("/proc/self/fd"))  # noqa: PTH208  # not a folder of files


def test_the_content_is_read_whole_and_in_parts(files: Files) -> None:
    assert files.read("a/b") == b"1234"
    assert files.read("empty") == b""
    assert bytes(files.read_range("a/b", 1, 3)) == b"23"
    parts = files.read_ranges([("a/b", -1, None), ("empty", 0, 5), ("a/b", 0, 1)])
    assert [bytes(part) for part in parts] == [b"4", b"", b"1"]
    assert (files.size("a/b"), files.size("empty")) == (4, 0)
    assert files.has("a/b")
    assert "a/b" in files.where("a/b")
    assert isinstance(files, Files)
    assert not files.remote


@given(start=st.integers(-7, 7), stop=st.none() | st.integers(-7, 7))
def test_a_range_is_a_slice(start: int, stop: int | None) -> None:
    found = MappedFiles({"a": b"01234"}).read_range("a", start, stop)
    assert bytes(found) == b"01234"[start:stop]


def test_an_absent_key_is_missing_content(files: Files) -> None:
    assert not files.has("a/c")
    for key in ("a/c", "empty/c"):
        for read in (files.read, files.size, lambda k: files.read_range(k, 0, 1)):
            with pytest.raises(MissingContent, match=key) as caught:
                read(key)
            assert caught.value.hint


def test_nothing_is_in_a_folder_that_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    for root in (tmp_path / "nowhere", tmp_path / "file"):
        files = LocalFiles(root)
        assert not files.has("zarr.json")
        with pytest.raises(MissingContent, match=r"zarr\.json is not there"):
            files.read("zarr.json")


def test_a_link_to_absent_content_says_how_to_get_it(tmp_path: Path) -> None:
    (tmp_path / "0").symlink_to(tmp_path / "annex" / "KEY")
    local = LocalFiles(tmp_path)
    assert local.has("0")
    with pytest.raises(MissingContent, match="not on this machine") as caught:
        local.read_range("0", 0, 1)
    assert caught.value.hint == f"git -C {tmp_path} annex get 0"
    told = MappedFiles({"0": tmp_path / "0"}, fetch_hint="spikelake dataset get nmnist")
    with pytest.raises(MissingContent) as caught:
        told.read("0")
    assert caught.value.hint == "spikelake dataset get nmnist"
    (tmp_path / "annex").mkdir()
    (tmp_path / "annex" / "KEY").write_bytes(b"here")
    assert local.read("0") == b"here"  # fetched meanwhile


def test_another_folder_of_the_same_name_is_never_seen(tmp_path: Path) -> None:
    root, other = tmp_path / "events.zarr", tmp_path / "new.zarr"
    for folder, content in ((root, b"old"), (other, b"new")):
        folder.mkdir()
        (folder / "a").write_bytes(content)
        (folder / "b").write_bytes(content)
    files = LocalFiles(root)
    assert files.read("a") == b"old"
    exchange(root, other)
    assert files.read("b") == b"old"
    assert LocalFiles(root).read("b") == b"new"
    shutil.rmtree(other)
    assert files.read("a") == b"old"  # still mapped
    with pytest.raises(MissingContent, match="was rewritten since it was opened") as caught:
        files.read("c")
    assert caught.value.hint == "the store was rewritten: open it again"
    shutil.rmtree(root)
    with pytest.raises(MissingContent, match="was rewritten"):
        files.read("c")


def test_what_is_open_is_closed_again(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"12")
    gc.collect()  # what other tests left open is not counted
    before = open_handles()
    files = LocalFiles(tmp_path)
    kept = files.read_range("a", 0, None)
    assert open_handles() > before
    files.close()
    assert bytes(kept) == b"12"
    for read in (files.read, files.has, files.size):
        with pytest.raises(InvalidInput, match="is closed"):
            read("a")
    del kept
    assert open_handles() == before
    LocalFiles(tmp_path).read("a")  # let go of by the garbage collector
    assert open_handles() == before
    files.close()


def test_open_files_stay_in_their_process(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="cannot be sent to another process"):
        pickle.dumps(LocalFiles(tmp_path))
