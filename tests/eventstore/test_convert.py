"""Conversion between formats: absolute times, whole files, and what the target does not hold."""

from pathlib import Path

import pytest

from eventstore.append import StoreWriter
from eventstore.convert import convert, find_store, plan_conversion
from eventstore.errors import AlreadyExists, FormatError, InvalidInput, NotFound
from eventstore.events import Events, Sensor
from eventstore.readers import READERS, read_file
from eventstore.readers.atis import AtisReader
from eventstore.readers.open import read_events
from eventstore.side import SideTable
from eventstore.writers import WRITERS
from eventstore.writers.atis import write_atis

SENSOR = Sensor(34, 34)
EVENTS = Events.of(t=[5, 3, 9], x=[1, 33, 2], y=[4, 5, 33], p=[1, 0, 1])


@pytest.fixture
def source(tmp_path: Path) -> Path:
    write_atis(tmp_path / "a.bin", EVENTS)
    return tmp_path / "a.bin"


@pytest.fixture
def store(tmp_path: Path) -> Path:
    path = tmp_path / "dataset" / "events.zarr"
    with StoreWriter.create(path, SENSOR) as writer:
        for name in ("a", "b"):
            triggers = SideTable.of("triggers", {"t": [1003], "edge": [1]})
            events = [Events.of(t=[0, 7], x=[1, 2])]
            writer.append(name, events, t_origin_us=1000, side={"triggers": [triggers]})
    return path


def test_a_file_becomes_another(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(READERS._loaded, "atis", AtisReader(packet_events=1))
    report = convert(source, source.with_name("b.dat"), sensor=SENSOR)
    assert (report.reader, report.writer, report.n_events) == ("atis", "dat", 3)
    assert [f.check for f in report.findings] == ["time-back"]
    assert "at 1 places" in report.findings[0].message
    assert read_events(source.with_name("b.dat")).equals(EVENTS)
    assert sorted(p.name for p in source.parent.iterdir()) == ["a.bin", "b.dat"]


def test_repairs_are_done_on_the_way(source: Path) -> None:
    report = convert(source, source.with_name("b.bin"), sensor=SENSOR, repairs=["sort", "flip-y"])
    assert [r.name for r in report.repairs] == ["sort", "flip-y"]
    assert report.findings == ()
    events = read_events(source.with_name("b.bin"))
    assert (events.t.tolist(), events.y.tolist()) == ([3, 5, 9], [28, 29, 0])


def test_a_stored_recording_gets_its_times_back(store: Path, tmp_path: Path) -> None:
    for place in (store, store.parent, str(store)):
        target = tmp_path / "b.bin"
        report = convert(place, target, recording="b", force=True)
        assert (report.reader, report.source) == ("store", f"{place}:b")
        assert read_events(target).t.tolist() == [1000, 1007]
        assert [f.check for f in report.findings] == ["side-left-out"]
        assert "triggers are left out: atis" in report.findings[0].message


def test_side_streams_go_where_the_format_holds_them(store: Path, tmp_path: Path) -> None:
    report = convert(store, tmp_path / "b.evt3.raw", recording="b")
    assert report.findings == ()
    (triggers,) = read_file(tmp_path / "b.evt3.raw").side["triggers"]()
    assert triggers.columns["t"].tolist() == [1003]


def test_nothing_is_replaced_unasked(source: Path) -> None:
    target = source.with_name("b.bin")
    target.write_bytes(b"precious")
    with pytest.raises(AlreadyExists, match=r"b\.bin is there already") as e:
        convert(source, target)
    assert "--force" in e.value.hint
    assert target.read_bytes() == b"precious"
    convert(source, target, force=True)
    assert target.read_bytes() == source.read_bytes()
    with pytest.raises(InvalidInput, match="cannot be converted into itself"):
        convert(source, source, force=True)
    with pytest.raises(AlreadyExists, match="is there already"):
        convert(source, source.parent, writer="atis", force=True)


def test_a_failure_leaves_no_file(source: Path) -> None:
    for wrong, error in ((Sensor(20, 34), FormatError), (Sensor.audio(64), InvalidInput)):
        with pytest.raises(error):
            convert(source, source.with_name("b.bin"), sensor=wrong)
    assert [p.name for p in source.parent.iterdir()] == ["a.bin"]


def test_mistakes_are_named(source: Path, store: Path, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no folder"):
        convert(source, tmp_path / "nowhere" / "b.bin")
    with pytest.raises(NotFound, match=r"no writer for '\.foo'"):
        convert(source, tmp_path / "b.foo")
    with pytest.raises(InvalidInput, match="a file") as e:
        convert(source, tmp_path / "b.bin", recording="b")
    assert "--part" in e.value.hint
    with pytest.raises(InvalidInput, match="holds 2 recordings"):
        convert(store, tmp_path / "b.bin")
    with pytest.raises(InvalidInput, match="is a store: it has no parts"):
        convert(store, tmp_path / "b.bin", part="left")
    (tmp_path / "a.zip").touch()
    with pytest.raises(InvalidInput, match="is an archive"):
        convert(tmp_path / "a.zip", tmp_path / "b.bin")
    with pytest.raises(InvalidInput, match="is a folder, and no store or dataset"):
        convert(tmp_path, tmp_path / "b.bin")


def test_a_plan_writes_nothing(source: Path, store: Path) -> None:
    plan = plan_conversion(source, source.with_name("b.dat"))
    assert (plan.recording.reader, plan.writer.name) == ("atis", "dat")
    with plan_conversion(store, source.with_name("b.dat"), recording="a").keep_open:
        pass
    assert not source.with_name("b.dat").exists()


def test_stores_go_by_what_they_are(store: Path) -> None:
    assert find_store(store) == store
    assert find_store(store.parent) == store
    assert find_store("memory://a/events.zarr") == "memory://a/events.zarr"
    assert find_store(Path("a.zarr.zip")) == Path("a.zarr.zip")
    assert find_store(Path("a.raw")) is None


@pytest.mark.parametrize(
    "name",
    ["imx636.evt3.raw", "gen3.evt2.raw", "ncars.dat", "ncaltech101-face.bin", "slider_depth.txt"],
)
def test_real_recordings_come_back_from_every_format(
    shared_data: Path, tmp_path: Path, name: str
) -> None:
    source = shared_data / "recordings" / name
    recording = read_file(source)
    events = recording.load()
    for writer in WRITERS:
        target = tmp_path / f"{writer}{WRITERS[writer].suffixes[-1]}"
        if writer == "atis" and recording.sensor.width > 256:
            with pytest.raises(InvalidInput, match="cannot hold event"):
                convert(source, target, writer=writer)
            continue
        convert(source, target, writer=writer)
        back = read_file(target, reader=writer, sensor=recording.sensor).load()
        assert back.equals(events), writer
        target.unlink()
