"""What can be drawn."""

from pathlib import Path

import numpy as np
import pytest

from eventstore.errors import InvalidInput
from eventstore.events import Events, Sensor
from eventstore.plot.subject import subject_of
from eventstore.readers.open import read_file
from eventstore.store import EventStore
from eventstore.stored_recording import stored_recording
from eventstore.writers.atis import write_atis


def test_recordings_of_files_and_stores_know_their_sensors(
    sample_store: Path, tmp_path: Path
) -> None:
    with EventStore.open(sample_store) as store:
        events, sensor = subject_of(stored_recording(store, "r5", name="s"))
        assert (len(events), sensor) == (45, store.sensor)
        assert subject_of(store.read("r5")).sensor.width <= store.sensor.width
    write_atis(tmp_path / "a.bin", Events.of(t=[5], x=[1], y=[2]))
    read = read_file(tmp_path / "a.bin", sensor=Sensor(9, 9))
    assert subject_of(read).sensor == Sensor(9, 9)


def test_anything_else_is_refused_with_what_is_wanted() -> None:
    with pytest.raises(InvalidInput, match="ndarray cannot be drawn") as told:
        subject_of(np.zeros((3, 4)))
    assert "Events.of(t=…" in told.value.hint
