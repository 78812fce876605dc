"""Rows of side streams that can be read are found, and read again."""

from pathlib import Path

import pytest

from eventstore.salvage_side import salvaged_side, scan_side
from eventstore.sample_stores import sample_recording, write_samples
from eventstore.side import SideTable
from eventstore.store import EventStore

pytestmark = pytest.mark.usefixtures("instant_sync")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    write_samples(tmp_path / "events.zarr", range(14))
    return tmp_path / "events.zarr"


def test_whole_streams_come_out_as_they_went_in(path: Path) -> None:
    store = EventStore.open(path)
    for row in range(14):
        scans, digest = scan_side(store, row)
        assert digest == store.recordings[row].side_digest
        made = sample_recording(row).side
        out = {kind: list(tables) for kind, tables in salvaged_side(store, row, scans).items()}
        assert set(out) == set(made)
        for kind, tables in out.items():
            assert SideTable.concatenate(kind, tables).equals(made[kind][0])


def test_a_damaged_chunk_costs_the_rows_in_it(path: Path) -> None:
    shard = path / "side" / "frames" / "pixels" / "c" / "0"
    data = bytearray(shard.read_bytes())
    data[6] ^= 1  # of the only chunk of pixels
    shard.write_bytes(data)
    (path / "side" / "triggers" / "offsets" / "c" / "0").unlink()
    scans = {scan.kind: scan for scan in scan_side(EventStore.open(path), 1)[0]}
    assert (scans["frames"].n_lost, scans["frames"].runs) == (2, ())
    assert "side/frames/pixels" in scans["frames"].reason
    assert (scans["imu"].n_lost, scans["imu"].reason) == (0, "")
    assert (scans["triggers"].n_rows, scans["triggers"].n_lost) == (-1, 0)
    assert set(salvaged_side(EventStore.open(path), 1, list(scans.values()))) == {"imu"}
