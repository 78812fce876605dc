"""Ingesting files: whole recordings, resumed after a kill, refused with the file's name."""

import os
import shutil
import signal
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import numpy as np
import pytest

import eventstore.incoming
import eventstore.ingest
from eventstore.append import StoreWriter
from eventstore.errors import AlreadyExists, Conflict, FormatError, InvalidInput, NotFound
from eventstore.events import Events, Sensor
from eventstore.findings import has_errors
from eventstore.ingest import ingest, ingest_items
from eventstore.readers import iter_sources
from eventstore.readers.protocol import ByteSource, Recording
from eventstore.store import EventStore
from eventstore.verify import check_store

SENSOR = Sensor(34, 34)


def atis(t: list[int], x: int = 1) -> bytes:
    """Encode OFF events at these times as 40-bit ATIS records."""
    return b"".join(bytes([x, k % 34]) + us.to_bytes(3, "big") for k, us in enumerate(t))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder of four recordings in two classes."""
    for i in range(4):
        path = tmp_path / "data" / str(i % 2) / f"{i:02}.bin"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(atis(list(range(5, 50 + i, 3))))
    return tmp_path / "data"


@pytest.fixture
def into(tmp_path: Path) -> Path:
    return tmp_path / "events.zarr"


@pytest.mark.usefixtures("instant_sync")
class TestIngest:
    def test_a_failure_before_the_first_recording_leaves_no_store(
        self, folder: Path, into: Path
    ) -> None:
        channels = Sensor(34, 1, "audio")
        with pytest.raises(FormatError, match="outside the sensor"):
            ingest([folder], into, sensor=channels)
        assert not into.exists()
        assert ingest([folder], into, sensor=SENSOR).n_added == 4
        with pytest.raises(InvalidInput, match="is audio, the store is vision"):
            ingest([folder / "0"], into, sensor=channels, resume=True)
        assert len(EventStore.open(into).recordings) == 4

    def test_all_recordings_enter_in_order(self, folder: Path, into: Path) -> None:
        told: list[tuple[int, int, int]] = []
        report = ingest([folder], into, progress=lambda *done: told.append(done))
        store = EventStore.open(into)
        assert (report.n_added, report.n_skipped, report.n_events) == (4, 0, store.n_events)
        assert report.digest == store.digest
        assert told == [(1, 4, 15), (2, 4, 31), (3, 4, 47), (4, 4, 63)]
        assert store.recordings.ids == ["0/00", "0/02", "1/01", "1/03"]
        assert store.sensor == SENSOR
        assert store.read("1/01").t.tolist() == list(range(5, 51, 3))  # zero-based: as in the file
        assert check_store(store) == []

    def test_a_zip_and_its_folder_give_the_same_store(
        self, folder: Path, into: Path, tmp_path: Path
    ) -> None:
        with zipfile.ZipFile(tmp_path / "data.zip", "w") as archive:
            for file in sorted(folder.rglob("*.bin"), reverse=True):
                archive.write(file, file.relative_to(folder))
        zipped = ingest([tmp_path / "data.zip"], tmp_path / "zipped.zarr")
        assert ingest([folder], into).digest == zipped.digest

    def test_again_is_refused_unless_resumed(self, folder: Path, into: Path) -> None:
        first = ingest([folder], into)
        with pytest.raises(AlreadyExists, match="4 of 4 recordings are in") as caught:
            ingest([folder], into)
        assert "--resume" in caught.value.hint
        (folder / "0" / "09.bin").write_bytes(atis([1]))
        again = ingest([folder], into, resume=True)
        assert (again.n_added, again.n_skipped) == (1, 4)
        assert again.digest != first.digest

    def test_another_file_under_a_known_id_is_a_conflict(self, folder: Path, into: Path) -> None:
        ingest([folder], into)
        (folder / "0" / "02.bin").write_bytes(atis([1]))
        with pytest.raises(Conflict, match=r"02\.bin: recording '0/02' is in the store from other"):
            ingest([folder], into, resume=True)

    def test_a_bad_file_is_named_and_those_before_it_stay(self, folder: Path, into: Path) -> None:
        (folder / "1" / "01.txt").write_bytes(b"5 1 1 1\n6 1 one 1\n")
        (folder / "1" / "01.bin").unlink()
        with pytest.raises(FormatError, match=r"1/01\.txt at byte 12"):
            ingest([folder], into, sensor=SENSOR)
        store = EventStore.open(into)
        assert store.recordings.ids == ["0/00", "0/02"]
        assert check_store(store) == []
        (folder / "1" / "01.txt").write_bytes(b"5 1 1 1\n6 1 1 1\n")
        assert ingest([folder], into, resume=True).n_added == 2

    def test_a_cut_file_enters_up_to_the_cut_with_a_finding(self, folder: Path, into: Path) -> None:
        good = (folder / "0" / "00.bin").read_bytes()
        (folder / "0" / "00.bin").write_bytes(good[:-2])
        report = ingest([folder], into, sensor=SENSOR)
        assert [finding.check for finding in report.findings] == ["cut-file"]
        store = EventStore.open(into)
        assert store.recordings.row_size[0] == len(good) // 5 - 1
        said = store.recordings.provenance(0)["findings"]
        assert said == [{"check": "cut-file", "message": report.findings[0].message}]

    def test_time_running_back_names_the_file_and_the_repair(
        self, folder: Path, into: Path
    ) -> None:
        steps = [*range(100), 50, *range(100, 200)]
        (folder / "0" / "00.bin").write_bytes(atis(steps))
        message = r"0/00\.bin: recording '0/00' row 100: time runs backwards from 99 to 50 µs"
        with pytest.raises(InvalidInput, match=message) as e:
            ingest([folder], into)
        assert "'sort'" in e.value.hint
        assert not into.exists()
        report = ingest([folder], into, repairs=["sort"])
        assert (report.n_added, report.repaired) == (4, {"sort": 1})
        store = EventStore.open(into)
        assert store.read("0/00").t.tolist() == sorted(steps)
        repairs = [{"name": "sort", "changed": 1, "dropped": 0, "first": 100}]
        assert store.recordings.provenance(0)["repairs"] == repairs
        assert check_store(store) == []

    def test_events_off_the_sensor_are_refused_unless_dropped(
        self, folder: Path, into: Path
    ) -> None:
        with pytest.raises(FormatError, match=r"0/00\.bin: event 7 .* outside the sensor") as e:
            ingest([folder], into, sensor=Sensor(34, 7))
        assert "'drop-outside'" in e.value.hint
        report = ingest([folder], into, sensor=Sensor(34, 7), repairs=["drop-outside"], resume=True)
        assert report.n_events == 28
        assert report.repaired == {"drop-outside": 63 - 28}

    def test_an_unknown_repair_is_refused_first(self, folder: Path, into: Path) -> None:
        with pytest.raises(NotFound, match="no repair 'sorted'"):
            ingest([folder], into, repairs=["sorted"])
        assert not into.exists()

    def test_provenance_says_where_it_came_from(self, folder: Path, into: Path) -> None:
        (folder / "0" / "00.bin").unlink()
        (folder / "0" / "00.txt").write_bytes(b"0.5 1 1 1\n0.6 1 1 1\n")
        ingest([folder / "0" / "00.txt"], into, reader="text:unit=s", sensor=SENSOR)
        assert EventStore.open(into).recordings.provenance(0) == {
            "source": "00.txt",
            "reader": "text:unit=s",
            "header": {"unit": "s"},
        }

    def test_two_files_of_one_id_are_refused(self, folder: Path, into: Path) -> None:
        with pytest.raises(AlreadyExists, match="would both be recording"):
            ingest([folder, folder], into)
        assert not into.exists()

    def test_the_sensor_of_a_store_grows(self, folder: Path, into: Path) -> None:
        ingest([folder / "0"], into, sensor=SENSOR)
        ingest([folder / "1"], into, sensor=Sensor(64, 20))
        store = EventStore.open(into)
        assert store.sensor == Sensor(64, 34)
        assert [store.recordings.sensor(row) for row in (0, 3)] == [SENSOR, Sensor(64, 20)]

    def test_cameras_and_cochleas_do_not_mix(self, folder: Path, into: Path) -> None:
        with StoreWriter.create(into, Sensor.audio(64)):
            pass
        with pytest.raises(InvalidInput, match=r"0/00\.bin: .* is vision, the store is audio"):
            ingest([folder], into)

    def test_nothing_to_ingest_says_so(self, into: Path, tmp_path: Path) -> None:
        with pytest.raises(NotFound, match="no file"):
            ingest([tmp_path / "nowhere.bin"], into)
        with pytest.raises(InvalidInput, match="no recordings to ingest"):
            ingest_items([], into)

    def test_a_second_ingest_at_once_is_a_conflict(self, folder: Path, into: Path) -> None:
        with StoreWriter.create(into, SENSOR), pytest.raises(Conflict, match="another writer"):
            ingest([folder], into)

    def test_absolute_times_count_from_the_first_event(
        self, folder: Path, into: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def read(source: ByteSource, **_: object) -> Recording:
            packets = [Events.empty(), Events.of(t=[900, 950], x=[1, 2]), Events.of(t=[999], x=[3])]
            return Recording(
                source=source.name,
                sensor=SENSOR,
                reader="fake",
                zero_based=False,
                packets=iter(packets if source.name.endswith("00.bin") else []),
            )

        monkeypatch.setattr(eventstore.incoming, "read_source", read)
        ingest([folder / "0"], into)
        store = EventStore.open(into)
        assert store.read("00").t.tolist() == [0, 50, 99]
        assert store.recordings.t_origin_us.tolist() == [900, 0]
        assert store.recordings.row_size.tolist() == [3, 0]

    def test_long_ingests_publish_on_the_way(
        self, folder: Path, into: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(eventstore.ingest, "PUBLISH_EVERY_SECONDS", 0.0)
        seen: list[int] = []
        ingest([folder], into, progress=lambda *_: seen.append(EventStore.open(into).n_recordings))
        assert seen == [1, 2, 3, 4]


class Server(Protocol):
    """What the fixture fork_server starts."""

    def write(self, path: Path, kill_after_s: float | None = None) -> int: ...


INGEST = """
from pathlib import Path
import eventstore.ingest
from eventstore.events import Sensor
eventstore.ingest.PUBLISH_EVERY_SECONDS = {every}

def go_on(path):
    eventstore.ingest.ingest({sources}, Path(path), resume=True, sensor=Sensor(34, 34))
"""


def test_real_recordings_enter_within_seconds(shared_data: Path, into: Path) -> None:
    started = time.process_time()
    report = ingest([shared_data / "nmnist-small" / "Test.zip"], into)
    assert report.n_added == 100
    assert time.process_time() - started < 10
    store = EventStore.open(into)
    assert store.sensor == SENSOR
    assert check_store(store) == []


@pytest.mark.parametrize(
    ("name", "late"), [("130hz-noise-addr2", 45_140), ("pt1-addr4", 180_934), ("523hz-addr2", 0)]
)
def test_real_cochleas_enter_with_a_repair(
    shared_data: Path, into: Path, name: str, late: int
) -> None:
    source = shared_data / "recordings" / f"cochlea-nas-{name}.aedat"
    if late:
        with pytest.raises(InvalidInput, match="time runs backwards") as e:
            ingest([source], into, reader="aer")
        assert "'sort'" in e.value.hint
    report = ingest([source], into, reader="aer", repairs=["sort"])
    assert report.repaired == {"sort": late}
    store = EventStore.open(into)
    repairs = store.recordings.provenance(0)["repairs"]
    assert isinstance(repairs, list)
    assert (repairs[0]["name"], repairs[0]["changed"]) == ("sort", late)
    assert store.sensor == Sensor.audio(128)
    assert check_store(store) == []


def test_a_real_recording_brings_its_frames_and_imu(shared_data: Path, into: Path) -> None:
    ingest([shared_data / "recordings" / "davis346.aedat4"], into)
    store = EventStore.open(into)
    sizes = {kind: store.side("davis346").size(kind) for kind in store.side("davis346")}
    assert sizes == {"frames": 59, "imu": 2363, "triggers": 236}
    assert check_store(store) == []


@pytest.mark.usefixtures("instant_sync")
def test_samples_of_one_file_become_recordings(tmp_path: Path, into: Path) -> None:
    h5py = pytest.importorskip("h5py")
    with h5py.File(tmp_path / "shd_test.h5", "w") as file:
        floats, ints = h5py.vlen_dtype(np.float16), h5py.vlen_dtype(np.uint16)
        times = file.create_dataset("spikes/times", (3,), floats)
        units = file.create_dataset("spikes/units", (3,), ints)
        for k in range(3):
            times[k] = np.linspace(0, 1, 5 + k)
            units[k] = np.arange(5 + k)
        file["labels"] = np.array([2, 0, 1], np.uint8)
        file["extra/keys"] = np.array([b"zero", b"one", b"two"])
    items = list(iter_sources(tmp_path / "shd_test.h5"))
    report = ingest([tmp_path / "shd_test.h5"], into)
    store = EventStore.open(into)
    assert report.n_added == len(items) == 3
    assert store.recordings.ids == [item.recording_id for item in items]
    assert all(name.startswith("shd_test/") for name in store.recordings.ids)
    assert [item.label is None for item in items] == [False] * 3
    assert store.recordings.row_size.tolist() == [5, 6, 7]
    assert len(set(store.recordings.source_sha256)) == 1
    source = store.recordings.provenance(1)["source"]
    assert source == f"shd_test.h5:{items[1].part}"


def _seconds(server: Server, path: Path) -> float:
    started = time.monotonic()
    assert server.write(path) == 0
    return time.monotonic() - started


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_the_real_ingest_killed_50_times_always_resumes(
    shared_data: Path, tmp_path: Path, fork_server: Callable[[str], Server]
) -> None:
    archives = [shared_data / "nmnist-small" / name for name in ("Train.zip", "Test.zip")]
    sources = "[" + ", ".join(f"Path({str(path)!r})" for path in archives) + "]"
    server = fork_server(INGEST.format(every=0.1, sources=sources))
    whole = tmp_path / "whole.zarr"
    assert server.write(whole) == 0
    takes_s = min(_seconds(server, tmp_path / f"warm-{k}.zarr") for k in range(3))
    digest = EventStore.open(whole).digest
    rng = np.random.default_rng(0)
    killed = part_way = 0
    for trial in range(50):
        path = tmp_path / f"{trial}.zarr"
        killed += server.write(path, float(rng.uniform(0, 0.8 * takes_s))) == -signal.SIGKILL
        if (path / "zarr.json").exists():
            store = EventStore.open(path)
            part_way += 0 < store.n_recordings < 1100
            assert not has_errors(check_store(store))
        assert server.write(path) == 0
        assert EventStore.open(path).digest == digest
        shutil.rmtree(path)
    print(f"killed {killed} of 50, {part_way} with some recordings published")  # noqa: T201
    assert killed >= 20
