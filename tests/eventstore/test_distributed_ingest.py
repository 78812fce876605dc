"""Ingest by workers: the bytes of one process, whatever is lost or killed on the way."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pytest

import eventstore.ingest_plan
from eventstore.append import StoreWriter
from eventstore.errors import Conflict, FormatError, InvalidInput
from eventstore.events import Sensor
from eventstore.findings import has_errors
from eventstore.ingest import IngestReport, ingest
from eventstore.ingest_tasks import encode
from eventstore.readers.conformance import sample_events
from eventstore.schema import Layout
from eventstore.side import SideTable
from eventstore.store import EventStore
from eventstore.verify import check_store
from eventstore.workers import local_workers
from eventstore.writers import WRITERS
from eventstore.writers.atis import write_atis

SENSOR = Sensor(34, 34)
LAYOUT = Layout(chunk_events=64, shard_events=1024, table_rows=16)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return recordings of many lengths: empty, long, with triggers, with late events."""
    place = tmp_path / "data"
    place.mkdir()
    for k, n in enumerate([30, 0, 700, 5, 64, 3000, 1, 128, 63]):
        write_atis(place / f"{k}.bin", sample_events(SENSOR, n, seed=k))
    late = sample_events(SENSOR, 50, seed=99)
    late.t[20] = late.t[10]
    write_atis(place / "9.bin", late)
    WRITERS["evt3"].write(
        place / "5-with-triggers.raw",
        [sample_events(SENSOR, 90, seed=77).shifted(5_000_000)],
        sensor=SENSOR,
        side={
            "triggers": lambda: iter([SideTable.of("triggers", {"t": [5_000_007], "edge": [1]})])
        },
    )
    return place


@pytest.fixture
def stores(tmp_path: Path) -> Iterator[Callable[[str], Path]]:
    """Return a function that makes an empty store cut so finely that all its ends are met."""

    def make(name: str) -> Path:
        path = tmp_path / f"{name}.zarr"
        StoreWriter.create(path, SENSOR, layout=LAYOUT).close()
        return path

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(eventstore.ingest_plan, "TASK_EVENTS", 200)
        patch.setattr(eventstore.ingest_plan, "SURVEY_ITEMS", 3)
        yield make


@pytest.fixture
def threads() -> Iterator[Executor]:
    with ThreadPoolExecutor(2) as executor:
        yield executor


def take(folder: Path, into: Path, **options: Any) -> IngestReport:
    given = {"sensor": SENSOR, "repairs": ["hold-time"], **options}
    return ingest([folder], into, **given)


def content(path: Path) -> dict[str, bytes]:
    return {str(p.relative_to(path)): p.read_bytes() for p in path.rglob("*") if p.is_file()}


@pytest.mark.usefixtures("instant_sync")
class TestByThreads:
    def test_the_store_is_the_same_to_the_byte(
        self, folder: Path, stores: Callable[[str], Path], threads: Executor
    ) -> None:
        one, two = stores("one"), stores("two")
        told: list[tuple[int, int, int]] = []
        alone = take(folder, one)
        shared = take(folder, two, executor=threads, progress=lambda *done: told.append(done))
        assert content(two) == content(one)
        for name in ("n_added", "n_skipped", "n_events", "digest", "repaired", "findings"):
            assert getattr(shared, name) == getattr(alone, name)
        assert told[-1] == (11, 11, shared.n_events)
        assert told == sorted(told)
        store = EventStore.open(two)
        assert store.side("5-with-triggers")["triggers"].columns["t"].tolist()
        assert check_store(store) == []

    def test_so_it_is_where_recordings_are_there_already(
        self, folder: Path, stores: Callable[[str], Path], threads: Executor
    ) -> None:
        one, two = stores("one"), stores("two")
        for path, executor in ((one, None), (two, threads)):
            for first in ("2.bin", "5.bin"):
                ingest([folder / first], path, sensor=SENSOR)
            report = take(folder, path, executor=executor, resume=True)
            assert (report.n_added, report.n_skipped) == (9, 2)
        assert content(two) == content(one)

    def test_so_it_is_with_other_bytes_under_a_known_id(
        self, folder: Path, stores: Callable[[str], Path], threads: Executor
    ) -> None:
        path = stores("one")
        ingest([folder / "5.bin"], path, sensor=SENSOR)
        write_atis(folder / "5.bin", sample_events(SENSOR, 12))
        with pytest.raises(Conflict, match=r"5\.bin: recording '5' is in the store from other"):
            take(folder, path, executor=threads, resume=True)
        assert EventStore.open(path).recordings.ids[1:] == ["0", "1", "2", "3", "4"]

    def test_a_failure_is_the_same_and_leaves_the_same(
        self, folder: Path, stores: Callable[[str], Path], threads: Executor
    ) -> None:
        (folder / "5.bin").unlink()
        (folder / "5.txt").write_bytes(b"5 1 1 1\n6 1 one 1\n")
        said = []
        for name, executor in (("one", None), ("two", threads)):
            with pytest.raises(FormatError, match=r"5\.txt at byte 12") as e:
                take(folder, stores(name), executor=executor)
            said.append(e.value.message)
            store = EventStore.open(folder.parent / f"{name}.zarr")
            assert store.recordings.ids == ["0", "1", "2", "3", "4"]
            assert check_store(store) == []
        assert said[0] == said[1]
        one, two = (content(folder.parent / f"{name}.zarr") for name in ("one", "two"))
        assert one == two

    def test_time_running_back_is_refused(
        self, folder: Path, stores: Callable[[str], Path], threads: Executor
    ) -> None:
        with pytest.raises(
            InvalidInput, match=r"9\.bin: recording '9' row 20: time runs back"
        ) as e:
            take(folder, stores("one"), executor=threads, repairs=[])
        assert "'hold-time'" in e.value.hint

    def test_a_file_written_to_meanwhile_is_noticed(
        self, folder: Path, stores: Callable[[str], Path]
    ) -> None:
        class Meddler(ThreadPoolExecutor):
            def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Any:
                if fn is encode and "7" in {span.item.recording_id for span in args[0].spans}:
                    write_atis(folder / "7.bin", sample_events(SENSOR, 200))
                return super().submit(fn, *args, **kwargs)

        path = stores("one")
        with Meddler(1) as executor, pytest.raises(Conflict, match=r"7\.bin was written to while"):
            take(folder, path, executor=executor)
        store = EventStore.open(path)
        assert "5" in store.recordings
        assert "7" not in store.recordings
        assert check_store(store) == []
        assert list(path.glob(".*")) == []
        assert take(folder, path, resume=True).n_added == 11 - store.n_recordings

    def test_relative_paths_reach_workers_elsewhere(
        self,
        folder: Path,
        stores: Callable[[str], Path],
        threads: Executor,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.chdir(folder.parent)
        one, two = stores("one"), stores("two")
        take(Path("data"), Path("one.zarr"))
        take(Path("data"), Path("two.zarr"), executor=threads)
        assert content(two) == content(one)


def test_a_cluster_makes_the_same_store(folder: Path, stores: Callable[[str], Path]) -> None:
    distributed = pytest.importorskip("distributed")
    one, two = stores("one"), stores("two")
    take(folder, one)
    cluster = distributed.LocalCluster(
        n_workers=1, threads_per_worker=2, processes=False, dashboard_address=None
    )
    with cluster, distributed.Client(cluster) as client:
        take(folder, two, executor=client)
    assert content(two) == content(one)


def test_processes_make_the_same_store_though_one_is_killed(
    folder: Path, stores: Callable[[str], Path]
) -> None:
    one, two = stores("one"), stores("two")
    take(folder, one)
    with local_workers(2) as workers:
        killed: list[int] = []

        def kill_one(*_: int) -> None:
            if not killed:
                killed.extend(workers._executor._processes)  # type: ignore[attr-defined]
                os.kill(killed[0], signal.SIGKILL)

        take(folder, two, executor=workers, progress=kill_one)
    assert killed
    assert content(two) == content(one)


class Server(Protocol):
    """What the fixture fork_server starts."""

    def write(self, path: Path, kill_after_s: float | None = None) -> int: ...


GO_ON = """
import os
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
import eventstore.ingest, eventstore.ingest_plan
from eventstore.events import Sensor
eventstore.ingest.PUBLISH_EVERY_SECONDS = 0.0
eventstore.ingest_plan.TASK_EVENTS = 200
setattr(os, "fsync", lambda _: None)

def go_on(path):
    with ThreadPoolExecutor(2) as executor:
        eventstore.ingest.ingest(
            [Path({folder!r})], Path(path), resume=True, sensor=Sensor(34, 34),
            repairs=["hold-time"], executor=executor,
        )

with tempfile.TemporaryDirectory() as first:
    go_on(os.path.join(first, "events.zarr"))  # loads kernels, once for all that is forked
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.parametrize(
    "trials", [3, pytest.param(50, marks=[pytest.mark.slow, pytest.mark.timeout(900)])]
)
def test_a_killed_ingest_goes_on(
    folder: Path, stores: Callable[[str], Path], fork_server: Callable[[str], Server], trials: int
) -> None:
    server = fork_server(GO_ON.format(folder=str(folder)))
    assert server.write(stores("first")) == 0  # the server loads all it needs meanwhile
    whole = stores("whole")
    started = time.monotonic()
    assert server.write(whole) == 0
    takes_s = time.monotonic() - started
    expected = content(whole)
    rng = np.random.default_rng(0)
    killed = 0
    for trial in range(trials):
        path = stores(f"trial-{trial}")
        killed += server.write(path, float(rng.uniform(0, 0.6 * takes_s))) == -signal.SIGKILL
        assert not has_errors(check_store(EventStore.open(path)))
        assert server.write(path) == 0
        assert content(path) == expected
    assert killed


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_cluster_of_processes_loses_one(shared_data: Path, tmp_path: Path) -> None:
    distributed = pytest.importorskip("distributed")
    archives = [shared_data / "nmnist-small" / name for name in ("Train.zip", "Test.zip")]
    alone = ingest(archives, tmp_path / "one.zarr", sensor=SENSOR)
    killed: list[int] = []
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as c:

        def kill_one(*_: int) -> None:
            if not killed:
                killed.append(next(iter(c.workers.values())).pid)
                os.kill(killed[0], signal.SIGKILL)

        with distributed.Client(c) as client:
            shared = ingest(
                archives, tmp_path / "two.zarr", sensor=SENSOR, executor=client, progress=kill_one
            )
    assert killed
    assert shared.digest == alone.digest
    assert content(tmp_path / "two.zarr") == content(tmp_path / "one.zarr")
