"""A recording of a store in the form that readers give: packets, with the source's own times."""

from collections.abc import Callable, Iterator
from functools import partial

from eventstore.errors import InvalidInput
from eventstore.events import Events
from eventstore.readers.protocol import PACKET_EVENTS, Recording
from eventstore.side import SideTable
from eventstore.store import EventStore


def stored_recording(store: EventStore, recording_id: str | None, *, name: str) -> Recording:
    """Open a recording of a store as if it were a file.

    Args:
        store: an open store; it must stay open while packets are read.
        recording_id: which; may be left out where there is but one.
        name: what messages call it.

    Raises:
        NotFound: there is no such recording.
        InvalidInput: there are several, and none is named.

    Examples:
        >>> from pathlib import Path
        >>> from tempfile import mkdtemp
        >>> from eventstore.append import StoreWriter
        >>> from eventstore.events import Sensor
        >>> path = Path(mkdtemp()) / "events.zarr"
        >>> with StoreWriter.create(path, Sensor(4, 4)) as writer:
        ...     _ = writer.append("a", [Events.of(t=[0, 9], x=[1, 2])], t_origin_us=1_000)
        >>> with EventStore.open(path) as store:
        ...     stored_recording(store, None, name="events.zarr").load().t.tolist()
        [1000, 1009]
    """
    table = store.recordings
    if recording_id is None and len(table) != 1:
        message = f"{name} holds {len(table)} recordings"
        hint = f"name one of them (--recording), such as {table.ids[0]!r}" if len(table) else ""
        raise InvalidInput(message, hint=hint)
    row = 0 if recording_id is None else table.row(recording_id)
    origin, side = int(table.t_origin_us[row]), store.side(row)

    def tables(kind: str) -> Iterator[SideTable]:
        return (part.shifted(origin) for part in side.tables(kind))

    streams: dict[str, Callable[[], Iterator[SideTable]]]
    streams = {kind: partial(tables, kind) for kind in side}
    header = table.provenance(row).get("header", {})
    return Recording(
        source=f"{name}:{table.ids[row]}",
        sensor=table.sensor(row),
        reader="store",
        zero_based=origin == 0,
        packets=_packets(store, row, origin),
        meta={str(k): str(v) for k, v in header.items()} if isinstance(header, dict) else {},
        side=streams,
    )


def _packets(store: EventStore, row: int, origin: int) -> Iterator[Events]:
    start, stop = (int(store.recordings.offsets[at]) for at in (row, row + 1))
    for first in range(start, stop, PACKET_EVENTS):
        packet = store.read_rows(first, min(first + PACKET_EVENTS, stop))
        yield packet.shifted(origin)
