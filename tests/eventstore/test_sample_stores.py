"""Sample recordings are the same each time, unlike each other, and hold all there is."""

from pathlib import Path

import pytest

from eventstore.sample_stores import sample_recording, write_samples
from eventstore.store import EventStore
from eventstore.verify import check_store

pytestmark = pytest.mark.usefixtures("instant_sync")


def test_a_number_is_always_the_same_recording() -> None:
    one, again = sample_recording(5), sample_recording(5)
    assert one.events.equals(again.events)
    assert not one.events.equals(sample_recording(7).events)


def test_stores_of_samples_hold_all_there_is(tmp_path: Path) -> None:
    at_once, later = tmp_path / "a.zarr", tmp_path / "b.zarr"
    digest = write_samples(at_once, range(12))
    write_samples(later, range(5))
    assert write_samples(later, range(5, 12)) == digest
    store = EventStore.open(at_once)
    assert check_store(store) == []
    assert {kind for row in range(12) for kind in store.side(row)} == {"frames", "imu", "triggers"}
    assert store.recordings.row_size.min() == 0
    assert store.n_events > 3 * store.head.layout.shard_events
    assert store.recordings.provenance(1) == {"source": "file-1.raw"}
