"""What is whole comes out as it was, whatever is damaged; what is lost is named."""

import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from eventstore.codecs import Tier
from eventstore.errors import AlreadyExists, FormatError, NotFound
from eventstore.events import Events
from eventstore.files import MappedFiles
from eventstore.ingest import ingest
from eventstore.rewrite import remove_recordings, rewrite_store
from eventstore.salvage import salvage_store
from eventstore.salvage_plan import SalvageReport
from eventstore.sample_stores import SAMPLE_LAYOUT, sample_recording, write_samples
from eventstore.schema import FORMAT_VERSION
from eventstore.store import EventStore
from eventstore.tables import encode_rows, read_rows
from eventstore.verify import check_store

pytestmark = pytest.mark.usefixtures("instant_sync")

N = 14


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("whole") / "events.zarr"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda _: None)
        write_samples(path, range(N))
    return path


@pytest.fixture
def path(template: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(template, tmp_path / "events.zarr"))


def flip(file: Path, at: int) -> None:
    data = bytearray(file.read_bytes())
    data[at] ^= 1
    file.write_bytes(data)


def salvage(path: Path) -> tuple[SalvageReport, EventStore]:
    """Salvage a store; check that what came out is sound and true, and the counts with it."""
    into = path.with_name("salvaged.zarr")
    shutil.rmtree(into, ignore_errors=True)
    report = salvage_store(path, into)
    store = EventStore.open(into)
    assert check_store(store) == []
    assert store.digest == report.digest
    assert store.n_events == report.n_events
    return report, store


def assert_true(store: EventStore) -> None:
    """Check every salvaged recording against the one that was written."""
    for row, name in enumerate(store.recordings.ids):
        said = store.recordings.provenance(row).get("salvaged")
        events = store.read(row)
        if said is None:
            assert events.equals(sample_recording(int(name[1:])).events), name
        else:
            assert isinstance(said, dict)
            whole = sample_recording(int(str(said["of"])[1:])).events
            first = said["first_event"]
            assert events.equals(whole[first : first + len(events)]), name
            assert name == f"{said['of']}#{said['t_start_us']}-{said['t_stop_us']}"


def test_a_whole_store_comes_out_the_same(path: Path) -> None:
    report, store = salvage(path)
    assert report.is_complete
    assert (report.n_whole, report.n_lost) == (N, 0)
    assert store.digest == EventStore.open(path).digest
    assert list(store.side("r1")) == ["frames", "imu", "triggers"]


def test_a_flip_costs_the_chunk_it_is_in(path: Path) -> None:
    table = EventStore.open(path).recordings
    flip(path / "events" / "x" / "c" / "1", 3)  # rows 64 … 79
    hit = [r for r in range(N) if table.offsets[r] < 80 and table.offsets[r + 1] > 64]
    report, store = salvage(path)
    assert_true(store)
    assert [lost.recording_id for lost in report.lost] == [f"r{r}" for r in hit]
    assert report.n_lost == 16
    assert report.n_whole == N - len(hit)
    times = EventStore.open(path).column("t").chunk(4)
    assert report.lost[0].t_start == times[0]
    assert report.lost[-1].t_stop == times[-1] + 1
    assert "events/x/c/1 at byte 0" in report.lost[0].reason
    for lost in report.lost:
        sample = sample_recording(int(lost.recording_id[1:]))
        within = (sample.events.t >= lost.t_start) & (sample.events.t < lost.t_stop)
        assert within.sum() >= lost.n_events


def test_lost_times_are_bounded_by_those_beside_them(path: Path) -> None:
    before = EventStore.open(path)
    flip(path / "events" / "t" / "c" / "1", 3)
    report, store = salvage(path)
    assert_true(store)
    for lost in report.lost:
        whole = sample_recording(int(lost.recording_id[1:])).events
        start = int(before.recordings.offsets[before.recordings.row(lost.recording_id)])
        t = whole.t[max(0, 64 - start) : 80 - start]
        assert lost.t_start <= t[0] <= t[-1] < lost.t_stop
        assert len(t) == lost.n_events


@pytest.mark.parametrize("column", ["t", "p"])
def test_a_missing_shard_costs_its_rows(path: Path, column: str) -> None:
    (path / "events" / column / "c" / "2").unlink()
    report, store = salvage(path)
    assert_true(store)
    assert report.n_lost == 64
    assert report.n_events == EventStore.open(path).n_events - 64
    assert report.n_whole + len(report.pieces) == store.n_recordings


@pytest.mark.parametrize("cut", [1, 5, 70, 90])
def test_a_shard_cut_short_gives_what_comes_before_the_cut(path: Path, cut: int) -> None:
    shard = path / "events" / "x" / "c" / "0"
    data = shard.read_bytes()
    shard.write_bytes(data[:-cut])
    report, store = salvage(path)
    assert_true(store)
    n_index = 4 * 16 + 4  # of four slots
    assert report.n_lost == (0 if cut <= n_index else 16)


def test_annexed_content_that_is_not_here_is_named(path: Path) -> None:
    shard = path / "events" / "x" / "c" / "0"
    shard.unlink()
    shard.symlink_to("../../../../.git/annex/objects/KEY")
    report, store = salvage(path)
    assert_true(store)
    assert "not on this machine" in report.lost[0].reason


@pytest.mark.parametrize("name", ["t_stop", "row_size", "offsets", "source_sha256"])
def test_a_damaged_table_costs_no_event(path: Path, name: str) -> None:
    for file in (path / "recordings" / name / "c").rglob("*"):
        if file.is_file():
            flip(file, 2)
    report, store = salvage(path)
    assert (report.n_whole, report.n_lost) == (N, 0)
    assert report.unverified == ()
    assert_true(store)
    assert [finding.where for finding in report.findings] == [f"recordings/{name}"]


def test_without_ids_recordings_are_named_by_row(path: Path) -> None:
    (path / "recordings" / "id" / "c" / "1").unlink()  # rows 4 … 7
    flip(path / "events" / "x" / "c" / "3", 3)
    report, store = salvage(path)
    named = [name for name in store.recordings.ids if name.startswith("row-")]
    assert len(named) >= 3
    for name in store.recordings.ids:
        if "#" not in name:
            number = int(name[4:] if name in named else name[1:])
            assert store.read(name).equals(sample_recording(number).events)
    assert "named by their row" in report.findings[0].message


def test_without_digests_the_stores_own_checks_them(path: Path) -> None:
    shutil.rmtree(path / "recordings" / "digest" / "c")
    shutil.rmtree(path / "recordings" / "side_digest" / "c")
    report, store = salvage(path)
    assert (report.n_whole, report.unverified) == (N, ())
    assert store.digest == EventStore.open(path).digest
    (path / "zarr.json").unlink()
    report, store = salvage(path)
    assert report.unverified == tuple(f"r{i}" for i in range(N))
    assert_true(store)


def test_without_a_root_the_other_documents_stand_in(path: Path) -> None:
    before = EventStore.open(path).digest
    root = path / "zarr.json"
    root.write_bytes(root.read_bytes()[:200])
    report, store = salvage(path)
    assert (report.n_whole, report.unverified, report.digest) == (N, (), before)
    assert store.head.layout == SAMPLE_LAYOUT
    assert [finding.where for finding in report.findings] == ["zarr.json"]


def test_without_lengths_recordings_are_cut_where_time_runs_back(path: Path) -> None:
    for name in ("offsets", "row_size"):
        shutil.rmtree(path / "recordings" / name / "c")
    report, store = salvage(path)
    assert report.n_events == EventStore.open(path).n_events
    assert any("cut where time runs back" in finding.message for finding in report.findings)
    whole = Events.concatenate([sample_recording(i).events for i in range(N)])
    assert store.read_rows(0, store.n_events).equals(whole)


def test_events_that_are_not_what_was_recorded_are_named(path: Path) -> None:
    with EventStore.open(path) as store:
        digests = read_rows(store.files, "recordings/digest", "uint8", (N, 32), 4).copy()
    digests[5] ^= 1
    (path / "recordings" / "digest" / "c" / "1" / "0").write_bytes(encode_rows(digests[4:8], 4))
    report, store = salvage(path)
    (piece,) = report.pieces
    assert piece.startswith("r5#0-")
    assert store.read(piece).equals(sample_recording(5).events)
    assert "though every checksum is right" in report.findings[0].message


def test_side_streams_are_got_out_row_by_row(path: Path) -> None:
    pixels = path / "side" / "frames" / "pixels" / "c" / "0"
    flip(pixels, 5)
    flip(path / "side" / "imu" / "gyro_z" / "c" / "0", 3)
    report, store = salvage(path)
    assert_true(store)
    assert report.n_whole == N
    lost = {(f.where, f.message.split(":")[0]) for f in report.findings}
    assert ("r1", "25 of 25 rows of imu") in lost
    assert not any(where in {"r9", "r13"} and "imu" in said for where, said in lost)
    assert store.side("r9")["imu"].equals(
        sample_recording(9).side["imu"][0].shifted(-sample_recording(9).t_origin_us)
    )
    shutil.rmtree(path / "side" / "triggers" / "offsets" / "c")
    report, _ = salvage(path)
    assert any("the rows of triggers" in finding.message for finding in report.findings)


def test_side_streams_go_with_the_first_stretch_or_alone(path: Path) -> None:
    for column in "txyp":
        for shard in (path / "events" / column / "c").iterdir():
            shard.unlink()
    report, store = salvage(path)
    assert report.n_events == 0
    assert set(report.pieces) == {"r1#0-0", "r2#0-0", "r5#0-0", "r6#0-0", "r7#0-0"} | {
        f"r{i}#0-0" for i in (10, 13)
    }
    assert len(store.side("r5#0-0")["imu"]) == 25
    assert store.recordings.ids[0] == "r1#0-0"


def survive(template: Path, tmp_path: Path, n: int) -> None:
    rng = np.random.default_rng(n)
    whole = EventStore.open(template)
    files = sorted(p.relative_to(template) for p in template.rglob("*") if p.is_file())
    into = tmp_path / "salvaged.zarr"
    for trial in range(n):
        path = tmp_path / f"{trial}.zarr"
        shutil.copytree(template, path)
        for number in rng.choice(len(files), rng.integers(1, 4), replace=False):
            damage(path / files[number], rng)
        report = salvage_store(path, into)
        store = EventStore.open(into)
        assert check_store(store) == []
        lost_tables = any(f.where.startswith("recordings/") for f in report.findings)
        if not lost_tables:
            assert_true(store)
            assert report.n_events + report.n_lost == whole.n_events
        shutil.rmtree(into)
        shutil.rmtree(path)


def test_any_damage_is_survived_and_what_comes_out_is_true(template: Path, tmp_path: Path) -> None:
    survive(template, tmp_path, 3)


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("tier", ["archive", "fast"])
def test_500_damages_are_survived(tmp_path: Path, tier: Tier) -> None:
    write_samples(tmp_path / "whole.zarr", range(N), tier=tier)
    survive(tmp_path / "whole.zarr", tmp_path, 250)


def test_a_fast_store_is_salvaged_too(tmp_path: Path) -> None:
    path = tmp_path / "events.zarr"
    write_samples(path, range(N), tier="fast")
    shard = path / "events" / "x" / "c" / "1"
    shard.write_bytes(shard.read_bytes()[:-80])
    flip(path / "events" / "p" / "c" / "0", 3)
    report, store = salvage(path)
    assert_true(store)
    assert report.n_lost == 32
    assert store.head.tier == "fast"


def damage(file: Path, rng: np.random.Generator) -> None:
    data = bytearray(file.read_bytes())
    match int(rng.integers(4)):
        case 0:
            file.unlink()
        case 1:
            file.write_bytes(data[: rng.integers(0, len(data))])
        case 2:
            data[rng.integers(len(data))] ^= 1 << int(rng.integers(8))
            file.write_bytes(data)
        case _:
            at = int(rng.integers(len(data)))
            data[at : at + 40] = rng.bytes(40)
            file.write_bytes(data)


def test_files_of_any_kind_are_salvaged(path: Path, tmp_path: Path) -> None:
    table: dict[str, Path | bytes] = {
        p.relative_to(path).as_posix(): p.read_bytes() for p in path.rglob("*") if p.is_file()
    }
    del table["events/x/c/1"]
    report = salvage_store(MappedFiles(table, name="version"), tmp_path / "salvaged.zarr")
    assert report.n_lost == 64


def test_what_cannot_be_salvaged_is_refused(path: Path, tmp_path: Path) -> None:
    into = tmp_path / "salvaged.zarr"
    with pytest.raises(NotFound, match="no event store at"):
        salvage_store(tmp_path / "nowhere", into)
    with pytest.raises(AlreadyExists, match="is there already"):
        salvage_store(path, path)
    root = path / "zarr.json"
    root.write_text(
        root.read_text().replace(f'"format_version": "{FORMAT_VERSION}"', '"format_version": "9"')
    )
    with pytest.raises(FormatError, match="unknown format version"):
        salvage_store(path, into)
    root.unlink()
    for document in (path / "events").glob("*/zarr.json"):
        document.unlink()
    with pytest.raises(FormatError) as caught:
        salvage_store(path, into)
    assert "nothing says how its events are stored" in caught.value.hint
    assert not into.exists()


def test_a_failure_leaves_no_new_store(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space"):
            salvage_store(path, path.with_name("salvaged.zarr"))
    assert [p.name for p in path.parent.iterdir()] == ["events.zarr"]


def test_progress_counts_recordings(path: Path) -> None:
    told: list[tuple[int, int, int]] = []
    report = salvage_store(path, path.with_name("s.zarr"), progress=lambda *now: told.append(now))
    assert told[-1] == (N, N, report.n_events)


def test_real_digits(shared_data: Path, tmp_path: Path) -> None:
    path = tmp_path / "events.zarr"
    ingest([shared_data / "nmnist-small" / "Test.zip"], path)
    before = EventStore.open(path)
    digests = dict(zip(before.recordings.ids, before.recordings.digests, strict=True))
    shard = path / "events" / "x" / "c" / "0"
    shard.write_bytes(shard.read_bytes()[: shard.stat().st_size // 2])
    report, store = salvage(path)
    assert 30 <= report.n_whole <= 70
    assert report.n_events + report.n_lost == before.n_events
    assert len({lost.recording_id for lost in report.lost}) == 100 - report.n_whole
    for name, digest in zip(store.recordings.ids, store.recordings.digests, strict=True):
        assert "#" in name or digests[name] == digest
    gone = store.recordings.ids[7]
    remove_recordings(tmp_path / "salvaged.zarr", [gone])
    assert (
        rewrite_store(tmp_path / "salvaged.zarr", tier="fast").n_recordings
        == len(store.recordings.ids) - 1
    )
    assert check_store(EventStore.open(tmp_path / "salvaged.zarr")) == []
