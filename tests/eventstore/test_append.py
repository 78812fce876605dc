"""Appending: whole recordings or nothing, at the published end, one writer at a time."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import TypeAlias

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventstore.append import StoreWriter
from eventstore.codecs import TIERS, Tier
from eventstore.digest import NO_DIGEST, logical_digest
from eventstore.errors import AlreadyExists, Conflict, FormatError, InvalidInput, NotFound
from eventstore.events import Events, Sensor
from eventstore.exchange import next_place, old_place
from eventstore.recordings import RecordingRow
from eventstore.schema import Layout
from eventstore.side import SideTable
from eventstore.staged_events import StagedEvents, stage_events
from eventstore.store import EventStore
from eventstore.verify import check_store

SENSOR = Sensor(34, 20)

pytestmark = pytest.mark.usefixtures("instant_sync")

MakeEvents = Callable[..., Events]

Described: TypeAlias = list[tuple[RecordingRow, dict[str, object]]]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "events.zarr"


def one(t: int = 1, x: int = 1) -> list[Events]:
    return [Events.of(t=[t], x=[x])]


def failing(packets: list[Events]) -> Iterator[Events]:
    yield from packets
    message = "record cut short"
    raise FormatError(message, path="a.bin", offset=7)


def content(path: Path) -> dict[str, bytes]:
    return {str(p.relative_to(path)): p.read_bytes() for p in path.rglob("*") if p.is_file()}


def test_appending_later_equals_appending_at_once(
    path: Path, tmp_path: Path, make_events: MakeEvents, small: Layout
) -> None:
    once = tmp_path / "once.zarr"
    with StoreWriter.create(once, SENSOR, layout=small) as writer:
        for i in range(6):
            writer.append(f"r{i}", [make_events(40 + i, i)])
    StoreWriter.create(path, SENSOR, layout=small).close()
    for i in range(6):
        with StoreWriter.open(path) as writer:
            writer.append(f"r{i}", [make_events(40 + i, i)])
    assert content(path) == content(once)
    assert check_store(EventStore.open(path)) == []


@pytest.mark.parametrize("length", [0, 5, 16, 40, 64, 200])
def test_a_failing_recording_leaves_no_trace(
    path: Path, tmp_path: Path, make_events: MakeEvents, small: Layout, length: int
) -> None:
    clean = tmp_path / "clean.zarr"
    for place, fails in ((clean, False), (path, True)):
        with StoreWriter.create(place, SENSOR, layout=small) as writer:
            writer.append("a", [make_events(70)])
            if fails:
                with pytest.raises(FormatError, match="record cut short"):
                    writer.append("bad", failing([make_events(length, 1)]))
                assert "bad" not in writer.recording_ids
            writer.append("b", [make_events(70, 2)])
    assert content(path) == content(clean)


def test_an_exception_in_the_block_publishes_nothing(path: Path) -> None:
    StoreWriter.create(path, SENSOR).close()

    def append_one_good_one_bad() -> None:
        with StoreWriter.open(path) as writer:
            writer.append("a", one())
            writer.append("bad", failing([]))

    with pytest.raises(FormatError):
        append_one_good_one_bad()
    assert EventStore.open(path).n_recordings == 0
    with StoreWriter.open(path) as writer:
        writer.append("a", one())
    assert EventStore.open(path).n_recordings == 1


def test_ids_are_used_once(path: Path) -> None:
    with StoreWriter.create(path, SENSOR) as writer:
        writer.append("a", one())
        with pytest.raises(AlreadyExists, match=r"recording 'a' is in .*events\.zarr already"):
            writer.append("a", one())
    with StoreWriter.open(path) as writer, pytest.raises(AlreadyExists):
        writer.append("a", one())


@pytest.mark.parametrize("name", ["", "a\tb", "a\n"])
def test_ids_that_would_break_tables_are_refused(path: Path, name: str) -> None:
    with StoreWriter.create(path, SENSOR) as writer, pytest.raises(InvalidInput, match="id"):
        writer.append(name, one())


def test_time_running_back_is_refused(path: Path) -> None:
    with StoreWriter.create(path, SENSOR) as writer:
        with pytest.raises(InvalidInput, match="'a' row 1: time runs backwards from 9 to 5 µs"):
            writer.append("a", [*one(9), *one(5)])
        assert writer.n_events == 0


def test_events_must_lie_in_their_sensor(path: Path) -> None:
    with StoreWriter.create(path, SENSOR) as writer:
        with pytest.raises(InvalidInput, match="'a' is audio, the store is vision"):
            writer.append("a", one(), sensor=Sensor.audio(4))
        with pytest.raises(InvalidInput, match="row 0: x = 8 is outside 0 … 7"):
            writer.append("a", one(x=8), sensor=Sensor(8, 8))
        writer.append("a", one(x=7), sensor=Sensor(8, 8))
    assert EventStore.open(path).recordings.sensor(0) == Sensor(8, 8)


def test_the_stores_sensor_grows_to_hold_all(path: Path) -> None:
    with StoreWriter.create(path, SENSOR) as writer:
        row = writer.append("a", one())
        with pytest.raises(InvalidInput, match="x = 50 is outside 0 … 39"):
            writer.append("bad", one(x=50), sensor=Sensor(40, 10))
        assert writer.sensor == SENSOR
        writer.append("b", one(x=39), sensor=Sensor(40, 10))
        assert writer.sensor == Sensor(40, 20)
        with pytest.raises(InvalidInput, match="x = 41 is outside 0 … 39"):
            writer.append("c", one(x=41))
    store = EventStore.open(path)
    assert store.sensor == Sensor(40, 20)
    assert store.recordings[0] == row  # its digest too: it is of its own sensor
    assert check_store(store) == []
    with StoreWriter.open(path) as writer:
        assert writer.sensor == Sensor(40, 20)
        writer.append("d", one(), sensor=Sensor(1200, 700))
    assert EventStore.open(path).sensor == Sensor(1200, 700)


def test_channels_grow_too(path: Path) -> None:
    with StoreWriter.create(path, Sensor.audio(4)) as writer:
        writer.append("a", one(x=9), sensor=Sensor.audio(64))
    assert EventStore.open(path).sensor == Sensor.audio(64)


def test_what_is_no_json_is_no_provenance(path: Path) -> None:
    with StoreWriter.create(path, SENSOR) as writer:
        for odd in ({"a": object()}, {"a": float("nan")}, {"a": "\ud800"}):
            with pytest.raises(InvalidInput, match="provenance is not JSON"):
                writer.append("a", one(), provenance=odd)
        writer.append("a", one(), provenance={"b": [1], "a": "µ"})
    assert EventStore.open(path).recordings.provenance_text(0) == '{"a":"µ","b":[1]}'


def test_provenance_is_no_part_of_the_digest(path: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.zarr"
    for place, provenance in ((path, None), (other, {"source": "a.raw"})):
        with StoreWriter.create(place, SENSOR) as writer:
            writer.append("a", one(), provenance=provenance)
    assert EventStore.open(path).digest == EventStore.open(other).digest


@pytest.mark.parametrize("tier", sorted(TIERS))
def test_each_tier_holds_the_same_events(
    path: Path, make_events: MakeEvents, small: Layout, tier: Tier
) -> None:
    with StoreWriter.create(path, SENSOR, layout=small, tier=tier) as writer:
        writer.append("a", [make_events(70)])
    with StoreWriter.open(path) as writer:
        assert writer.tier == tier
        writer.append("b", [make_events(70, 1)])
    store = EventStore.open(path)
    assert store.head.tier == tier
    assert [store.read(i).equals(make_events(70, i)) for i in range(2)] == [True, True]
    assert store.recordings[0].digest == logical_digest(make_events(70), SENSOR)
    assert check_store(store) == []


def test_there_are_no_other_tiers(path: Path) -> None:
    with pytest.raises(NotFound, match="no tier 'quick'"):
        StoreWriter.create(path, SENSOR, tier="quick")  # type: ignore[arg-type]
    assert not path.exists()


def test_bytes_do_not_depend_on_threads(
    path: Path, tmp_path: Path, make_events: MakeEvents, small: Layout
) -> None:
    places = {1: path, 4: tmp_path / "four.zarr"}
    for threads, place in places.items():
        with StoreWriter.create(place, SENSOR, layout=small, threads=threads) as writer:
            for i in range(4):
                writer.append(f"r{i}", [make_events(50, i)])
    assert content(places[1]) == content(places[4])


def test_source_sums_have_32_bytes(path: Path) -> None:
    with StoreWriter.create(path, SENSOR) as writer:
        with pytest.raises(InvalidInput, match="source_sha256 has 3 bytes"):
            writer.append("a", one(), source_sha256=b"abc")
        writer.append("a", one(), source_sha256=bytes(range(32)))
    assert EventStore.open(path).recordings.source_sha256 == [bytes(range(32))]


def test_a_second_writer_is_refused(path: Path) -> None:
    with StoreWriter.create(path, SENSOR):
        with pytest.raises(Conflict, match="another writer"):
            StoreWriter.open(path)
        with pytest.raises(Conflict, match="another writer"):
            StoreWriter.create(path, SENSOR)
    StoreWriter.open(path).close()


def test_create_refuses_what_is_there(path: Path) -> None:
    StoreWriter.create(path, SENSOR).close()
    with pytest.raises(AlreadyExists, match="there is a store"):
        StoreWriter.create(path, SENSOR)
    other = path.with_name("notes")
    other.mkdir()
    (other / "text.md").touch()
    with pytest.raises(AlreadyExists, match="is not an event store"):
        StoreWriter.create(other, SENSOR)
    with pytest.raises(NotFound, match="no event store at"):
        StoreWriter.open(other)


def test_the_writer_knows_its_rows(path: Path, make_events: MakeEvents) -> None:
    with StoreWriter.create(path, SENSOR) as writer:
        row = writer.append("a", [make_events(30)], t_origin_us=5)
        assert writer.row("a") == row
        assert (writer.n_events, writer.n_recordings, writer.n_unpublished) == (30, 1, 30)
        writer.publish()
        assert writer.n_unpublished == 0
        with pytest.raises(NotFound, match="no recording 'b'"):
            writer.row("b")
    assert EventStore.open(path).recordings[0] == row


def test_a_linked_tail_shard_is_replaced_not_written(
    path: Path, tmp_path: Path, make_events: MakeEvents, small: Layout
) -> None:
    with StoreWriter.create(path, SENSOR, layout=small) as writer:
        writer.append("a", [make_events(30)])
    shard, sealed = path / "events" / "t" / "c" / "0", tmp_path / "KEY"
    shard.rename(sealed)
    shard.symlink_to(sealed)
    before = sealed.read_bytes()
    with StoreWriter.open(path) as writer:
        writer.append("b", [make_events(30, 1)])
    assert sealed.read_bytes() == before
    assert check_store(EventStore.open(path)) == []


def test_events_that_lost_their_root_are_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "events.zarr"
    events = Events.of(t=[1], x=[1], y=[1], p=[1])
    with StoreWriter.create(path, Sensor(34, 34)) as writer:
        writer.append("a", [events])
    (path / "zarr.json").unlink()
    before = sorted(file.read_bytes() for file in path.glob("events/*/c/0"))
    with pytest.raises(AlreadyExists, match=r"holds events, but its zarr\.json is gone"):
        StoreWriter.create(path, Sensor(34, 34))
    assert sorted(file.read_bytes() for file in path.glob("events/*/c/0")) == before


def test_a_rewrite_that_was_killed_is_cleared_away(path: Path, make_events: MakeEvents) -> None:
    with StoreWriter.create(path, SENSOR) as writer:
        writer.append("a", [make_events(30)])
    next_place(path).mkdir()
    path.rename(old_place(path))  # where folders cannot be exchanged at once
    with pytest.raises(AlreadyExists, match="there is a store at"):
        StoreWriter.create(path, SENSOR)
    with StoreWriter.open(path) as writer:
        writer.append("b", [make_events(30, 1)])
    assert [p.name for p in path.parent.iterdir()] == ["events.zarr"]
    assert EventStore.open(path).recordings.ids == ["a", "b"]


def test_a_link_leads_to_the_one_writer(path: Path) -> None:
    StoreWriter.create(path, SENSOR).close()
    link = path.with_name("link.zarr")
    link.symlink_to(path)
    with StoreWriter.open(link) as writer:
        with pytest.raises(Conflict, match="another writer"):
            StoreWriter.open(path)
        writer.append("a", one())
    assert EventStore.open(path).n_recordings == 1


def staged(path: Path, packets: list[Events], first_row: int, layout: Layout) -> StagedEvents:
    """Encode events away from the writer."""
    return stage_events(
        path,
        packets,
        first_row=first_row,
        chunk=layout.chunk_events,
        columns=SENSOR.columns,
        tier="archive",
    )


@settings(max_examples=12)
@given(
    sizes=st.lists(st.integers(0, 90), min_size=1, max_size=5),
    before=st.integers(0, 70),
    cuts=st.lists(st.integers(0, 300), max_size=3),
)
def test_events_encoded_elsewhere_make_the_same_store(
    sizes: list[int],
    before: int,
    cuts: list[int],
    *,
    small: Layout,
    make_events: MakeEvents,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("encoded")
    tables = [make_events(n, k) for k, n in enumerate(sizes)]
    rows: Described = []
    for name in ("plain", "encoded"):
        with StoreWriter.create(folder / name, SENSOR, layout=small) as writer:
            writer.append("before", [make_events(before)])
            if name == "plain":
                for k, table in enumerate(tables):
                    told: dict[str, object] = {"source": str(k)}
                    row = writer.append(f"r{k}", [table], t_origin_us=k, provenance=told)
                    rows.append((replace(row, start=-1), told))
                continue
            events = Events.concatenate(tables)
            at, pieces = before, list[StagedEvents]()
            for start, stop in pairwise(
                [0, *sorted(min(c, len(events)) for c in cuts), len(events)]
            ):
                place = folder / f"piece-{start}-{stop}-{len(pieces)}"
                pieces.append(staged(place, [events[start:stop]], at, small))
                at += stop - start
            writer.append_encoded(rows, iter(pieces))
    assert content(folder / "encoded") == content(folder / "plain")


class TestAppendEncoded:
    def test_of_several_recordings_all_enter_or_none(self, path: Path, small: Layout) -> None:
        with StoreWriter.create(path, SENSOR, layout=small) as writer:
            row = writer.append("a", [Events.of(t=range(50), x=[1] * 50)])
            known: Described = [(replace(row, recording_id=name), {}) for name in ("b", "c")]
            piece = staged(path / ".x.partial", [Events.of(t=range(99), x=[1] * 99)], 50, small)
            with pytest.raises(Conflict, match="99 events came for recordings of 100"):
                writer.append_encoded(known, [piece])
            with pytest.raises(AlreadyExists, match="'a' is in"):
                writer.append_encoded([*known, (row, {})], [piece])
            with pytest.raises(FormatError, match="record cut short"):
                writer.append_encoded(known, failing_pieces(piece))
            piece.discard()
            assert writer.recording_ids == {"a"}
            assert writer.n_events == 50
        assert EventStore.open(path).recordings.ids == ["a"]
        assert check_store(EventStore.open(path)) == []

    def test_side_streams_go_with_a_single_recording(self, path: Path, small: Layout) -> None:
        triggers = SideTable.of("triggers", {"t": [1005], "edge": [1]})
        side = {"triggers": [triggers]}
        with StoreWriter.create(path, SENSOR, layout=small) as writer:
            row = writer.append("a", one(), t_origin_us=1000, side=side)
            piece = staged(path / ".x.partial", one(), 1, small)
            without = replace(row, recording_id="b", side_digest=NO_DIGEST)
            writer.append_encoded([(without, {})], [piece], side=side)
            piece.discard()
        store = EventStore.open(path)
        assert store.recordings[1].side_digest == row.side_digest
        assert store.side("b")["triggers"].columns["t"].tolist() == [5]
        assert check_store(store) == []


def failing_pieces(piece: StagedEvents) -> Iterator[StagedEvents]:
    yield piece
    message = "record cut short"
    raise FormatError(message, path="a.bin", offset=7)
