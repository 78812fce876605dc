"""Copies hold all that is known of a recording, and are checked to be the same."""

from pathlib import Path

import pytest

from eventstore.append import StoreWriter
from eventstore.copying import copy_recordings, packets_of, side_of
from eventstore.errors import AlreadyExists
from eventstore.events import Events
from eventstore.sample_stores import SAMPLE_SENSOR, sample_recording, write_samples
from eventstore.store import EventStore
from eventstore.verify import check_store

pytestmark = pytest.mark.usefixtures("instant_sync")


@pytest.fixture
def store(tmp_path: Path) -> EventStore:
    write_samples(tmp_path / "events.zarr", range(12))
    return EventStore.open(tmp_path / "events.zarr")


def test_rows_of_copies_are_those_of_the_originals(store: EventStore, tmp_path: Path) -> None:
    with StoreWriter.create(tmp_path / "copy.zarr", SAMPLE_SENSOR) as writer:
        copy_recordings(store, [7, 1, 10], writer)
        with pytest.raises(AlreadyExists):
            copy_recordings(store, [2, 7], writer)
    copy = EventStore.open(tmp_path / "copy.zarr")
    assert copy.recordings.ids == ["r7", "r1", "r10", "r2"]
    for row, number in enumerate((7, 1, 10, 2)):
        known, made = store.recordings[number], copy.recordings[row]
        assert (known.digest, known.side_digest) == (made.digest, made.side_digest)
        assert (known.t_origin_us, known.sensor) == (made.t_origin_us, made.sensor)
        assert known.source_sha256 == made.source_sha256
        assert copy.recordings.provenance(row) == store.recordings.provenance(number)
    assert check_store(copy) == []


def test_packets_are_bounded_and_end_with_chunks(
    store: EventStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("eventstore.copying.PACKET_CHUNKS", 2)
    packets = list(packets_of(store, 5, store.n_events))
    assert max(map(len, packets)) <= 32
    assert len(packets[0]) == 27
    assert Events.concatenate(packets).equals(store.read_rows(5, store.n_events))
    assert list(packets_of(store, 9, 9)) == []


def test_side_streams_have_the_times_of_their_source(store: EventStore) -> None:
    made = sample_recording(1)
    side = side_of(store, 1)
    assert set(side) == set(made.side)
    for kind, tables in side.items():
        assert next(tables).equals(made.side[kind][0])
