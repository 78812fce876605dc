"""S3 on loopback: few bytes, broken connections tried again, errors that say what to do."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from eventstore.append import StoreWriter
from eventstore.errors import MissingContent, NotFound, Unreachable
from eventstore.events import Events, Sensor
from eventstore.files_remote import RemoteFiles
from eventstore.remote_system import RemoteSystem
from eventstore.retry import Retry
from eventstore.store import EventStore

QUICK = Retry(attempts=4, first_s=0.001)
N = 1_000_000


@pytest.fixture(scope="module")
def large_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a store of 2 s at 500,000 events a second, of an edge that moves, with noise."""
    rng = np.random.default_rng(0)
    t = np.sort(rng.integers(0, 2_000_000, N))
    edge = t // 1000 % 346
    is_noise = rng.random(N) < 0.3
    events = Events.of(
        t=t,
        x=np.where(is_noise, rng.integers(0, 346, N), (edge + rng.integers(0, 3, N)) % 346),
        y=rng.integers(0, 260, N),
        p=rng.integers(0, 2, N),
    )
    path = tmp_path_factory.mktemp("large") / "events.zarr"
    with StoreWriter.create(path, Sensor(346, 260)) as writer:
        writer.append("edge", [events])
    return path


@pytest.fixture
def system(object_store: Any, tmp_path: Path) -> RemoteSystem:
    (tmp_path / "a").write_bytes(b"0123456789")
    url = object_store.put(tmp_path, "system")
    return RemoteSystem(url, object_store.options, QUICK)


def test_a_slice_of_ten_milliseconds_takes_64_kib(object_store: Any, large_store: Path) -> None:
    url = object_store.put(large_store, "large")
    near = EventStore.open(large_store)
    far = EventStore.open(url, storage_options=object_store.options, cache=None)
    for start in (1_000_000, 500_000, 1_995_000):  # the first of them reads the tables, too
        object_store.take_bytes()
        found = far.read_time("edge", start, start + 10_000)
        assert object_store.take_bytes() <= 1 << 16  # with all headers
        assert found.equals(near.read_time("edge", start, start + 10_000))


def test_the_cache_spares_the_second_read(
    object_store: Any, large_store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    url = object_store.put(large_store, "cached")
    taken = []
    for _ in range(2):
        store = EventStore.open(url, storage_options=object_store.options)
        object_store.take_bytes()
        store.read_time("edge", 100_000, 110_000)
        taken.append(object_store.take_bytes())
    assert taken[1] < taken[0] / 4  # sizes and tags are asked for anew


def test_a_dropped_connection_is_tried_again(system: RemoteSystem, object_store: Any) -> None:
    broken = object_store.n_broken
    object_store.break_next(0, 100, 5)
    assert system.fetch([("a", 2, 5)]) == [b"234"]
    object_store.break_next(0, 100)
    assert system.ask(["a"])[0].size == 10
    assert object_store.n_broken == broken + 5


def test_a_store_whose_connection_drops_is_read_right(
    object_store: Any, sample_store: Path
) -> None:
    url = object_store.put(sample_store, "dropping")
    near = EventStore.open(sample_store)
    files = RemoteFiles(url, storage_options=object_store.options, retry=QUICK)
    far = EventStore.open(files)
    for i in range(0, near.n_recordings, 3):
        object_store.break_next(*range(0, 900, 300))
        assert far.read(i).equals(near.read(i))


def test_absent_content_raises_never_zeros(object_store: Any, sample_store: Path) -> None:
    url = object_store.put(sample_store, "absent")
    object_store.delete("absent/events/y/c/1")
    store = EventStore.open(url, storage_options=object_store.options, cache=None)
    assert len(store.read_rows(0, 64)) == 64
    with pytest.raises(MissingContent, match=r"s3://bucket/absent/events/y/c/1 is not there"):
        store.read_rows(60, 70)
    column: Any = store.as_zarr()["events/y"]
    with pytest.raises(MissingContent, match="events/y/c/1 is not there"):
        column[64:66]
    with pytest.raises(NotFound, match="no event store at s3://bucket/nothing"):
        EventStore.open("s3://bucket/nothing", storage_options=object_store.options)


def test_wrong_credentials_are_named(
    object_store: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    system = RemoteSystem("s3://bucket/a", {"endpoint_url": object_store.url}, QUICK)
    with pytest.raises(Unreachable, match=r"s3://bucket/a/b was refused .*credentials") as caught:
        system.ask(["b"])
    assert "AWS_ACCESS_KEY_ID" in caught.value.hint


def test_a_server_that_is_not_there_is_named(object_store: Any) -> None:
    options = object_store.options | {"endpoint_url": "http://127.0.0.1:9"}
    system = RemoteSystem("s3://bucket/a", options, Retry(attempts=2, first_s=0))
    with pytest.raises(Unreachable, match=r"bytes 2 … 8, failed 2 times"):
        system.fetch([("b", 2, 9)])
