"""Long runs of all columns, read at once, equal what columns give one by one."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import accumulate, pairwise
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.append import StoreWriter
from eventstore.codecs import Tier
from eventstore.errors import IntegrityError, InvalidInput
from eventstore.events import Events, Sensor
from eventstore.long_runs import LongRuns
from eventstore.schema import Layout
from eventstore.store import EventStore

LAYOUT = Layout(chunk_events=64, shard_events=512)
N = 2_100
"""Events: four shards full, and one with a last chunk that is not."""

SENSORS = {"vision": Sensor(34, 20), "audio": Sensor.audio(64)}


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, Tier], EventStore]:
    found = {}
    for modality, sensor in SENSORS.items():
        for tier in get_args(Tier):
            path = tmp_path_factory.mktemp("stores") / "events.zarr"
            with StoreWriter.create(path, sensor, layout=LAYOUT, tier=tier) as writer:
                writer.append("a", [events_of(sensor)])
            found[modality, tier] = EventStore.open(path)
    return found


def events_of(sensor: Sensor) -> Events:
    rng = np.random.default_rng(3)
    return Events.of(
        t=np.cumsum(rng.integers(0, 90, N)),
        x=rng.integers(0, sensor.width, N),
        y=rng.integers(0, sensor.height, N),
        p=rng.integers(0, 2, N) if sensor.modality == "vision" else None,
    )


@pytest.mark.parametrize("modality", SENSORS)
@pytest.mark.parametrize("tier", get_args(Tier))
@given(rows=st.lists(st.tuples(st.integers(0, N), st.integers(0, N)), min_size=1, max_size=4))
def test_any_runs_are_the_rows_that_were_written(
    stores: dict[tuple[str, Tier], EventStore],
    modality: str,
    tier: Tier,
    rows: list[tuple[int, int]],
) -> None:
    runs = [(min(pair), max(pair)) for pair in rows]
    written = events_of(SENSORS[modality])
    store = stores[modality, tier]
    for (start, stop), read in zip(runs, store.read_runs(runs), strict=True):
        assert read.equals(written[start:stop])
    # Into tables with gaps, which go another way.
    ends = [0, *accumulate(stop - start for start, stop in runs)]
    gaps = Events(*(np.repeat(column, 2)[::2] for column in Events.blank(ends[-1]).arrays()))
    parts = [gaps[a:b] for a, b in pairwise(ends)]
    store.read_runs_into(runs, parts)
    for (start, stop), read in zip(runs, parts, strict=True):
        assert read.equals(written[start:stop])


def test_threads_read_other_shards_meanwhile(
    stores: dict[tuple[str, Tier], EventStore],
) -> None:
    store, written = stores["vision", "archive"], events_of(SENSORS["vision"])

    def read(k: int) -> bool:
        start = k * 131 % 1_500
        return store.read_rows(start, start + 500).equals(written[start : start + 500])

    with ThreadPoolExecutor(4) as threads:
        assert all(threads.map(read, range(200)))


def test_a_chunk_that_is_damaged_is_named_and_the_store_goes_on(tmp_path: Path) -> None:
    written = events_of(SENSORS["vision"])
    path = tmp_path / "events.zarr"
    with StoreWriter.create(path, SENSORS["vision"], layout=LAYOUT) as writer:
        writer.append("a", [written])
    file = path / "events" / "x" / "c" / "1"
    data = bytearray(file.read_bytes())
    data[3] ^= 1
    file.write_bytes(bytes(data))
    store = EventStore.open(path)
    with pytest.raises(IntegrityError, match=r"events/x/c/1 at byte 0 .* events 512 … 575 are hit"):
        store.read_rows(300, 900)
    assert store.read_rows(576, 1_000).equals(written[576:1_000])
    assert store.read_rows(0, 512).equals(written[:512])


def test_a_closed_store_is_not_read_from_what_is_still_mapped(tmp_path: Path) -> None:
    path = tmp_path / "events.zarr"
    with StoreWriter.create(path, SENSORS["vision"], layout=LAYOUT) as writer:
        writer.append("a", [events_of(SENSORS["vision"])])
    store = EventStore.open(path)
    store.read_rows(0, 400)
    store.close()
    with pytest.raises(InvalidInput, match="is closed"):
        store.read_rows(0, 400)


def test_a_column_that_kernels_do_not_know_leaves_all_to_readers(
    stores: dict[tuple[str, Tier], EventStore],
) -> None:
    store = stores["vision", "archive"]
    axis = store.head.axis("events")
    unknown = {**axis.codecs, "x": replace(axis.codecs["x"], run_kind=None)}
    readers = [store.column(name) for name in axis.codecs]
    runs, tables = [(0, 900), (5, 1_800)], [Events.blank(900), Events.blank(1_795)]
    assert LongRuns(store.files, replace(axis, codecs=unknown), readers).read(runs, tables) == [
        0,
        1,
    ]
    assert LongRuns(store.files, axis, readers).read(runs, tables) == []
