"""Damaged rows of the recordings table get something in their place; sound ones stay."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from eventstore.files import LocalFiles
from eventstore.findings import Finding
from eventstore.mended_store import mend_store
from eventstore.mended_tables import mended_tables
from eventstore.sample_stores import sample_recording, write_samples
from eventstore.store import EventStore

pytestmark = pytest.mark.usefixtures("instant_sync")

N = 10


@pytest.fixture
def path(tmp_path: Path) -> Path:
    write_samples(tmp_path / "events.zarr", range(N))
    return tmp_path / "events.zarr"


def mended(path: Path) -> tuple[EventStore, list[Finding]]:
    found = mend_store(LocalFiles(path))
    return found.store, found.findings


def drop(path: Path, name: str, number: int) -> None:
    chunk = path / "recordings" / name / "c" / str(number)
    shutil.rmtree(chunk) if chunk.is_dir() else chunk.unlink()


def test_damage_costs_the_rows_of_its_chunk(path: Path) -> None:
    before = EventStore.open(path).recordings
    width, digests = before.width.tolist(), before.digests
    drop(path, "id", 1)
    drop(path, "width", 2)
    drop(path, "digest", 0)
    store, findings = mended(path)
    table = store.recordings
    assert table.ids == [f"r{i}" if i // 4 != 1 else f"row-{i}" for i in range(N)]
    assert table.width.tolist() == [*width[:8], 34, 34]
    assert table.digests == [bytes(32)] * 4 + digests[4:]
    assert table.provenance(5) == sample_recording(5).provenance
    said = {finding.where: finding.message for finding in findings}
    assert said["recordings/id"].startswith("4 of 10 rows cannot be read")
    assert said["recordings/width"].startswith("2 of 10 rows")
    assert len(said) == 3


def test_sizes_of_no_sensor_are_taken_for_damage(path: Path) -> None:
    last, first = (path / "recordings" / "height" / "c" / number for number in ("2", "0"))
    first.write_bytes(last.read_bytes())  # zeros stand in its rows 2 and 3
    store, findings = mended(path)
    assert store.recordings.height.tolist()[2:4] == [store.sensor.height] * 2
    [finding] = findings
    assert finding.message.startswith("2 of 10 rows cannot be read (0 is outside 1 …")


@pytest.mark.parametrize(
    ("offsets", "sizes"), [([0], []), ([], [2]), ([0, 1, 2], []), ([1], [0]), ([0], [1, 2])]
)
def test_lengths_are_found_from_either_table(
    path: Path, offsets: list[int], sizes: list[int]
) -> None:
    before = EventStore.open(path).recordings
    expected = before.offsets, before.row_size
    for number in offsets:
        drop(path, "offsets", number)
    for number in sizes:
        drop(path, "row_size", number)
    table = mended(path)[0].recordings
    assert np.array_equal(table.offsets, expected[0])
    assert np.array_equal(table.row_size, expected[1])


def test_without_both_the_times_tell_and_all_else_is_unknown(path: Path) -> None:
    n_events = EventStore.open(path).n_events
    for number in range(3):
        drop(path, "offsets", number)
        drop(path, "row_size", number)
    found = mend_store(LocalFiles(path))
    table = found.store.recordings
    starts = np.cumsum([0, *(len(sample_recording(i).events) for i in range(N))])
    times = found.store.read_rows(0, n_events).t
    backward = 1 + np.flatnonzero(times[1:] < times[:-1])
    assert table.offsets.tolist() == [0, *backward.tolist(), n_events]
    assert set(table.offsets.tolist()) <= set(starts.tolist())
    assert len(table) < N  # the empty ones cannot be found
    assert table.ids[0] == "row-0"
    assert found.unnamed == frozenset(range(len(table)))
    assert found.store.head.side == {}
    assert {"side", "recordings/offsets"} <= {finding.where for finding in found.findings}


def test_as_many_recordings_as_before_keep_their_names(tmp_path: Path) -> None:
    path = tmp_path / "events.zarr"
    write_samples(path, [0, 1, 2, 3])  # none is empty, and each begins before the last one's end
    for name in ("offsets", "row_size"):
        for number in range(2 if name == "offsets" else 1):
            drop(path, name, number)
    table = mended(path)[0].recordings
    assert table.ids == ["r0", "r1", "r2", "r3"]
    assert table.digests == EventStore.open(path).recordings.digests


def test_a_gap_that_times_run_back_over_is_cut_on_both_sides(path: Path) -> None:
    offsets = EventStore.open(path).recordings.offsets
    for number in range(3):
        drop(path, "offsets", number)
        drop(path, "row_size", number)
    (path / "events" / "t" / "c" / "1").unlink()  # rows 64 … 127
    found = mended(path)[0].recordings.offsets.tolist()
    assert {64, 128} <= set(found)
    assert set(found) - {64, 128} <= set(offsets.tolist())


def test_names_by_row_are_not_taken(tmp_path: Path) -> None:
    path = tmp_path / "events.zarr"
    write_samples(path, range(5))
    with EventStore.open(path) as store:
        tables = mended_tables(store.files, store.head, store.column("t"))
        assert (tables.patches, tables.findings, tables.unnamed) == ({}, [], frozenset())
