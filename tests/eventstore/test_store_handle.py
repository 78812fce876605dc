import pickle
from pathlib import Path

import pytest

from eventstore.append import StoreWriter
from eventstore.errors import Conflict, InvalidInput
from eventstore.packing import pack_store
from eventstore.readers.conformance import sample_events
from eventstore.store import EventStore
from eventstore.store_handle import StoreHandle
from eventstore.testing import TINY_SENSOR, tiny_store


@pytest.fixture
def store(tmp_path: Path) -> EventStore:
    return tiny_store(tmp_path / "events.zarr", n_recordings=4)


def test_the_store_arrives_opened_wherever_it_is_sent(
    store: EventStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    sent = pickle.dumps(StoreHandle(EventStore.open("events.zarr")))
    monkeypatch.chdir("/")
    assert pickle.loads(sent).store.read(2).equals(store.read(2))


def test_a_local_zip_cannot_be_sent(store: EventStore, tmp_path: Path) -> None:
    packed = EventStore.open(pack_store(store, tmp_path / "events.zarr.zip"))
    with pytest.raises(InvalidInput, match="cannot be sent to another process"):
        pickle.dumps(StoreHandle(packed))


def test_another_state_is_refused(store: EventStore, tmp_path: Path) -> None:
    sent = pickle.dumps(StoreHandle(store))
    with StoreWriter.open(tmp_path / "events.zarr") as writer:
        writer.append("late", [sample_events(TINY_SENSOR, 5)])
    with pytest.raises(Conflict, match="was changed since the computation was planned"):
        pickle.loads(sent)
