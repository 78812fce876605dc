"""Which files hold a recording, checked against a search over all events."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.shards_of import all_shards, shard_keys, sharing
from eventstore.append import StoreWriter
from eventstore.errors import NotFound
from eventstore.events import Events, Sensor
from eventstore.schema import Layout
from eventstore.side import SideTable
from eventstore.store import EventStore

SIZES = (5, 0, 40, 16, 3, 1, 0, 30, 2)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> EventStore:
    """A store of recordings that begin, end and lie across shards of 16 events."""
    path = tmp_path_factory.mktemp("shards") / "events.zarr"
    layout = Layout(chunk_events=8, shard_events=16, table_rows=4)
    with StoreWriter.create(path, Sensor(4, 4), layout=layout) as writer:
        for k, n in enumerate(SIZES):
            t = np.arange(n)
            events = Events.of(t=t, x=t % 4, y=t % 3, p=t % 2)
            triggers = SideTable.of("triggers", {"t": t[:2], "channel": t[:2], "edge": t[:2] % 2})
            writer.append(f"r{k}", [events], side={"triggers": [triggers]})
    return EventStore.open(path)


@given(st.sets(st.integers(0, len(SIZES) - 1), min_size=1))
def test_shards_and_who_shares_them(store: EventStore, rows: set[int]) -> None:
    offsets = store.recordings.offsets
    shards = [
        set(range(a // 16, (b - 1) // 16 + 1)) if b > a else set()
        for a, b in pairwise(offsets.tolist())
    ]
    wanted = set().union(*(shards[row] for row in rows))
    names = [f"r{row}" for row in sorted(rows)]
    found = {key for key in shard_keys(store, names) if key.startswith("events/t/")}
    assert found == {f"events/t/c/{n}" for n in wanted}
    others = [f"r{k}" for k in range(len(SIZES)) if k not in rows and shards[k] & wanted]
    assert sharing(store, names) == others


def test_all_columns_and_side_streams_are_meant(store: EventStore) -> None:
    found = shard_keys(store, ["r2"])
    assert {key.split("/")[1] for key in found if key.startswith("events/")} == set("txyp")
    assert any(key.startswith("side/triggers/") for key in found)
    assert shard_keys(store, ["r1"]) == set()
    assert shard_keys(store, store.recordings.ids) == all_shards(store)
    with pytest.raises(NotFound):
        shard_keys(store, ["none"])


def test_frames_bring_their_pixels(tmp_path: Path) -> None:
    path = tmp_path / "events.zarr"
    layout = Layout(chunk_events=8, shard_events=16)
    with StoreWriter.create(path, Sensor(4, 4), layout=layout) as writer:
        for k in range(3):
            size = {"width": [16], "height": [16], "channels": [1], "bits": [8]}
            pixels = np.full(256, k, np.uint8)
            frame = SideTable.of("frames", {"t": [k], **size, "pixels": pixels})
            writer.append(f"r{k}", [Events.blank(0)], side={"frames": [frame]})
    with EventStore.open(path) as store:
        assert len(shard_keys(store, ["r0"])) < len(all_shards(store))
