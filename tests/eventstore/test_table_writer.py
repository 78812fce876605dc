"""The table of a writer says what was appended, whether it was taken up or not."""

from pathlib import Path

import pytest

from eventstore.append import StoreWriter
from eventstore.durable import DurableFolder
from eventstore.events import Sensor
from eventstore.recordings import RecordingRow, store_digest
from eventstore.schema import Layout
from eventstore.store import EventStore
from eventstore.table_writer import TableWriter

LAYOUT = Layout(table_rows=32)  # two texts of provenance a chunk

pytestmark = pytest.mark.usefixtures("instant_sync")


def row(i: int) -> RecordingRow:
    return RecordingRow(
        recording_id=f"r{i}",
        start=i,
        n_events=1,
        t_origin_us=-i,
        t_stop=i + 1,
        sensor=Sensor(i + 1, 2),
        digest=bytes([i]) * 32,
        side_digest=bytes(32),
        source_sha256=bytes(32),
    )


def filled(n: int) -> TableWriter:
    table = TableWriter(LAYOUT, "vision")
    for i in range(n):
        table.append(row(i), f'{{"n":{i}}}')
    return table


def files(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_rows_come_back() -> None:
    table = filled(5)
    assert [table.row(f"r{i}") for i in range(5)] == [row(i) for i in range(5)]
    assert list(table.ids) == [f"r{i}" for i in range(5)]
    assert len(table) == 5


def test_the_digest_is_that_of_all_rows() -> None:
    table = filled(12)  # r10 sorts before r2
    sums = [(r.recording_id, r.digest, r.side_digest) for r in map(row, range(12))]
    assert table.digest() == store_digest(sums)
    table.append(row(12), "{}")
    assert table.digest() == store_digest([*sums, ("r12", bytes([12]) * 32, bytes(32))])


@pytest.mark.parametrize("stops", [[40], [1, 2, 33, 40], [31, 32, 40], list(range(41))])
def test_publishing_often_writes_the_same_chunks(tmp_path: Path, stops: list[int]) -> None:
    once, often = tmp_path / "once", tmp_path / "often"
    once.mkdir()
    often.mkdir()
    folder = DurableFolder(once)
    filled(40).stage(folder, 0, 40)
    folder.settle()
    folder, table, published = DurableFolder(often), filled(0), 0
    for stop in stops:
        for i in range(published, stop):
            table.append(row(i), f'{{"n":{i}}}')
        table.stage(folder, published, stop)
        folder.settle()
        table.forget_published()
        published = stop
    assert files(often) == files(once)


@pytest.mark.parametrize("n", [0, 1, 5, 33])
def test_a_published_table_is_taken_up(tmp_path: Path, n: int) -> None:
    path = tmp_path / "a.zarr"
    with StoreWriter.create(path, Sensor(2, 2), layout=LAYOUT) as writer:
        for i in range(n):
            writer.append(f"r{i}", [], t_origin_us=i, provenance={"n": i})
        rows = [writer.row(f"r{i}") for i in range(n)]
    table = TableWriter(LAYOUT, "vision")
    table.resume(EventStore.open(path).recordings)
    assert [table.row(f"r{i}") for i in range(n)] == rows
    assert table.digest() == EventStore.open(path).digest
    again = tmp_path / "again"
    again.mkdir()
    folder = DurableFolder(again)
    table.stage(folder, n, 0)
    folder.settle()
    staged = files(again)
    assert staged == {name: (path / name).read_bytes() for name in staged}
