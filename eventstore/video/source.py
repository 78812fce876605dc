"""Where the events of a film come from: a file, a recording of a store, or a table in memory."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from eventstore.convert import find_store
from eventstore.errors import InvalidInput
from eventstore.events import Events, Sensor
from eventstore.incoming import from_origin
from eventstore.readers.open import read_file
from eventstore.store import EventStore

PACKET_EVENTS = 1 << 20
"""Events in memory at a time, of a store: 13 MiB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Footage:
    """Events of a film; use it in a ``with`` block.

    Args:
        name: what messages call it.
        sensor: where the events lie.
        packets: the events from the slice's begin on or before, times from the recording's start.
        start_us: begin of the slice that is shown.
        stop_us: its end; None where that of the recording is not known beforehand.
        keep_open: what is to be closed afterwards.
    """

    name: str
    sensor: Sensor
    packets: Iterator[Events]
    start_us: int
    stop_us: int | None
    keep_open: ExitStack


@dataclass(frozen=True, slots=True, kw_only=True)
class FootageQuery:
    """Which recording of a source, and which slice of it.

    Args:
        from_us: begin, in µs from the recording's start.
        to_us: end; the recording's where None.
        recording: its id, where a store holds several.
        reader: name of a file's reader; by suffix and first bytes where None.
        sensor: geometry, where the source doesn't tell.
        part: name of the recording, where a file holds several.

    Raises:
        InvalidInput: the slice ends before it begins.
    """

    from_us: int = 0
    to_us: int | None = None
    recording: str | None = None
    reader: str | None = None
    sensor: Sensor | None = None
    part: str = ""

    def __post_init__(self) -> None:
        if self.from_us < 0 or (self.to_us is not None and self.to_us <= self.from_us):
            message = f"the slice from {self.from_us} µs to {self.to_us} µs is empty"
            raise InvalidInput(message, hint="times are µs from the recording's start")


def open_footage(source: Path | str | Events, query: FootageQuery) -> Footage:
    """Open the events of a film.

    Args:
        source: a recorded file; a store, a dataset's folder or a URL of one; or a table of events.
        query: which recording, and which slice of it.

    Raises:
        NotFound: there is no such file, recording, part or reader.
        InvalidInput: an option is not for this kind of source, or the events are of sound.

    Examples:
        >>> footage = open_footage(Events.of(t=[70, 90], x=[1, 6], y=[0, 2]), FootageQuery())
        >>> footage.sensor, footage.stop_us
        (Sensor(width=7, height=3, modality='vision'), 21)
    """
    if isinstance(source, Events):
        footage = _of_table(source, query)
    else:
        store = find_store(source)
        footage = _of_file(Path(source), query) if store is None else _of_store(store, query)
    if footage.sensor.modality == "audio":
        footage.keep_open.close()
        message = f"{footage.name} is of a cochlea: its events have no place in a picture"
        raise InvalidInput(message, hint="draw it with eventstore.plot.raster")
    return footage


def _of_table(events: Events, query: FootageQuery) -> Footage:
    n = len(events)
    origin = int(events.t[0]) if n else 0
    last = int(events.t.max()) - origin + 1 if n else 0
    return Footage(
        name="events",
        sensor=query.sensor or smallest_sensor(events),
        packets=iter([events.shifted(-origin)]),
        start_us=query.from_us,
        stop_us=last if query.to_us is None else min(query.to_us, last),
        keep_open=ExitStack(),
    )


def _of_file(path: Path, query: FootageQuery) -> Footage:
    if query.recording is not None:
        message = f"--recording {query.recording} names one of a store, and {path} is a file"
        raise InvalidInput(message, hint="in a file of several recordings, name a part (--part)")
    recording = read_file(path, reader=query.reader, sensor=query.sensor, part=query.part)
    _, packets = from_origin(recording)
    return Footage(
        name=recording.source,
        sensor=recording.sensor,
        packets=packets,
        start_us=query.from_us,
        stop_us=query.to_us,
        keep_open=ExitStack(),
    )


def _of_store(place: Path | str, query: FootageQuery) -> Footage:
    if query.part or query.reader or query.sensor:
        message = f"{place} is a store: it has no parts, no reader, and knows its sensor"
        raise InvalidInput(message, hint="name the recording only (--recording)")
    with ExitStack() as opening:
        store = opening.enter_context(EventStore.open(place))
        table = store.recordings
        if query.recording is None and len(table) != 1:
            message = f"{place} holds {len(table)} recordings"
            hint = f"name one of them (--recording), such as {table.ids[0]!r}" if table.ids else ""
            raise InvalidInput(message, hint=hint)
        row = 0 if query.recording is None else table.row(query.recording)
        end = int(table.t_stop[row])
        stop_us = end if query.to_us is None else min(query.to_us, end)
        rows = store.row_range(row, query.from_us, max(stop_us, query.from_us))
        return Footage(
            name=f"{place}:{table.ids[row]}",
            sensor=table.sensor(row),
            packets=_blocks(store, *rows),
            start_us=query.from_us,
            stop_us=stop_us,
            keep_open=opening.pop_all(),
        )


def _blocks(store: EventStore, start: int, stop: int) -> Iterator[Events]:
    for at in range(start, stop, PACKET_EVENTS):
        yield store.read_rows(at, min(at + PACKET_EVENTS, stop))


def smallest_sensor(events: Events) -> Sensor:
    """Return the smallest sensor that all events lie on.

    Examples:
        >>> smallest_sensor(Events.of(t=[0, 1], x=[3, 1], y=[0, 7]))
        Sensor(width=4, height=8, modality='vision')
    """
    if not len(events):
        return Sensor(1, 1)
    return Sensor(int(events.x.max()) + 1, int(events.y.max()) + 1)
