"""The recordings table says where and what each recording is."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.append import StoreWriter
from eventstore.digest import NO_DIGEST, logical_digest
from eventstore.errors import IntegrityError, NotFound
from eventstore.events import Sensor
from eventstore.recordings import store_digest
from eventstore.schema import Layout
from eventstore.store import EventStore
from eventstore.tables import encode_texts


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
    assert row.source_sha256 == row.side_digest == NO_DIGEST
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
    rows = [(name, digest, NO_DIGEST) for name, digest in table.items()]
    assert store_digest(rows) == store_digest(reversed(rows))
    for i, (name, digest, _) in enumerate(rows):
        other = digest[:-1] + bytes([digest[-1] ^ 1])
        for changed in ((name, other, NO_DIGEST), (name, digest, b"s" * 32)):
            assert store_digest([*rows[:i], changed, *rows[i + 1 :]]) != store_digest(rows)
        assert store_digest(rows[:i] + rows[i + 1 :]) != store_digest(rows)


def test_provenance_is_what_was_given(tmp_path: Path) -> None:
    path = tmp_path / "events.zarr"
    layout = Layout(table_rows=32)  # two texts a chunk
    given_ = [{"source": f"{i}.raw", "repairs": {"sort": i}, "header": "µ\n"} for i in range(5)]
    with StoreWriter.create(path, Sensor(4, 4), layout=layout) as writer:
        writer.append("none", [])
        for i, provenance in enumerate(given_):
            writer.append(f"r{i}", [], provenance=provenance)
    table = EventStore.open(path).recordings
    assert table.provenance(0) == {}
    assert [table.provenance(row) for row in (5, 1, 2, 3, 4)] == [given_[-1], *given_[:-1]]


def test_provenance_that_is_no_json_is_damaged(tmp_path: Path) -> None:
    path = tmp_path / "events.zarr"
    with StoreWriter.create(path, Sensor(4, 4)) as writer:
        writer.append("a", [])
    chunk = path / "recordings" / "provenance" / "c" / "0"
    chunk.write_bytes(encode_texts(["{"], 4096))
    with pytest.raises(IntegrityError, match="recording 'a': provenance is not JSON"):
        EventStore.open(path).recordings.provenance(0)
    chunk.write_bytes(encode_texts(["[1]"], 4096))
    with pytest.raises(IntegrityError, match="recording 'a': provenance is not a JSON object"):
        EventStore.open(path).recordings.provenance(0)
