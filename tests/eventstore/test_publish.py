"""A writer killed or failing at any moment leaves the published state, and work can go on."""

import errno
import os
import shutil
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
import pytest

import eventstore.axis_writer
from eventstore.append import StoreWriter
from eventstore.durable import DurableFolder
from eventstore.errors import NotFound
from eventstore.events import Events, Sensor
from eventstore.findings import has_errors
from eventstore.schema import Layout
from eventstore.shards import shard_parts
from eventstore.side import SideTable
from eventstore.store import EventStore
from eventstore.verify import check_store

SENSOR = Sensor(34, 20)

MakeEvents = Callable[..., Events]

N_RECORDINGS = 12

WRITE = f"""
import os
import tempfile
import numpy as np
from eventstore.append import StoreWriter
from eventstore.errors import NotFound
from eventstore.events import Events, Sensor
from eventstore.schema import Layout
from eventstore.side import SideTable

os.fsync = lambda _: None  # a kill leaves the page cache alone

def go_on(path):
    try:
        writer = StoreWriter.open(path)
    except NotFound:
        layout = Layout(chunk_events=16, shard_events=256, table_rows=64)
        writer = StoreWriter.create(path, Sensor(34, 20), layout=layout)
    with writer:
        for i in range({N_RECORDINGS}):
            if f"r{{i}}" not in writer.recording_ids:
                t = np.arange(20 + 9 * i)
                events = Events.of(t=t, x=t % 34, y=t % 20, p=t % 2)
                imu = SideTable.of("imu", {{"t": t, "gyro_x": t / 7}})
                size = {{"width": [i], "height": [90], "pixels": np.arange(90 * i) % 251}}
                frame = {{"t": [i], **size}}
                side = {{"imu": [imu], "frames": [SideTable.of("frames", frame)]}}
                writer.append(
                    f"r{{i}}", [events[:30], events[30:]], provenance={{"n": i}},
                    side=side if i % 3 == 1 else None,
                )
                if i % 4 == 3:
                    writer.publish()

with tempfile.TemporaryDirectory() as folder:
    go_on(os.path.join(folder, "first.zarr"))  # loads kernels, once for all that is forked
"""


class Server(Protocol):
    """What the fixture fork_server starts."""

    def write(self, path: Path, kill_after_s: float | None = None) -> int: ...


@pytest.fixture(scope="module")
def server(fork_server: Callable[[str], Server]) -> Server:
    return fork_server(WRITE)


def seconds_to_write(server: Server, path: Path) -> float:
    started = time.monotonic()
    assert server.write(path) == 0
    return time.monotonic() - started


def kill_trials(server: Server, folder: Path, n: int) -> int:
    """Kill a writer at n random moments, each time checking and going on; return how many died."""
    whole = folder / "whole.zarr"
    assert server.write(whole) == 0  # the server imports meanwhile
    # The least of three: a moment of load would put the kills behind the end.
    takes_s = min(seconds_to_write(server, folder / f"timed-{k}.zarr") for k in range(3))
    digest = EventStore.open(whole).digest
    rng = np.random.default_rng(n)
    killed = 0
    for trial in range(n):
        path = folder / f"{trial}.zarr"
        killed += server.write(path, float(rng.uniform(0, 0.8 * takes_s))) == -signal.SIGKILL
        try:
            store = EventStore.open(path)
        except NotFound:
            store = None  # killed before the first publication
        if store is not None:
            assert not has_errors(check_store(store))
            assert store.recordings.ids == [f"r{i}" for i in range(store.n_recordings)]
        assert server.write(path) == 0
        assert EventStore.open(path).digest == digest
        assert check_store(EventStore.open(path)) == []
        assert not list(path.rglob("*.partial"))
        shutil.rmtree(path)
    return killed


def test_a_killed_writer_harms_nothing(server: Server, tmp_path: Path) -> None:
    assert kill_trials(server, tmp_path, 10) >= 3


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_killed_writer_harms_nothing_50_times(server: Server, tmp_path: Path) -> None:
    assert kill_trials(server, tmp_path, 50) >= 20


class Stop(BaseException):
    """Ends the writer at a chosen step."""


def stop_at(step: int, patch: pytest.MonkeyPatch) -> Callable[[], int]:
    """Let the writer's n-th file operation stop it as a kill would: nothing is tidied up."""
    count = 0
    replace = Path.replace

    def operate(*_: object) -> None:
        nonlocal count
        count += 1
        if count == step:
            raise Stop

    def stopping_replace(self: Path, target: Path) -> Path:
        operate()
        return replace(self, target)

    patch.setattr(os, "fsync", operate)
    patch.setattr(Path, "replace", stopping_replace)
    patch.setattr(DurableFolder, "discard", lambda _: None)
    return lambda: count


def test_stopped_at_each_step_of_publication_the_old_state_stands(
    tmp_path: Path, make_events: MakeEvents, small: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "fsync", lambda _: None)
    start = tmp_path / "start.zarr"
    with StoreWriter.create(start, SENSOR, layout=small) as writer:
        writer.append("a", [make_events(90)])
    old = EventStore.open(start).digest
    digests: list[str] = []
    for step in range(1, 900, 7):
        path = tmp_path / f"{step}.zarr"
        shutil.copytree(start, path)
        with monkeypatch.context() as patch:
            steps = stop_at(step, patch)
            try:
                with StoreWriter.open(path) as writer:
                    side = {"imu": [SideTable.of("imu", {"t": range(90)})]}
                    writer.append("b", [make_events(150, 1)], side=side)
            except Stop:
                pass
            ended = steps() < step
        digests.append(EventStore.open(path).digest)
        assert not has_errors(check_store(EventStore.open(path)))
        if ended:
            break
    new = digests[-1]
    assert new != old
    assert len(digests) > 12
    first_new = digests.index(new)
    assert set(digests[:first_new]) == {old}
    assert set(digests[first_new:]) == {new}


@pytest.mark.usefixtures("instant_sync")
def test_work_goes_on_after_a_stop(
    tmp_path: Path, make_events: MakeEvents, small: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "events.zarr"
    with StoreWriter.create(path, SENSOR, layout=small) as writer:
        writer.append("a", [make_events(90)])
    side = {"triggers": [SideTable.of("triggers", {"t": range(90)})]}
    for step in (1, 20, 60, 90):
        with monkeypatch.context() as patch:
            stop_at(step, patch)
            with pytest.raises(Stop), StoreWriter.open(path) as writer:
                writer.append("b", [make_events(150, step)], side=side)
    with StoreWriter.open(path) as writer:
        writer.append("b", [make_events(70, 2)])
    store = EventStore.open(path)
    assert store.read("b").equals(make_events(70, 2))
    assert check_store(store) == []
    assert not list(path.rglob("*.partial"))
    assert {p.name for p in (path / "events" / "t" / "c").iterdir()} == {"0", "1", "2"}


@pytest.mark.usefixtures("instant_sync")
def test_a_full_disk_leaves_the_previous_state_and_the_writer_can_retry(
    tmp_path: Path, make_events: MakeEvents, small: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    def half_a_shard(chunks: Sequence[bytes], slots: int) -> Iterator[bytes]:
        yield shard_parts(chunks, slots)[0]
        raise OSError(errno.ENOSPC, "No space left on device")

    path = tmp_path / "events.zarr"
    with StoreWriter.create(path, SENSOR, layout=small) as writer:
        writer.append("a", [make_events(40)])
        writer.publish()
        writer.append("b", [make_events(10, 1)])
        with monkeypatch.context() as patch:
            patch.setattr(eventstore.axis_writer, "shard_parts", half_a_shard)
            with pytest.raises(OSError, match="No space left"):
                writer.publish()
            with pytest.raises(OSError, match="No space left"):
                writer.append("c", [make_events(100, 2)])
        assert not list(path.rglob("*.partial"))
        assert EventStore.open(path).recordings.ids == ["a"]
        assert check_store(EventStore.open(path)) == []
        writer.append("c", [make_events(100, 2)])
    store = EventStore.open(path)
    assert store.recordings.ids == ["a", "b", "c"]
    assert store.read("c").equals(make_events(100, 2))
    assert check_store(store) == []
