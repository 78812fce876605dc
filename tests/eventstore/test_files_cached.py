"""What was read once is read from the disk, and never when it has changed."""

import os
import pickle
from pathlib import Path
from typing import Any

import pytest

from eventstore.errors import FormatError, InvalidInput, MissingContent
from eventstore.files import Files
from eventstore.files_cached import CachedFiles
from eventstore.files_remote import RemoteFiles
from eventstore.range_cache import CacheConfig, RangeCache
from eventstore.store import EventStore


@pytest.fixture
def cache(tmp_path: Path) -> RangeCache:
    return RangeCache(CacheConfig(folder=tmp_path / "cache"))


def open_cached(web_server: Any, cache: RangeCache) -> CachedFiles:
    return CachedFiles(RemoteFiles(web_server.url), cache)


@pytest.fixture
def letters(web_server: Any) -> Path:
    path: Path = web_server.folder / "letters"
    path.write_bytes(b"abcdefghij")
    return path


def test_another_process_shares_what_is_kept(
    web_server: Any, cache: RangeCache, letters: Path
) -> None:
    files = open_cached(web_server, cache)
    files.read("letters")
    again: CachedFiles = pickle.loads(pickle.dumps(files))
    again.size("letters")
    web_server.take_bytes()
    assert again.read("letters") == b"abcdefghij"
    assert web_server.take_bytes() == 0


def test_ranges_mean_what_slices_do(web_server: Any, cache: RangeCache, letters: Path) -> None:
    asked = [(0, None), (-3, None), (2, 4), (4, 99), (12, 14), (2, 4)]
    for _ in range(2):
        files = open_cached(web_server, cache)
        assert isinstance(files, Files)
        found = files.read_ranges([("letters", start, stop) for start, stop in asked])
        assert [bytes(data) for data in found] == [b"abcdefghij"[a:b] for a, b in asked]
        assert (files.size("letters"), files.has("letters"), files.has("no")) == (10, True, False)
        assert files.where("letters") == f"{web_server.url}/letters"
        files.close()


def test_the_second_read_asks_for_nothing_but_the_tag(
    web_server: Any, cache: RangeCache, letters: Path
) -> None:
    assert open_cached(web_server, cache).read("letters") == b"abcdefghij"
    web_server.take_bytes()
    files = open_cached(web_server, cache)
    assert files.read("letters") == b"abcdefghij"
    assert [request.split()[0] for request in web_server.requests] == [b"HEAD"]
    files.read_ranges([("letters", 0, None), ("letters", 2, 4)])
    assert len(web_server.requests) == 2  # the new range only


def test_a_changed_file_is_never_shown_as_it_was(
    web_server: Any, cache: RangeCache, letters: Path
) -> None:
    assert open_cached(web_server, cache).read("letters") == b"abcdefghij"
    letters.write_bytes(b"ABCDEFGHIJ")
    os.utime(letters, ns=(1, 1))
    assert open_cached(web_server, cache).read("letters") == b"ABCDEFGHIJ"


def test_what_the_server_gives_no_tag_is_not_kept(
    web_server: Any, cache: RangeCache, letters: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    send = web_server.handler._send

    def untagged(self: Any, status: int, data: bytes, headers: Any, **more: Any) -> None:
        headers.pop("ETag", None)
        send(self, status, data, headers, **more)

    monkeypatch.setattr(web_server.handler, "_send", untagged)
    assert open_cached(web_server, cache).read("letters") == b"abcdefghij"
    letters.write_bytes(b"ABCDEFGHIJ")
    assert open_cached(web_server, cache).read("letters") == b"ABCDEFGHIJ"


def test_a_damaged_cache_is_fetched_anew(
    web_server: Any, cache: RangeCache, letters: Path, tmp_path: Path
) -> None:
    open_cached(web_server, cache).read("letters")
    for damaged in tmp_path.glob("cache/*/*"):
        damaged.write_bytes(bytes(len(damaged.read_bytes())))
    for _ in range(2):
        assert open_cached(web_server, cache).read("letters") == b"abcdefghij"


def test_a_cached_store_is_the_store(web_server: Any, sample_store: Path, tmp_path: Path) -> None:
    near = EventStore.open(sample_store)
    config = CacheConfig(folder=tmp_path / "cache")
    for _ in range(2):
        far = EventStore.open(f"{web_server.url}/events.zarr", cache=config)
        assert [far.read(i).equals(near.read(i)) for i in range(near.n_recordings)] == [True] * 12
    web_server.take_bytes()
    far.read_rows(0, far.n_events)
    assert web_server.take_bytes() == 0
    (web_server.folder / "events.zarr" / "events" / "x" / "c" / "0").unlink()
    with pytest.raises(MissingContent, match="events/x/c/0 is not there"):
        EventStore.open(f"{web_server.url}/events.zarr", cache=config).read_rows(0, 1)


def test_what_is_damaged_on_its_way_is_fetched_again(
    web_server: Any, sample_store: Path, tmp_path: Path
) -> None:
    near, url = EventStore.open(sample_store), f"{web_server.url}/events.zarr"
    config = CacheConfig(folder=tmp_path / "cache")
    store = EventStore.open(url, cache=config)
    for damaged in (store.recordings.row, lambda _: store.recordings.offsets):
        web_server.handler.n_damaged = 1
        assert damaged("r5") is not None
    for i in range(near.n_recordings):
        web_server.handler.n_damaged = i % 3
        assert store.read(i).equals(near.read(i))
    web_server.handler.n_damaged = 1
    with pytest.raises(FormatError, match="not JSON"):
        EventStore.open(url, cache=CacheConfig(folder=tmp_path / "other"))
    for folder in ("cache", "other"):
        again = EventStore.open(url, cache=CacheConfig(folder=tmp_path / folder))
        assert again.read("r9").equals(near.read("r9"))


def test_closed_files_are_not_read(web_server: Any, cache: RangeCache, letters: Path) -> None:
    files = open_cached(web_server, cache)
    files.read("letters")
    files.close()
    with pytest.raises(InvalidInput, match="is closed"):
        files.read("letters")
