"""Recordings of a store in the form of a reader's."""

from pathlib import Path

import numpy as np
import pytest

import eventstore.stored_recording
from eventstore.append import StoreWriter
from eventstore.errors import InvalidInput, NotFound
from eventstore.events import Events, Sensor
from eventstore.side import SideTable
from eventstore.store import EventStore
from eventstore.stored_recording import stored_recording


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return a store of two recordings, the second with triggers and an origin."""
    place = tmp_path / "events.zarr"
    triggers = SideTable.of("triggers", {"t": [990, 1010], "edge": [1, 0]})
    with StoreWriter.create(place, Sensor(8, 8)) as writer:
        writer.append("a", [Events.of(t=[1], x=[1])], sensor=Sensor(4, 4))
        writer.append(
            "b",
            [Events.of(t=range(0, 50, 5), x=[7] * 10)],
            t_origin_us=1000,
            side={"triggers": [triggers]},
            provenance={"header": {"serial": "42"}},
        )
    return place


def test_times_are_the_sources_own(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(eventstore.stored_recording, "PACKET_EVENTS", 3)
    with EventStore.open(path) as store:
        recording = stored_recording(store, "b", name="s")
        packets = list(recording.packets)
        (triggers,) = recording.side["triggers"]()
        (again,) = recording.side["triggers"]()
    assert [len(packet) for packet in packets] == [3, 3, 3, 1]
    assert Events.concatenate(packets).t.tolist() == list(range(1000, 1050, 5))
    assert triggers.columns["t"].tolist() == [990, 1010]
    assert again.equals(triggers)
    assert recording.meta == {"serial": "42"}
    assert (recording.source, recording.sensor) == ("s:b", Sensor(8, 8))


def test_a_recording_keeps_its_own_sensor(path: Path) -> None:
    with EventStore.open(path) as store:
        recording = stored_recording(store, "a", name="s")
        assert recording.sensor == Sensor(4, 4)
        assert list(recording.side) == []
        assert np.array_equal(recording.load().t, [1])


def test_one_of_several_must_be_named(path: Path, tmp_path: Path) -> None:
    with EventStore.open(path) as store:
        with pytest.raises(InvalidInput, match="s holds 2 recordings") as e:
            stored_recording(store, None, name="s")
        assert "'a'" in e.value.hint
        with pytest.raises(NotFound, match="no recording 'c'"):
            stored_recording(store, "c", name="s")
    with StoreWriter.create(tmp_path / "none.zarr", Sensor(8, 8)):
        pass
    with (
        EventStore.open(tmp_path / "none.zarr") as empty,
        pytest.raises(InvalidInput, match="holds 0 recordings"),
    ):
        stored_recording(empty, None, name="none")
