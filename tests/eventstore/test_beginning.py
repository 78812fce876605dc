"""The first recordings of a store are taken over by links, and nothing of the others with them."""

import errno
import os
from pathlib import Path

import pytest

from eventstore.append import StoreWriter
from eventstore.beginning import begin_with, shortened_head
from eventstore.errors import MissingContent
from eventstore.sample_stores import append_samples, write_samples
from eventstore.store import EventStore
from eventstore.verify import check_store

pytestmark = pytest.mark.usefixtures("instant_sync")

N = 24


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("source") / "all.zarr"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda _: None)
        write_samples(path, range(N))
    return path


def content(path: Path) -> dict[str, bytes]:
    return {str(p.relative_to(path)): p.read_bytes() for p in path.rglob("*") if p.is_file()}


def begin(source: Path, n: int, path: Path) -> None:
    with EventStore.open(source) as store:
        begin_with(store, n, source, path)


@pytest.mark.parametrize("n", [1, 5, 16, N])
def test_a_beginning_is_byte_for_byte_the_store_it_once_was(
    source: Path, tmp_path: Path, n: int
) -> None:
    begin(source, n, tmp_path / "begun.zarr")
    write_samples(tmp_path / "once.zarr", range(n))
    assert content(tmp_path / "begun.zarr") == content(tmp_path / "once.zarr")


@pytest.mark.parametrize("n", [11])
def test_a_beginning_is_appended_to_as_any_store(source: Path, tmp_path: Path, n: int) -> None:
    path = tmp_path / "begun.zarr"
    begin(source, n, path)
    before = content(source)
    with StoreWriter.open(path) as writer:
        append_samples(writer, range(n, N))
    assert content(path) == content(source) == before
    assert check_store(EventStore.open(path)) == []


def test_sealed_shards_and_full_table_chunks_are_links(source: Path, tmp_path: Path) -> None:
    path = tmp_path / "begun.zarr"
    begin(source, 17, path)
    linked = {
        p.relative_to(path).as_posix()
        for p in path.rglob("*")
        if p.is_file() and p.samefile(source / p.relative_to(path))
    }
    with EventStore.open(path) as store:
        head = store.head
    sealed = head.n_events // head.layout.shard_events
    assert {f"events/x/c/{k}" for k in range(sealed)} <= linked
    assert f"events/x/c/{sealed}" not in linked
    assert "recordings/id/c/3" in linked
    assert "recordings/id/c/4" not in linked
    assert "zarr.json" not in linked


@pytest.mark.parametrize("code", [errno.EPERM, errno.EXDEV])
def test_without_hard_links_files_are_copied(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    def refuse(*_: Path) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "link", refuse)
    begin(source, 11, tmp_path / "begun.zarr")
    write_samples(tmp_path / "once.zarr", range(11))
    assert content(tmp_path / "begun.zarr") == content(tmp_path / "once.zarr")


def test_other_refusals_are_told(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Path) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(os, "link", refuse)
    with pytest.raises(OSError, match="Input/output"):
        begin(source, 11, tmp_path / "begun.zarr")


def test_annexed_shards_keep_their_link_and_need_not_be_here(tmp_path: Path) -> None:
    path = tmp_path / "all.zarr"
    write_samples(path, range(N))
    shard = path / "events" / "x" / "c" / "0"
    shard.rename(tmp_path / "KEY")
    shard.symlink_to(Path("../../../../KEY"))
    begin(path, 11, tmp_path / "begun.zarr")
    begun = tmp_path / "begun.zarr" / "events" / "x" / "c" / "0"
    assert begun.readlink() == shard.readlink()
    assert check_store(EventStore.open(tmp_path / "begun.zarr")) == []
    (tmp_path / "KEY").unlink()
    begin(path, 11, tmp_path / "again.zarr")


def test_a_lost_shard_is_named(tmp_path: Path) -> None:
    path = tmp_path / "all.zarr"
    write_samples(path, range(N))
    (path / "events" / "x" / "c" / "0").unlink()
    with pytest.raises(MissingContent, match="events/x/c/0 is not there") as caught:
        begin(path, 11, tmp_path / "begun.zarr")
    assert "salvage" in caught.value.hint


def test_a_shortened_head_knows_only_kinds_that_have_rows(source: Path) -> None:
    with EventStore.open(source) as store:
        assert shortened_head(store, 1).side == {}
        assert set(shortened_head(store, 2).side) == {"frames", "imu", "pixels", "triggers"}
        assert shortened_head(store, N) == store.head
