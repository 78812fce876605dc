"""Remote files are read by ranges, and what fails is tried again or named."""

import pickle
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import fsspec
import numpy as np
import pytest

from eventstore.errors import InvalidInput, MissingContent, Unreachable
from eventstore.files import Files
from eventstore.files_remote import RemoteFiles
from eventstore.retry import Retry
from eventstore.store import EventStore

QUICK = Retry(attempts=3, first_s=0.001)


@pytest.fixture
def files(web_server: Any) -> RemoteFiles:
    (web_server.folder / "a").mkdir()
    (web_server.folder / "a" / "b c").write_bytes(b"0123456789")
    (web_server.folder / "empty").write_bytes(b"")
    return RemoteFiles(web_server.url, retry=QUICK)


def test_another_process_opens_them_anew(files: RemoteFiles) -> None:
    files.read("a/b c")
    again: RemoteFiles = pickle.loads(pickle.dumps(files))
    files.close()
    assert again.read("a/b c") == b"0123456789"
    assert again.url == files.url


def test_ranges_mean_what_slices_do(files: RemoteFiles) -> None:
    assert isinstance(files, Files)
    assert files.remote
    asked = [(0, None), (-3, None), (2, 4), (4, 99), (-4, -2), (12, 14), (6, 2)]
    found = files.read_ranges([("a/b c", start, stop) for start, stop in asked])
    assert [bytes(data) for data in found] == [b"0123456789"[a:b] for a, b in asked]
    assert files.read("empty") == b""
    assert (files.size("a/b c"), files.size("empty")) == (10, 0)
    assert files.where("a/b c").endswith("/a/b c")
    assert files.has("empty")
    assert not files.has("a/c")


def test_neighbours_are_asked_for_together(files: RemoteFiles, web_server: Any) -> None:
    files.size("a/b c")
    web_server.take_bytes()
    files.read_ranges([("a/b c", 4, 6), ("a/b c", 2, 4), ("a/b c", 3, 5), ("a/b c", 8, 9)])
    assert len(web_server.requests) == 2


def test_what_is_absent_is_named(files: RemoteFiles) -> None:
    with pytest.raises(MissingContent, match=r"http://127\S*/a/c is not there") as caught:
        files.read_ranges([("a/b c", 0, 1), ("a/c", 0, 1)])
    assert caught.value.hint


@pytest.mark.parametrize("after_bytes", [0, 30, 150])
def test_a_dropped_connection_is_tried_again(
    files: RemoteFiles, web_server: Any, after_bytes: int
) -> None:
    payload = np.random.default_rng(0).bytes(100_000)
    (web_server.folder / "large").write_bytes(payload)
    files.size("large")
    web_server.break_next(after_bytes, 50_000)
    assert files.read("large") == payload
    assert web_server.n_broken == 2


@pytest.mark.parametrize("status", [500, 503, 429])
def test_a_server_that_recovers_is_waited_for(
    files: RemoteFiles, web_server: Any, status: int
) -> None:
    files.size("a/b c")
    web_server.handler.statuses += [status, status]
    assert files.read("a/b c") == b"0123456789"


def test_a_server_that_fails_while_asked_for_sizes_is_not_taken_for_absent(
    files: RemoteFiles, web_server: Any
) -> None:
    web_server.handler.statuses += [500, 500]  # to HEAD, and to the GET after it
    assert files.size("a/b c") == 10


def test_trying_ends_with_the_url_and_the_bytes(files: RemoteFiles, web_server: Any) -> None:
    files.size("a/b c")
    web_server.handler.statuses += [503] * 3
    with pytest.raises(Unreachable, match=r"/a/b c, bytes 2 … 3, failed 3 times.*503") as caught:
        files.read_range("a/b c", 2, 4)
    assert "try again" in caught.value.hint
    web_server.break_next(*[0] * 9)  # aiohttp itself tries again, too
    with pytest.raises(Unreachable, match="failed 3 times"):
        files.read_range("a/b c", 2, 4)


def test_refused_access_is_said_at_once(files: RemoteFiles, web_server: Any) -> None:
    files.size("a/b c")
    web_server.handler.statuses += [403]
    with pytest.raises(Unreachable, match=r"was refused .*403") as caught:
        files.read("a/b c")
    assert "credentials" in caught.value.hint
    assert files.read("a/b c") == b"0123456789"


def test_a_server_without_ranges_is_named(files: RemoteFiles, web_server: Any) -> None:
    web_server.handler.knows_ranges = False
    assert files.read("a/b c") == b"0123456789"
    with pytest.raises(Unreachable, match="the server knows no ranges"):
        files.read_range("a/b c", 2, 4)


def test_a_store_that_is_changed_at_its_place_is_refused(web_server: Any) -> None:
    store = EventStore.open(f"{web_server.url}/events.zarr", cache=None)
    first = store.read_rows(0, 10)
    root = web_server.folder / "events.zarr" / "zarr.json"
    root.write_bytes(root.read_bytes() + b" ")
    assert store.read_rows(0, 10).equals(first)
    with pytest.raises(MissingContent, match="was changed since it was opened") as caught:
        store.read_rows(100, 110)
    assert caught.value.hint == "the store was rewritten: open it again"


def test_a_change_is_noticed_where_the_server_tells_no_tag(
    sample_store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory = fsspec.filesystem("memory")
    memory.put(str(sample_store), "/untold/events.zarr", recursive=True)
    tell = type(memory).info

    def untold(system: Any, path: str, **options: Any) -> dict[str, Any]:
        known: dict[str, Any] = tell(system, path, **options)
        return {name: known[name] for name in ("name", "type", "size")}

    monkeypatch.setattr(type(memory), "info", untold)
    with EventStore.open("memory://untold/events.zarr") as store:
        store.read_rows(0, 10)
        root = "/untold/events.zarr/zarr.json"
        digest = store.digest.encode()
        memory.pipe(root, memory.cat(root).replace(digest, digest[::-1]))
        with pytest.raises(MissingContent, match="was changed since it was opened"):
            store.read_rows(100, 110)
    memory.rm("/untold", recursive=True)


def test_a_remote_store_equals_the_local_one(sample_store: Path, web_server: Any) -> None:
    near = EventStore.open(sample_store)
    far = EventStore.open(f"{web_server.url}/events.zarr/", cache=None)
    assert far.digest == near.digest
    for i in range(near.n_recordings):
        assert far.read(i).equals(near.read(i))
        assert far.read_time(i, 20, 90).equals(near.read_time(i, 20, 90))
    assert far.lost_files() == []


def test_absent_content_of_a_remote_store_raises_in_zarr_too(web_server: Any) -> None:
    (web_server.folder / "events.zarr" / "events" / "x" / "c" / "0").unlink()
    store = EventStore.open(f"{web_server.url}/events.zarr", cache=None)
    for read in (lambda: store.read_rows(0, 1), lambda: store.as_zarr()["events/x"][:3]):  # type: ignore[index]
        with pytest.raises(MissingContent, match="events/x/c/0 is not there"):
            read()
    times: Any = store.as_zarr()["events/t"]
    assert np.array_equal(times[:5], store.column("t").chunk(0)[:5])
    assert store.lost_files() == ["events/x/c/0"]


def test_a_query_of_the_url_stays_at_its_end(files: RemoteFiles, web_server: Any) -> None:
    asked = RemoteFiles(f"{web_server.url}/a?token=1", retry=QUICK)
    web_server.take_bytes()
    assert asked.read("b c") == b"0123456789"
    assert asked.where("b c").endswith("/a/b c?token=1")
    assert all(request.endswith(b"?token=1") for request in web_server.requests)


def test_memory_is_a_remote_too(sample_store: Path) -> None:
    memory = fsspec.filesystem("memory")
    memory.put(str(sample_store), "/files-remote/events.zarr", recursive=True)
    try:
        store = EventStore.open("memory://files-remote/events.zarr")
        assert store.read("r5").equals(EventStore.open(sample_store).read("r5"))
    finally:
        memory.rm("/files-remote", recursive=True)


def test_protocols_and_options_that_are_none(counted_files: Callable[..., Any]) -> None:
    with pytest.raises(InvalidInput, match="cannot open gibberish://a"):
        RemoteFiles("gibberish://a")
    with pytest.raises(InvalidInput, match="cannot open s3://a"):
        RemoteFiles("s3://a", storage_options={"max_concurrency": 0})


def test_threads_share_a_remote_store(web_server: Any, sample_store: Path) -> None:
    near = EventStore.open(sample_store)
    far = EventStore.open(f"{web_server.url}/events.zarr", cache=None)

    def read(i: int) -> bool:
        return far.read(i % 12).equals(near.read(i % 12))

    with ThreadPoolExecutor(6) as pool:
        assert all(pool.map(read, range(48)))
