"""A store takes the place of another whole, whatever happens on the way."""

import errno
import shutil
from pathlib import Path

import pytest

import eventstore.exchange
from eventstore.errors import Conflict
from eventstore.exchange import (
    next_place,
    old_place,
    recover_exchange,
    replacing,
    standing_place,
)

pytestmark = pytest.mark.usefixtures("instant_sync")


def make(folder: Path, text: str) -> Path:
    (folder / "events").mkdir(parents=True)
    (folder / "zarr.json").write_text(text)
    (folder / "events" / "0").write_text(text)
    return folder


def read(folder: Path) -> str:
    texts = {file.read_text() for file in (folder / "zarr.json", folder / "events" / "0")}
    assert len(texts) == 1
    return texts.pop()


@pytest.fixture(params=["exchange", "two renames"])
def path(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store, on a file system that can exchange folders and on one that cannot."""
    if request.param == "two renames":
        monkeypatch.setattr(eventstore.exchange, "_exchange_at_once", lambda *_: False)
    return make(tmp_path / "events.zarr", "old")


def beside(path: Path) -> list[str]:
    return sorted(p.name for p in path.parent.iterdir())


def test_the_new_store_takes_the_place_of_the_old(path: Path) -> None:
    with replacing(path) as new:
        make(new, "new")
        assert read(path) == "old"
    assert read(path) == "new"
    assert beside(path) == ["events.zarr"]


def test_a_store_can_be_made_where_none_was(tmp_path: Path) -> None:
    path = tmp_path / "events.zarr"
    with replacing(path) as new:
        make(new, "new")
        assert not path.exists()
    assert read(path) == "new"
    assert beside(path) == ["events.zarr"]


def test_a_failure_changes_nothing(path: Path) -> None:
    def fail() -> None:
        with replacing(path) as new:
            make(new, "new")
            raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        fail()
    assert read(path) == "old"
    assert beside(path) == ["events.zarr"]


def test_a_refused_rename_changes_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rename = Path.rename

    def refuse(self: Path, target: Path) -> Path:
        if self == next_place(path):
            raise OSError(errno.EIO, "Input/output error")
        return rename(self, target)

    def refuse_at_once(*_: Path) -> bool:
        raise OSError(errno.EIO, "Input/output error")

    if exchanges(path.parent):
        monkeypatch.setattr(eventstore.exchange, "_exchange_at_once", refuse_at_once)
    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(OSError, match="Input/output"), replacing(path) as new:
        make(new, "new")
    assert read(path) == "old"
    assert beside(path) == ["events.zarr"]


def exchanges(folder: Path) -> bool:
    """Say whether two folders are exchanged at once here."""
    for name in "ab":
        (folder / name).mkdir()
    try:
        return eventstore.exchange._exchange_at_once(folder / "a", folder / "b")
    finally:
        for name in "ab":
            (folder / name).rmdir()


def test_what_a_kill_left_is_swept(path: Path) -> None:
    make(next_place(path), "half")
    path.with_name("..events.zarr.next.lock").touch()
    make(old_place(path), "older")
    recover_exchange(path)
    assert read(path) == "old"
    assert beside(path) == ["events.zarr"]


def test_a_kill_between_two_renames_is_undone(tmp_path: Path) -> None:
    path = tmp_path / "events.zarr"
    make(next_place(path), "new")
    make(old_place(path), "old")
    assert read(standing_place(path)) == "old"
    recover_exchange(path)
    assert standing_place(path) == path
    assert read(path) == "old"
    assert beside(path) == ["events.zarr"]


def test_a_rewrite_begins_with_sweeping(path: Path) -> None:
    make(next_place(path), "half")
    with replacing(path) as new:
        assert not new.exists()
        make(new, "new")
    assert read(path) == "new"


def test_a_former_store_that_cannot_be_deleted_is_named(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(folder: Path) -> None:
        raise OSError(errno.EBUSY, "Device or resource busy", str(folder))

    with monkeypatch.context() as patch:
        patch.setattr(shutil, "rmtree", refuse)
        with (
            pytest.raises(Conflict, match="is new, but the former store") as caught,
            replacing(path) as new,
        ):
            make(new, "new")
    assert "rm -r" in caught.value.hint
    assert read(path) == "new"
    recover_exchange(path)
    assert beside(path) == ["events.zarr"]


def test_where_the_system_knows_no_exchange_nothing_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a, b = make(tmp_path / "a", "a"), make(tmp_path / "b", "b")
    monkeypatch.setattr(eventstore.exchange, "_renameat2", lambda: None)
    assert eventstore.exchange._exchange_at_once(a, b) is False
    assert (read(a), read(b)) == ("a", "b")


def test_an_error_of_the_system_is_told(tmp_path: Path) -> None:
    a = make(tmp_path / "a", "a")
    with pytest.raises(OSError, match="No such file"):
        eventstore.exchange._exchange_at_once(a, tmp_path / "b")


def test_links_are_deleted_and_what_they_name_stays(path: Path, tmp_path: Path) -> None:
    kept = tmp_path / "annex"
    kept.mkdir()
    (kept / "KEY").write_text("content")
    (path / "events" / "1").symlink_to(kept / "KEY")
    with replacing(path) as new:
        make(new, "new")
        (new / "events" / "1").symlink_to((path / "events" / "1").readlink())
    assert (path / "events" / "1").read_text() == "content"
    assert kept.is_dir()
