"""Changes of recordings: what is left of packets and side streams, and what is said of it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.changing import Change, changed_packets, rows_during
from eventstore.digest import LogicalDigest
from eventstore.errors import IntegrityError
from eventstore.events import Events, Sensor
from eventstore.recordings import RecordingRow
from eventstore.side import SideTable

SENSOR = Sensor(8, 6)


def row_of(events: Events) -> RecordingRow:
    digest = LogicalDigest(SENSOR)
    digest.update(events)
    return RecordingRow(
        recording_id="a",
        start=0,
        n_events=len(events),
        t_origin_us=0,
        t_stop=0,
        sensor=SENSOR,
        digest=digest.digest(),
        side_digest=bytes(32),
        source_sha256=bytes(32),
    )


def test_notes_go_behind_those_that_are_there() -> None:
    change = Change(digest=bytes(32), notes=({"edit": 2},))
    assert change.provenance({"source": "a"}) == {"source": "a", "edits": [{"edit": 2}]}
    assert change.provenance({"edits": [{"edit": 1}]})["edits"] == [{"edit": 1}, {"edit": 2}]


@given(st.integers(0, 60), st.integers(1, 9))
def test_packets_are_cut_whatever_their_size(start: int, size: int) -> None:
    events = Events.of(t=np.arange(50), x=np.arange(50) % 8, y=[0] * 50)
    change = Change(digest=bytes(32), events=lambda packet: packet[packet.t >= start])
    packets = (events[at : at + size] for at in range(0, 50, size))
    left = Events.gather(changed_packets(packets, row_of(events), change, "store"))
    assert left.equals(events[start:])


def test_other_packets_than_were_recorded_are_refused() -> None:
    events = Events.of(t=[1, 2], x=[0, 1])
    change = Change(digest=bytes(32), events=lambda packet: packet[:0])
    with pytest.raises(IntegrityError, match="'a' of store is not what was recorded"):
        list(changed_packets(iter([events[:1]]), row_of(events), change, "store"))


@given(st.lists(st.integers(-20, 20), max_size=8), st.integers(-25, 25), st.integers(0, 30))
def test_frames_keep_their_pixels(times: list[int], start: int, length: int) -> None:
    sizes = [1 + k % 3 for k in range(len(times))]
    columns = {"t": times, "width": sizes, "height": [2] * len(times)}
    pixels = [k for k, size in enumerate(sizes) for _ in range(2 * size)]
    table = SideTable.of("frames", {**columns, "pixels": pixels})
    kept = [k for k, t in enumerate(times) if start <= t < start + length]
    part = rows_during(table, start, start + length)
    assert part.columns["t"].tolist() == [times[k] for k in kept]
    for row, k in enumerate(kept):
        assert np.array_equal(part.image(row), table.image(k))
