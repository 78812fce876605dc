"""Rewritten stores are what they would have been, had they been written so in the first place."""

import errno
import os
import shutil
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from eventstore.append import StoreWriter
from eventstore.changing import Change, rows_during
from eventstore.codecs import Tier
from eventstore.errors import Conflict, IntegrityError, MissingContent, NotFound
from eventstore.events import Events, Sensor
from eventstore.rewrite import edit_recordings, remove_recordings, rewrite_store
from eventstore.sample_stores import SAMPLE_LAYOUT, sample_recording, write_samples
from eventstore.schema import Layout
from eventstore.store import EventStore
from eventstore.tables import encode_rows, read_rows
from eventstore.testing import tiny_store
from eventstore.verify import check_store

pytestmark = pytest.mark.usefixtures("instant_sync")

N = 14

OTHER = Layout(chunk_events=32, shard_events=256, table_rows=3)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "events.zarr"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda _: None)
        write_samples(path, range(N))
    return path


@pytest.fixture
def path(template: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(template, tmp_path / "events.zarr"))


def content(path: Path) -> dict[str, bytes]:
    return {str(p.relative_to(path)): p.read_bytes() for p in path.rglob("*") if p.is_file()}


def flip(file: Path, at: int) -> None:
    data = bytearray(file.read_bytes())
    data[at] ^= 1
    file.write_bytes(data)


def beside(path: Path) -> list[str]:
    return sorted(p.name for p in path.parent.iterdir())


@pytest.mark.parametrize(
    ("layout", "tier"), [(SAMPLE_LAYOUT, "fast"), (OTHER, "archive"), (Layout(), "fast")]
)
def test_a_store_is_cut_and_coded_otherwise(path: Path, layout: Layout, tier: Tier) -> None:
    before = EventStore.open(path).digest
    report = rewrite_store(path, layout=layout, tier=tier)
    assert (report.digest, report.n_recordings) == (before, N)
    write_samples(path.with_name("once.zarr"), range(N), layout=layout, tier=tier)
    assert content(path) == content(path.with_name("once.zarr"))
    assert beside(path) == ["events.zarr", "once.zarr"]


def test_what_is_not_asked_for_stays(path: Path) -> None:
    rewrite_store(path, tier="fast")
    assert EventStore.open(path).head.layout == SAMPLE_LAYOUT
    rewrite_store(path, layout=OTHER)
    head = EventStore.open(path).head
    assert (head.tier, head.layout) == ("fast", OTHER)


@pytest.mark.parametrize("gone", [[0], [N - 1], [2, 4, 9], list(range(N)), list(range(7, N))])
def test_a_store_without_recordings_is_as_if_they_had_never_been(
    path: Path, gone: list[int]
) -> None:
    rest = [i for i in range(N) if i not in gone]
    report = remove_recordings(path, [f"r{i}" for i in reversed(gone)])
    assert (report.n_removed, report.n_linked) == (len(gone), gone[0])
    write_samples(path.with_name("once.zarr"), rest)
    assert content(path) == content(path.with_name("once.zarr"))
    assert report.digest == EventStore.open(path).digest
    assert check_store(EventStore.open(path)) == []


def test_no_byte_of_a_removed_recording_is_left(path: Path) -> None:
    def marks(number: int) -> list[bytes]:
        made = sample_recording(number)
        with EventStore.open(path) as store:
            digest = store.recordings[store.recordings.row(made.recording_id)].digest
        return [f"r{number}".encode(), f"file-{number}.raw".encode(), made.source_sha256, digest]

    def holding(mark: bytes) -> list[str]:
        """Look in the files as they are, and in the tables as they decode."""
        with EventStore.open(path) as store:
            table = store.recordings
            texts = [*table.ids, *map(table.provenance_text, range(len(table)))]
            values = [text.encode() for text in texts] + table.source_sha256 + table.digests
        where = [name for name, data in content(path).items() if mark in data]
        return where + [repr(value) for value in values if mark in value]

    gone = marks(8)
    assert all(holding(mark) for mark in gone)
    remove_recordings(path, ["r8"])
    assert [holding(mark) for mark in gone] == [[]] * len(gone)
    with EventStore.open(path) as store:
        ids = [f"r{i}" for i in range(N) if i != 8]
        assert store.recordings.ids == ids
        for name in ids:
            made = sample_recording(int(name[1:]))
            assert store.read(name).equals(made.events)
            assert store.recordings.provenance(store.recordings.row(name)) == made.provenance
            for kind, tables in made.side.items():
                assert store.side(name)[kind].equals(tables[0].shifted(-made.t_origin_us))


def test_padding_and_garbage_go_too(path: Path) -> None:
    # A shard that a killed writer left behind the published end, and a last shard grown too long.
    last = EventStore.open(path).n_events // SAMPLE_LAYOUT.shard_events
    (path / "events" / "x" / "c" / str(last + 1)).write_bytes(b"left behind")
    remove_recordings(path, [f"r{N - 1}"])
    write_samples(path.with_name("once.zarr"), range(N - 1))
    assert content(path) == content(path.with_name("once.zarr"))


def test_what_lies_before_is_linked_and_may_be_damaged(path: Path) -> None:
    shard = path / "events" / "x" / "c" / "0"
    flip(shard, 3)
    inode = shard.stat().st_ino
    remove_recordings(path, ["r12"])
    assert shard.stat().st_ino == inode
    assert {f.where.split("#")[0] for f in check_store(EventStore.open(path))} <= {"r0", "r1"}


def test_damage_in_what_is_encoded_anew_stops_the_rewrite(path: Path) -> None:
    flip(path / "events" / "x" / "c" / "4", 3)
    before = content(path)
    with pytest.raises(IntegrityError, match="events/x/c/4"):
        rewrite_store(path, tier="fast")
    with pytest.raises(IntegrityError, match="events/x/c/4"):
        remove_recordings(path, ["r0"])
    assert content(path) == before
    assert beside(path) == ["events.zarr"]


def test_events_that_are_not_what_was_recorded_stop_the_rewrite(path: Path) -> None:
    with EventStore.open(path) as store:
        digests = read_rows(store.files, "recordings/digest", "uint8", (N, 32), 4).copy()
    digests[5] ^= 1
    (path / "recordings" / "digest" / "c" / "1" / "0").write_bytes(encode_rows(digests[4:8], 4))
    with pytest.raises(IntegrityError, match=r"'r5' .* is not what was recorded") as caught:
        rewrite_store(path, tier="fast")
    assert "salvage" in caught.value.hint


def test_absent_content_stops_the_rewrite(path: Path) -> None:
    shard = path / "events" / "x" / "c" / "4"
    shard.unlink()
    shard.symlink_to("../../../../annex/KEY")
    with pytest.raises(MissingContent, match="not on this machine"):
        rewrite_store(path, tier="fast")
    assert beside(path) == ["events.zarr"]


def test_unknown_recordings_are_refused_before_anything_is_done(path: Path) -> None:
    before = content(path)
    with pytest.raises(NotFound, match="no recording 'r99'"):
        remove_recordings(path, ["r1", "r99"])
    assert content(path) == before


def test_removing_nothing_changes_nothing(path: Path) -> None:
    before = content(path)
    assert remove_recordings(path, []).n_removed == 0
    assert content(path) == before


def test_a_full_disk_changes_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    before = content(path)
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space"):
            rewrite_store(path, tier="fast")
    assert content(path) == before
    assert beside(path) == ["events.zarr"]


@pytest.mark.parametrize(
    "rewrite", [rewrite_store, lambda path: remove_recordings(path, ["r1"])], ids=["cut", "remove"]
)
def test_only_one_writer_at_a_time(path: Path, rewrite: Callable[[Path], object]) -> None:
    with StoreWriter.open(path), pytest.raises(Conflict, match="another writer"):
        rewrite(path)
    with pytest.raises(NotFound, match="no event store"):
        rewrite(path.with_name("nowhere.zarr"))
    assert beside(path) == ["events.zarr"]


def test_a_link_to_a_store_is_followed(path: Path, tmp_path: Path) -> None:
    link = tmp_path / "elsewhere" / "link.zarr"
    link.parent.mkdir()
    link.symlink_to(path)
    remove_recordings(link, ["r1"])
    assert "r1" not in EventStore.open(path).recordings.ids
    assert link.is_symlink()


def test_progress_counts_what_is_encoded_anew(path: Path) -> None:
    told: list[tuple[int, int, int]] = []
    remove_recordings(path, ["r9"], progress=lambda *now: told.append(now))
    assert [(done, n) for done, n, _ in told] == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert told[-1][2] == sum(len(sample_recording(i).events) for i in range(10, N))


def test_audio_is_rewritten_too(tmp_path: Path) -> None:
    path = tmp_path / "events.zarr"
    before = tiny_store(path, sensor=Sensor.audio(16)).digest
    assert rewrite_store(path, layout=OTHER, tier="fast").digest == before
    remove_recordings(path, ["r003"])
    assert check_store(EventStore.open(path)) == []


def test_a_store_opened_before_shows_what_it_was_or_raises(path: Path) -> None:
    old = EventStore.open(path)
    read_before = old.read("r2")
    expected = {name: sample_recording(int(name[1:])).events for name in old.recordings.ids}
    rewrite_store(path, layout=OTHER)
    remove_recordings(path, ["r0", "r2"])
    assert old.read("r2").equals(read_before)
    n_raised = 0
    for name, events in expected.items():
        try:
            assert old.read(name).equals(events)
        except MissingContent as error:
            assert "rewritten" in error.message  # noqa: PT017  # either outcome is right
            n_raised += 1
    assert n_raised
    with EventStore.open(path) as new:
        assert new.read("r7").equals(expected["r7"])


def test_a_store_opened_during_a_rewrite_shows_the_old_one(path: Path) -> None:
    seen: list[int] = []

    def look(*_: int) -> None:
        with EventStore.open(path) as store:
            seen.append(store.n_recordings)
            assert store.read("r0").equals(sample_recording(0).events)

    remove_recordings(path, ["r3"], progress=look)
    assert set(seen) == {N}


def test_stores_are_opened_and_read_while_they_are_rewritten(path: Path) -> None:
    expected = {f"r{i}": sample_recording(i).events for i in range(N)}
    done = threading.Event()

    def read() -> int:
        n_read = 0
        while not done.is_set() or not n_read:
            with EventStore.open(path) as store:
                for name in ("r1", "r6", "r13"):
                    try:
                        assert store.read(name).equals(expected[name])
                        n_read += 1
                    except MissingContent as error:
                        assert "rewritten" in error.message  # noqa: PT017
        return n_read

    with ThreadPoolExecutor(2) as pool:
        readers = [pool.submit(read) for _ in range(2)]
        try:
            for layout in (OTHER, SAMPLE_LAYOUT):
                rewrite_store(path, layout=layout)
        finally:
            done.set()
        assert all(reader.result() for reader in readers)


def digest_of(path: Path, name: str) -> bytes:
    with EventStore.open(path) as store:
        return store.recordings.digests[store.recordings.row(name)]


def test_edited_recordings_are_what_their_changes_leave_and_others_what_they_were(
    path: Path,
) -> None:
    def late(events: Events) -> Events:
        return events[events.t >= 20]

    notes = ({"edit": 3, "kind": "trim"},)
    change = Change(
        digest=digest_of(path, "r5"),
        events=late,
        side=lambda table: rows_during(table, 20, 10**9),
        notes=notes,
    )
    report = edit_recordings(path, {"r5": change, "r7": None})
    assert (report.n_changed, report.n_removed, report.n_linked) == (1, 1, 5)
    with EventStore.open(path) as store:
        assert store.recordings.ids == [f"r{i}" for i in range(N) if i != 7]
        assert check_store(store) == []
        for name in store.recordings.ids:
            made = sample_recording(int(name[1:]))
            row = store.recordings.row(name)
            known = store.recordings[row]
            edited = name == "r5"
            assert store.read(name).equals(late(made.events) if edited else made.events)
            assert known.t_origin_us == made.t_origin_us
            assert known.source_sha256 == made.source_sha256
            done = {"edits": [dict(notes[0])]} if edited else {}
            assert store.recordings.provenance(row) == made.provenance | done
        imu = store.side("r5")["imu"].columns["t"]
        assert imu.min() >= 20
        assert len(imu) == (np.arange(-5, 20) * 100 >= 20).sum()


def test_a_change_for_another_state_is_refused(path: Path) -> None:
    before = content(path)
    with pytest.raises(Conflict, match=r"'r5' has digest .* its change is for 000000"):
        edit_recordings(path, {"r5": Change(digest=bytes(32)), "r1": None})
    assert content(path) == before


def test_a_change_that_changes_nothing_keeps_the_digest(path: Path) -> None:
    before = EventStore.open(path).digest
    assert edit_recordings(path, {"r0": Change(digest=digest_of(path, "r0"))}).digest == before


def test_a_recording_may_lose_all_its_events(path: Path) -> None:
    none = Change(digest=digest_of(path, "r6"), events=lambda events: events[:0])
    edit_recordings(path, {"r6": none})
    with EventStore.open(path) as store:
        assert len(store.read("r6")) == store.recordings.t_stop[6] == 0
        assert check_store(store) == []


def test_damage_in_a_changed_recording_stops_the_rewrite(path: Path) -> None:
    digest = digest_of(path, "r5")
    with EventStore.open(path) as store:
        digests = read_rows(store.files, "recordings/digest", "uint8", (N, 32), 4).copy()
    digests[5] ^= 1
    (path / "recordings" / "digest" / "c" / "1" / "0").write_bytes(encode_rows(digests[4:8], 4))
    wrong = bytes(b ^ 1 for b in digest)
    with pytest.raises(IntegrityError, match=r"'r5' .* is not what was recorded"):
        edit_recordings(path, {"r5": Change(digest=wrong)})
    assert beside(path) == ["events.zarr"]
