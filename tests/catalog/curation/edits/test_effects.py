"""What edits leave of events: the same whatever the packets, and the clock stays."""

from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from catalog.curation.edits.edit import Edit, Kind
from catalog.curation.edits.effects import (
    Window,
    change_of,
    edits_in,
    effect_on,
    kept_events,
)
from eventstore.append import StoreWriter
from eventstore.events import Events, Sensor
from eventstore.rewrite import edit_recordings
from eventstore.side import SideTable
from eventstore.store import EventStore

SENSOR = Sensor(4, 3)


def make(kind: Kind, number: int = 1, **parameters: object) -> Edit:
    return Edit(
        kind=kind,
        recording_id="a",
        digest="ab",
        reason="why",
        parameters=parameters,
        number=number,
    )


@given(
    st.lists(st.tuples(st.integers(0, 99), st.integers(0, 3), st.integers(0, 2)), max_size=40),
    st.integers(0, 90),
    st.integers(1, 60),
    st.sets(st.tuples(st.integers(0, 3), st.integers(0, 2)), min_size=1, max_size=4),
)
def test_trims_and_masks_leave_what_they_say(
    rows: list[tuple[int, int, int]], start: int, length: int, pixels: set[tuple[int, int]]
) -> None:
    rows = sorted(rows)
    t, x, y = (np.array([row[k] for row in rows], np.int64) for k in range(3))
    events = Events.of(t=t, x=x, y=y)
    edits = [
        make(Kind.TRIM, from_us=start, to_us=start + length),
        make(Kind.MASK, pixels=[list(pixel) for pixel in pixels]),
    ]
    left = kept_events(edits, SENSOR)(events)
    expected = [r for r in rows if start <= r[0] < start + length and r[1:] not in pixels]
    assert list(zip(left.t.tolist(), left.x.tolist(), left.y.tolist(), strict=True)) == expected


def test_several_trims_keep_what_all_keep() -> None:
    trims = [make(Kind.TRIM, from_us=5, to_us=50), make(Kind.TRIM, from_us=0, to_us=30)]
    assert Window.of(trims) == (5, 30)


def test_a_change_carries_them_out_and_says_so(tmp_path: Path) -> None:
    path = tmp_path / "events.zarr"
    events = Events.of(t=range(0, 100, 10), x=[0, 1] * 5, y=[0] * 10)
    imu = SideTable.of("imu", {"t": [995, 1_005, 1_045, 1_200], "gyro_z": [0, 1, 2, 3]})
    with StoreWriter.create(path, SENSOR) as writer:
        writer.append("a", [events], t_origin_us=1_000, side={"imu": [imu]})
    edits = [make(Kind.TRIM, 3, from_us=20, to_us=91), make(Kind.MASK, 4, pixels=[[1, 0]])]
    with EventStore.open(path) as store:
        effect = effect_on(store, 0, edits)
        change = change_of(store, 0, edits)
        before = store.recordings.digests[0].hex()
    assert effect == (4, 6, 81)
    edit_recordings(path, {"a": change})
    with EventStore.open(path) as store:
        assert store.read("a").t.tolist() == [20, 40, 60, 80]
        assert (store.recordings.t_stop[0], store.recordings.t_origin_us[0]) == (81, 1_000)
        # the trim cut at the front alone: what lies behind the last event stays
        assert store.side("a")["imu"].columns["t"].tolist() == [45, 200]
        assert edits_in(store.recordings.provenance(0)) == {3: before, 4: before}


def test_provenance_of_other_tools_is_no_hindrance() -> None:
    assert edits_in({"edits": "some"}) == edits_in({}) == {}
