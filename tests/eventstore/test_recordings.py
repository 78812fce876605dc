"""The recordings table says where and what each recording is."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.digest import logical_digest
from eventstore.errors import NotFound
from eventstore.events import Sensor
from eventstore.recordings import store_digest
from eventstore.store import EventStore


def test_rows_tell_what_was_appended(sample_store: Path) -> None:
    store = EventStore.open(sample_store)
    table = store.recordings
    assert len(table) == 12
    assert "r3" in table
    assert "r12" not in table
    assert table.offsets.tolist()[:5] == [0, 10, 27, 51, 51]
    row = table[table.row("r4")]
    assert (row.start, row.n_events, row.t_origin_us) == (51, 38, 4)
    events = store.read("r4")
    assert row.t_stop == int(events.t[-1]) + 1
    assert row.digest == logical_digest(events, Sensor(34, 20))
    assert row.source_sha256 == bytes(32)
    assert table[3].t_stop == 0


def test_columns_are_read_only(sample_store: Path) -> None:
    table = EventStore.open(sample_store).recordings
    with pytest.raises(ValueError, match="read-only"):
        table.offsets[0] = 1


def test_an_unknown_id_names_the_nearest(sample_store: Path) -> None:
    with pytest.raises(NotFound, match=r"no recording 'r111' \(known: r0, r1, r10"):
        EventStore.open(sample_store).recordings.row("r111")


@given(st.dictionaries(st.text(min_size=1, max_size=4), st.binary(min_size=32, max_size=32)))
def test_the_store_digest_ignores_order_only(table: dict[str, bytes]) -> None:
    rows = list(table.items())
    assert store_digest(rows) == store_digest(reversed(rows))
    for i, (name, digest) in enumerate(rows):
        changed = [*rows[:i], (name, digest[:-1] + bytes([digest[-1] ^ 1])), *rows[i + 1 :]]
        assert store_digest(changed) != store_digest(rows)
        assert store_digest(rows[:i] + rows[i + 1 :]) != store_digest(rows)
