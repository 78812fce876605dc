"""An ingest in progress: what it counts, when it publishes, what an error leaves."""

from pathlib import Path

import pytest

import eventstore.ingest_run
from eventstore.append import StoreWriter
from eventstore.errors import Conflict, FormatError
from eventstore.events import Events, Sensor
from eventstore.findings import Finding, Severity
from eventstore.ingest_run import IngestRun, check_same_source
from eventstore.readers import SourceItem
from eventstore.store import EventStore

ITEM = SourceItem(
    recording_id="a", label=None, fold=None, name="x/a.bin", source="a.bin", path=Path("x/a.bin")
)
EVENTS = Events.of(t=[1, 2], x=[0, 1])
FINDING = Finding(severity=Severity.INFO, where="a", message="odd", check="c")


def _append(run: IngestRun, name: str) -> None:
    run.writer.append(name, [EVENTS], source_sha256=b"s" * 32)
    repairs = [
        {"name": "sort", "changed": 3, "dropped": 0},
        {"name": "drop-outside", "changed": 0, "dropped": 2},
    ]
    run.add(len(EVENTS), {"repairs": repairs}, [FINDING])


def test_a_report_counts_everything(tmp_path: Path) -> None:
    told: list[tuple[int, int, int]] = []
    with StoreWriter.create(tmp_path / "s.zarr", Sensor(4, 4)) as writer:
        run = IngestRun(writer, 3, lambda *done: told.append(done), publish_every_s=1e9)
        _append(run, "a")
        run.settle()
        run.skip()
        _append(run, "b")
        run.settle()
        report = run.finish()
    assert (report.n_added, report.n_skipped, report.n_events) == (2, 1, 4)
    assert report.repaired == {"sort": 6, "drop-outside": 4}
    assert report.findings == [FINDING, FINDING]
    assert told == [(1, 3, 2), (3, 3, 4)]
    assert report.digest == EventStore.open(tmp_path / "s.zarr").digest


def test_long_recordings_tell_on_the_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(eventstore.ingest_run, "TELL_EVENTS", 5)
    told: list[tuple[int, int, int]] = []
    with StoreWriter.create(tmp_path / "s.zarr", Sensor(4, 4)) as writer:
        run = IngestRun(writer, 2, lambda *done: told.append(done), publish_every_s=1e9)
        _append(run, "a")
        assert sum(map(len, run.watch([EVENTS] * 6))) == 12
    assert told == [(1, 2, 8), (1, 2, 14)]


def test_it_publishes_when_it_is_time(tmp_path: Path) -> None:
    path = tmp_path / "s.zarr"
    with StoreWriter.create(path, Sensor(4, 4)) as writer:
        for every, published in ((1e9, 0), (0.0, 2)):
            run = IngestRun(writer, 1, publish_every_s=every)
            _append(run, f"r{every}")
            run.settle()
            assert EventStore.open(path).n_recordings == published


def test_other_bytes_under_a_known_id_are_a_conflict() -> None:
    check_same_source("a", b"s" * 32, b"s" * 32)
    with pytest.raises(Conflict, match=r"'a' is in the store from other bytes \(sha256 7373"):
        check_same_source("a", b"s" * 32, b"t" * 32)


def test_an_error_keeps_what_was_whole_and_names_the_file(tmp_path: Path) -> None:
    path = tmp_path / "s.zarr"
    with StoreWriter.create(path, Sensor(4, 4)) as writer:
        run = IngestRun(writer, 1, publish_every_s=1e9)
        _append(run, "a")
        bad = FormatError("bad", path="inner")
        with pytest.raises(FormatError, match=r"^x/a\.bin: "), run.keeping(ITEM):
            raise bad
        assert EventStore.open(path).n_recordings == 1
