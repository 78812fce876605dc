"""Where the events of a film come from."""

from pathlib import Path

import numpy as np
import pytest

from eventstore.append import StoreWriter
from eventstore.errors import InvalidInput, NotFound
from eventstore.events import Events, Sensor
from eventstore.video.source import FootageQuery, open_footage
from eventstore.writers.atis import write_atis


def test_a_slice_of_a_store_reads_no_other_events(sample_store: Path) -> None:
    query = FootageQuery(recording="r5", from_us=20, to_us=60)
    footage = open_footage(sample_store, query)
    with footage.keep_open:
        t = np.concatenate([packet.t for packet in footage.packets])
        assert ((t >= 20) & (t < 60)).all()
        assert len(t)
        assert (footage.start_us, footage.stop_us) == (20, 60)


def test_times_count_from_the_start_whatever_the_clock_of_a_file(tmp_path: Path) -> None:
    far = (1 << 40) + 5  # no clock that began with the recording
    events = Events.of(t=[far, far + 4], x=[1, 2], y=[0, 1])
    (tmp_path / "a.txt").write_text(
        "".join(f"{t / 1e6:.6f} {x} {y} {p}\n" for t, x, y, p in zip(*events, strict=True))
    )
    footage = open_footage(tmp_path / "a.txt", FootageQuery(sensor=Sensor(4, 4)))
    assert [packet.t.tolist() for packet in footage.packets] == [[0, 4]]
    assert footage.stop_us is None
    write_atis(tmp_path / "a.bin", Events.of(t=[5, 9], x=[1, 2], y=[0, 1]))
    footage = open_footage(tmp_path / "a.bin", FootageQuery())
    assert [packet.t.tolist() for packet in footage.packets] == [[5, 9]]  # its clock starts at 0


def test_what_cannot_be_shown_is_refused(sample_store: Path, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="holds 12 recordings"):
        open_footage(sample_store, FootageQuery())
    with pytest.raises(NotFound, match="no recording 'r99'"):
        open_footage(sample_store, FootageQuery(recording="r99"))
    with pytest.raises(InvalidInput, match="is a store: it has no parts"):
        open_footage(sample_store, FootageQuery(part="a"))
    with pytest.raises(InvalidInput, match="slice from 5 µs to 5 µs is empty"):
        FootageQuery(from_us=5, to_us=5)
    with StoreWriter.create(tmp_path / "events.zarr", Sensor.audio(8)) as writer:
        writer.append("tone", [Events.of(t=[1], x=[1])])
    with pytest.raises(InvalidInput, match="is of a cochlea") as told:
        open_footage(tmp_path / "events.zarr", FootageQuery())
    assert "plot.raster" in told.value.hint
