"""Reading by row, recording and time equals numpy on the events that were written."""

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventstore.append import StoreWriter
from eventstore.errors import FormatError, IntegrityError, InvalidInput, MissingContent, NotFound
from eventstore.events import Events, Sensor
from eventstore.exchange import replacing
from eventstore.files import MappedFiles
from eventstore.schema import Layout
from eventstore.store import EventStore, open_store

SENSOR = Sensor(34, 20)
SMALL = Layout(chunk_events=16, shard_events=64, table_rows=4)


@st.composite
def recordings(draw: st.DrawFn) -> list[Events]:
    """Draw recordings with many equal times, of lengths around chunks and shards."""
    lengths = draw(st.lists(st.sampled_from([0, 1, 15, 16, 17, 64, 90]), max_size=6))
    rng = np.random.default_rng(draw(st.integers(0, 99)))
    spread = draw(st.sampled_from([1, 5, 1000]))
    return [
        Events.of(
            t=np.sort(rng.integers(0, spread, n)),
            x=rng.integers(0, 34, n),
            y=rng.integers(0, 20, n),
            p=rng.integers(0, 2, n),
        )
        for n in lengths
    ]


def split(events: Events, rng: np.random.Generator) -> list[Events]:
    cuts = np.sort(rng.integers(0, len(events) + 1, 3)).tolist()
    return [events[a:b] for a, b in zip([0, *cuts], [*cuts, len(events)], strict=True)]


@pytest.mark.usefixtures("instant_sync")
@settings(max_examples=15)
@given(tables=recordings(), seed=st.integers(0, 99))
def test_what_is_appended_in_any_packets_reads_back(tables: list[Events], seed: int) -> None:
    rng = np.random.default_rng(seed)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "events.zarr"
        with StoreWriter.create(path, SENSOR, layout=SMALL) as writer:
            for i, events in enumerate(tables):
                row = writer.append(f"r{i}", split(events, rng))
                if rng.random() < 0.3:
                    writer.publish()
                assert row.n_events == len(events)
        with EventStore.open(path) as store:
            check_against_numpy(store, tables, rng)
            digest = store.digest
        other = Path(folder) / "whole.zarr"
        with StoreWriter.create(other, SENSOR) as writer:
            for i in reversed(range(len(tables))):
                writer.append(f"r{i}", [tables[i]])
        assert EventStore.open(other).digest == digest  # neither packets, chunks nor order matter


def check_against_numpy(store: EventStore, tables: list[Events], rng: np.random.Generator) -> None:
    everything = Events.concatenate(tables)
    assert store.n_events == len(everything)
    assert store.recordings.ids == [f"r{i}" for i in range(len(tables))]
    start, stop = np.sort(rng.integers(0, len(everything) + 1, 2)).tolist()
    assert store.read_rows(start, stop).equals(everything[start:stop])
    for i, events in enumerate(tables):
        assert store.read(i).equals(events)
        for _ in range(4):
            a, b = np.sort(rng.integers(-2, 8 if rng.random() < 0.5 else 1100, 2)).tolist()
            within = (a <= events.t) & (events.t < b)
            assert store.read_time(f"r{i}", a, b).equals(events[within])


def test_audio_has_channels_and_no_polarity(tmp_path: Path) -> None:
    events = Events.of(t=[1, 2, 3], x=[0, 63, 5])
    with StoreWriter.create(tmp_path / "a.zarr", Sensor.audio(64), layout=SMALL) as writer:
        writer.append("tone", [events])
    with open_store(tmp_path / "a.zarr") as store:
        assert store.read("tone").equals(events)
        assert store.read_time("tone", 2, 4).x.tolist() == [63, 5]
        assert sorted(p.name for p in (tmp_path / "a.zarr" / "events").iterdir()) == [
            "c", "t", "zarr.json",
        ]  # fmt: skip
        with pytest.raises(NotFound, match="no column 'x'"):
            store.column("x")


def test_an_open_store_is_a_snapshot(tmp_path: Path) -> None:
    first, second = Events.of(t=[1], x=[1]), Events.of(t=[2], x=[2])
    with StoreWriter.create(tmp_path / "a.zarr", SENSOR) as writer:
        writer.append("a", [first])
        writer.publish()
        before = EventStore.open(tmp_path / "a.zarr")
        writer.append("b", [second])
    assert before.n_recordings == 1
    assert before.read("a").equals(first)
    assert EventStore.open(tmp_path / "a.zarr").read("b").equals(second)


@pytest.mark.parametrize("touched", [0, 3, 12])
def test_a_rewritten_store_is_never_mixed_with_the_old_one(
    sample_store: Path, tmp_path: Path, touched: int
) -> None:
    path = tmp_path / "events.zarr"
    shutil.copytree(sample_store, path)
    expected = EventStore.open(sample_store)
    before = EventStore.open(path)
    for i in range(touched):
        assert before.read(i).equals(expected.read(i))
    with replacing(path) as new, StoreWriter.create(new, SENSOR, layout=SMALL) as writer:
        for i in (7, 2):
            writer.append(f"r{i}", [expected.read(i).shifted(5)])
    after = EventStore.open(path)
    assert after.read("r7").equals(expected.read("r7").shifted(5))
    hints = []
    for i in range(12):
        try:
            assert before.read(i).equals(expected.read(i))
        except MissingContent as error:
            hints.append(error.hint)
    assert set(hints) <= {"the store was rewritten: open it again"}
    assert bool(hints) == (touched < 12)


def test_a_closed_store_says_so(sample_store: Path) -> None:
    with EventStore.open(sample_store) as store:
        kept = store.read("r5")
    assert len(kept) == 45
    with pytest.raises(InvalidInput, match="is closed"):
        store.read_rows(100, 101)


def test_wrong_questions_say_what_is_there(sample_store: Path) -> None:
    store = EventStore.open(sample_store)
    with pytest.raises(NotFound, match="no recording 'r77'") as caught:
        store.read("r77")
    assert "did you mean 'r7'?" in caught.value.hint
    with pytest.raises(NotFound, match="no recording row 12: the store has 12"):
        store.read(12)
    with pytest.raises(InvalidInput, match="not in the store's"):
        store.read_rows(0, store.n_events + 1)
    with pytest.raises(InvalidInput, match="ends before it starts"):
        store.read_time("r1", 5, 4)


def test_paths_that_are_no_store(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no event store at"):
        EventStore.open(tmp_path / "nowhere")
    (tmp_path / "zarr.json").write_text("{")
    with pytest.raises(FormatError, match="not JSON"):
        EventStore.open(tmp_path)
    (tmp_path / "zarr.json").write_text(json.dumps({"zarr_format": 3, "node_type": "group"}))
    with pytest.raises(FormatError, match="not an event store"):
        EventStore.open(str(tmp_path))


@pytest.mark.parametrize("column", ["t", "x", "y", "p"])
def test_every_flipped_byte_of_a_shard_is_seen(
    sample_store: Path, tmp_path: Path, column: str
) -> None:
    path = tmp_path / "events.zarr"
    shutil.copytree(sample_store, path)
    shard = path / "events" / column / "c" / "0"
    whole = shard.read_bytes()
    rng = np.random.default_rng(0)
    for at in rng.choice(len(whole), 60, replace=False).tolist():
        shard.write_bytes(whole[:at] + bytes([whole[at] ^ 0x40]) + whole[at + 1 :])
        message = rf"events/{column}/c/0 at byte \d+ is damaged: .*events \d+ … \d+ are hit"
        with pytest.raises(IntegrityError, match=message):
            EventStore.open(path).read_rows(0, 64)


def test_a_shard_cut_short_is_damaged(sample_store: Path, tmp_path: Path) -> None:
    path = tmp_path / "events.zarr"
    shutil.copytree(sample_store, path)
    shard = path / "events" / "y" / "c" / "1"
    for length in (0, 10, shard.stat().st_size - 1):
        shard.write_bytes(shard.read_bytes()[:length])
        with pytest.raises(IntegrityError, match="events 64 … 127 are hit"):
            EventStore.open(path).read_rows(100, 101)
    assert len(EventStore.open(path).read_rows(0, 64)) == 64


def test_an_absent_shard_is_missing_never_zeros(sample_store: Path, tmp_path: Path) -> None:
    path = tmp_path / "events.zarr"
    shutil.copytree(sample_store, path)
    (path / "events" / "x" / "c" / "0").unlink()
    store = EventStore.open(path)
    with pytest.raises(MissingContent, match="events/x/c/0 is not there"):
        store.read_rows(0, 1)
    assert len(store.read_rows(64, 65)) == 1


def test_any_map_of_files_opens(sample_store: Path) -> None:
    table: dict[str, Path | bytes] = {
        str(p.relative_to(sample_store)): p for p in sample_store.rglob("*") if p.is_file()
    }
    table["zarr.json"] = (sample_store / "zarr.json").read_bytes()
    expected = EventStore.open(sample_store)
    mapped = EventStore.open(MappedFiles(table, name="demo@1"))
    assert mapped.digest == expected.digest
    assert mapped.read("r5").equals(expected.read("r5"))


def test_importing_the_store_loads_neither_zarr_nor_torch() -> None:
    code = "import sys, eventstore.store; print({'zarr', 'torch', 'dask'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_every_file_of_values_is_counted_on(tmp_path: Path) -> None:
    path = tmp_path / "events.zarr"
    events = Events.of(t=range(100), x=[1] * 100, y=[1] * 100, p=[1] * 100)
    with StoreWriter.create(path, SENSOR, layout=SMALL) as writer:
        for name in "abcde":
            writer.append(name, [events])
    store = EventStore.open(path)
    assert store.lost_files() == []
    values = sorted(f for f in path.rglob("*") if f.is_file() and f.name != "zarr.json")
    for file in values:
        file.unlink()
    assert sorted(store.lost_files()) == sorted(f.relative_to(path).as_posix() for f in values)
