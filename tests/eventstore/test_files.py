"""Content that is not here is named with the command that brings it."""

from pathlib import Path

import pytest

from eventstore.errors import MissingContent
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


def test_read_and_map_give_the_content(files: Files) -> None:
    assert files.read("a/b") == bytes(files.map("a/b")) == b"1234"
    assert files.read("empty") == bytes(files.map("empty")) == b""
    assert files.has("a/b")
    assert "a/b" in files.where("a/b")


def test_an_absent_key_is_missing_content(files: Files) -> None:
    assert not files.has("a/c")
    for read in (files.read, files.map):
        with pytest.raises(MissingContent, match="a/c") as caught:
            read("a/c")
        assert caught.value.hint


def test_a_link_to_absent_content_says_how_to_get_it(tmp_path: Path) -> None:
    (tmp_path / "0").symlink_to(tmp_path / "annex" / "KEY")
    local = LocalFiles(tmp_path)
    assert local.has("0")
    with pytest.raises(MissingContent, match="not on this machine") as caught:
        local.map("0")
    assert caught.value.hint == f"git -C {tmp_path} annex get 0"
    told = MappedFiles({"0": tmp_path / "0"}, fetch_hint="spikelake dataset get nmnist")
    with pytest.raises(MissingContent) as caught:
        told.read("0")
    assert caught.value.hint == "spikelake dataset get nmnist"
