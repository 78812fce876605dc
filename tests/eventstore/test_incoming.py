"""Recordings on their way into a store: origin, provenance, and errors that name the file."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import eventstore.incoming
from eventstore.errors import FormatError, InvalidInput, NotFound
from eventstore.events import Events, Sensor
from eventstore.incoming import ReadOptions, naming, read_incoming
from eventstore.provenance import provenance_text
from eventstore.readers import ByteSource, Recording, SourceItem, iter_sources
from eventstore.side import SideTable
from eventstore.writers.atis import write_atis

SENSOR = Sensor(34, 34)


@pytest.fixture
def item(tmp_path: Path) -> SourceItem:
    """Return a recording whose second event is late."""
    write_atis(tmp_path / "a.bin", Events.of(t=[5, 4, 9], x=[1, 2, 3], y=[1, 2, 3]))
    return next(iter_sources(tmp_path / "a.bin"))


def test_provenance_is_complete_once_the_packets_are_consumed(item: SourceItem) -> None:
    options = ReadOptions(sensor=SENSOR, repairs=("hold-time", "flip-y"))
    incoming = read_incoming(item, options)
    assert incoming.provenance == {"source": "a.bin", "reader": "atis"}
    assert [packet.t.tolist() for packet in incoming.packets] == [[5, 5, 9]]
    assert incoming.provenance["repairs"] == [
        {"name": "hold-time", "changed": 1, "dropped": 0, "first": 1},
        {"name": "flip-y", "changed": 3, "dropped": 0, "first": 0},
    ]
    assert incoming.source.sha256() == item.open().sha256()


def test_options_of_reader_and_findings_are_told(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"1 1 2 0\n2 3 4 1\n")
    (item,) = iter_sources(tmp_path / "a.txt")
    incoming = read_incoming(item, ReadOptions(reader="text:unit=us"))
    assert len(list(incoming.packets)) == 1
    assert incoming.provenance["reader"] == "text:unit=us"
    assert incoming.provenance["header"] == {"unit": "us"}
    assert incoming.provenance["findings"] == [
        {"check": "geometry-assumed", "message": "geometry not in file, assumed 34×34"}
    ]


def _clock(monkeypatch: pytest.MonkeyPatch, packets: list[Events], **facts: object) -> None:
    def read(source: ByteSource, **_: object) -> Recording:
        def decode() -> Iterator[Events]:
            yield from packets

        return Recording(
            source=source.name,
            sensor=SENSOR,
            reader="clock",
            zero_based=False,
            packets=decode(),
            **facts,  # type: ignore[arg-type]
        )

    monkeypatch.setattr(eventstore.incoming, "read_source", read)


def test_absolute_times_count_from_the_first_event(
    item: SourceItem, monkeypatch: pytest.MonkeyPatch
) -> None:
    late = Events.of(t=[1000, 1007], x=[1, 2])
    tables = SideTable.of("triggers", {"t": [990]})
    _clock(monkeypatch, [Events.empty(), late], side={"triggers": lambda: iter([tables])})
    incoming = read_incoming(item, ReadOptions())
    assert incoming.t_origin_us == 1000
    assert [packet.t.tolist() for packet in incoming.packets] == [[0, 7]]
    assert list(incoming.side) == ["triggers"]


def test_a_recording_without_events_has_no_origin(
    item: SourceItem, monkeypatch: pytest.MonkeyPatch
) -> None:
    _clock(monkeypatch, [Events.empty()])
    incoming = read_incoming(item, ReadOptions())
    assert incoming.t_origin_us == 0
    assert list(incoming.packets) == []


def test_what_the_header_says_is_always_text(
    item: SourceItem, monkeypatch: pytest.MonkeyPatch
) -> None:
    _clock(monkeypatch, [], meta={"note": "caf\udce9"})
    incoming = read_incoming(item, ReadOptions())
    assert json.loads(provenance_text(incoming.provenance))["header"] == {"note": "caf?"}


def test_errors_name_the_file_once(item: SourceItem) -> None:
    large, bad = InvalidInput("too large"), FormatError("bad", path=item.path, offset=3)
    with pytest.raises(InvalidInput, match=f"^{re.escape(item.name)}: too large"), naming(item):
        raise large
    with pytest.raises(FormatError) as e, naming(item):
        raise bad
    assert e.value.message.count(item.name) == 1
    with pytest.raises(NotFound, match="no repair 'sorted'"):
        read_incoming(item, ReadOptions(repairs=("sorted",)))
