"""Side streams enter with their recording, whole or not at all, and read back exactly."""

import tempfile
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventstore.append import StoreWriter
from eventstore.digest import NO_DIGEST, SideDigest
from eventstore.errors import FormatError, InvalidInput, NotFound
from eventstore.events import Events, Sensor
from eventstore.readers.open import read_file
from eventstore.schema import Layout
from eventstore.side import SideTable
from eventstore.store import EventStore
from eventstore.verify import check_store

SENSOR = Sensor(8, 8)
SMALL = Layout(chunk_events=4, shard_events=16, table_rows=4)

pytestmark = pytest.mark.usefixtures("instant_sync")


def table(kind: str, n: int, seed: int) -> SideTable:
    """Return n random rows; frames of a few pixels each, some of them empty."""
    rng = np.random.default_rng(seed)
    t = rng.integers(-50, 1000, n)
    if kind == "triggers":
        return SideTable.of(kind, {"t": t, "channel": rng.integers(0, 3, n)})
    if kind == "imu":
        return SideTable.of(kind, {"t": t, "gyro_x": rng.normal(size=n)})
    width, bits = rng.integers(0, 9, n), rng.choice([8, 16], n)
    columns = {"t": t, "t_stop": t + 5, "width": width, "height": np.full(n, 3), "bits": bits}
    pixels = rng.integers(0, 256, int((3 * width * bits // 8).sum()))
    return SideTable.of(kind, {**columns, "pixels": pixels})


KINDS = ("frames", "imu", "triggers")
RECORDINGS = st.lists(
    st.dictionaries(st.sampled_from(KINDS), st.integers(0, 40), max_size=3), max_size=5
)


@settings(max_examples=12)
@given(RECORDINGS, st.integers(0, 99), st.sampled_from(["once", "publish", "reopen"]))
def test_what_is_appended_reads_back(
    recordings: list[dict[str, int]], seed: int, between: str
) -> None:
    tables = [
        {kind: table(kind, n, seed + i) for kind, n in sizes.items()}
        for i, sizes in enumerate(recordings)
    ]
    rng = np.random.default_rng(seed)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "events.zarr"
        StoreWriter.create(path, SENSOR, layout=SMALL).close()
        writer = StoreWriter.open(path)
        for i, side in enumerate(tables):
            streams = {kind: parts(one.shifted(1000 * i), rng) for kind, one in side.items()}
            writer.append(f"r{i}", [], t_origin_us=1000 * i, side=streams)
            if between != "once":
                writer.publish()
            if between == "reopen":
                writer.close()
                writer = StoreWriter.open(path)
        writer.publish()
        writer.close()
        store = EventStore.open(path)
        for i, side in enumerate(tables):
            found = store.side(f"r{i}")
            assert set(found) == {kind for kind, one in side.items() if len(one)}
            for kind in found:
                assert found[kind].equals(side[kind])
            assert store.recordings.side_digests[i] == digest(list(side.values()))
        kinds = {kind for sizes in recordings for kind, n in sizes.items() if n}
        assert set(store.head.side_kinds()) == kinds
        assert {p.name for p in (path / "side").glob("*") if p.is_dir()} == kinds
        assert check_store(store) == []


def parts(one: SideTable, rng: np.random.Generator) -> Iterator[SideTable]:
    cuts = [0, *np.sort(rng.integers(0, len(one) + 1, 2)).tolist(), len(one)]
    return (one.rows(a, b) for a, b in pairwise(cuts))


def digest(tables: Sequence[SideTable]) -> bytes:
    side = SideDigest()
    for one in tables:
        side.update(one)
    return side.digest()


def content(path: Path) -> dict[str, bytes]:
    return {str(p.relative_to(path)): p.read_bytes() for p in path.rglob("*") if p.is_file()}


def failing(tables: Sequence[SideTable]) -> Iterator[SideTable]:
    yield from tables
    message = "frame cut short"
    raise FormatError(message, path="a.aedat4", offset=7)


@pytest.mark.parametrize("n", [0, 3, 40])
@pytest.mark.parametrize("kind", KINDS)
def test_a_failing_stream_leaves_no_trace_of_its_recording(
    tmp_path: Path, kind: str, n: int
) -> None:
    events = Events.of(t=range(50), x=[1] * 50)
    for name in ("clean", "path"):
        with StoreWriter.create(tmp_path / name, SENSOR, layout=SMALL) as writer:
            writer.append("a", [events], side={"imu": [table("imu", 5, 1)]})
            if name == "path":
                side = {"imu": [table("imu", 30, 2)], kind: failing([table(kind, n, 3)])}
                with pytest.raises(FormatError, match="frame cut short"):
                    writer.append("bad", [events], side=side)
            writer.append("b", [events], side={"triggers": [table("triggers", 5, 4)]})
    assert content(tmp_path / "path") == content(tmp_path / "clean")


def test_streams_of_the_wrong_kind_are_refused(tmp_path: Path) -> None:
    with StoreWriter.create(tmp_path / "a.zarr", SENSOR) as writer:
        with pytest.raises(InvalidInput, match="a table of triggers among the imu"):
            writer.append("a", [], side={"imu": [table("triggers", 1, 0)]})
        with pytest.raises(NotFound, match="no kind of side stream 'gyro'"):
            writer.append("a", [], side={"gyro": []})
        row = writer.append("a", [], side={"imu": [], "frames": [SideTable.empty("frames")]})
    assert row.side_digest == NO_DIGEST
    assert not (tmp_path / "a.zarr" / "side").exists()


def test_side_streams_are_part_of_the_stores_digest(tmp_path: Path) -> None:
    digests = set()
    for seed in range(3):
        path = tmp_path / f"{seed}.zarr"
        with StoreWriter.create(path, SENSOR) as writer:
            writer.append("a", [], side={"imu": [table("imu", 2, seed)]} if seed else None)
        digests.add(EventStore.open(path).digest)
    assert len(digests) == 3


@pytest.mark.parametrize("name", ["davis346.aedat4", "dvxplorer.aedat4"])
def test_real_side_streams_are_kept_exactly(shared_data: Path, tmp_path: Path, name: str) -> None:
    recording = read_file(shared_data / "recordings" / name)
    path, origin_us = tmp_path / "a.zarr", 1_500_000_000_000_000
    with StoreWriter.create(path, recording.sensor) as writer:
        streams = {kind: stream() for kind, stream in recording.side.items()}
        writer.append("a", [], t_origin_us=origin_us, side=streams)
    store = EventStore.open(path)
    assert check_store(store) == []
    found = store.side("a")
    for kind, stream in recording.side.items():
        whole = SideTable.concatenate(kind, list(stream()))
        assert found.size(kind) == len(whole)
        if len(whole):
            assert found[kind].equals(whole.shifted(-origin_us))


def test_kinds_that_a_killed_writer_began_are_cleared_away(tmp_path: Path) -> None:
    path = tmp_path / "a.zarr"
    with StoreWriter.create(path, SENSOR, layout=SMALL) as writer:
        writer.append("a", [])
    root = (path / "zarr.json").read_bytes()
    with StoreWriter.open(path) as writer:
        writer.append("b", [], side={"frames": [table("frames", 40, 1)]})
    (path / "zarr.json").write_bytes(root)  # as if it had been killed before the last step
    StoreWriter.open(path).close()
    assert not (path / "side").exists()
    assert check_store(EventStore.open(path)) == []
