"""Messages of event records: ``dvs_msgs/EventArray`` and ``prophesee_event_msgs/EventArray``.

``header, height u32, width u32, events[]``, each event ``x u16, y u16, sec 32, nsec u32, on u8``:
13 bytes without gaps in ROS 1; in ROS 2 with gaps before ``sec`` (4) and before ``x`` (2).
"""

from collections.abc import Iterator

import numpy as np

from eventstore.events import Events, Sensor
from eventstore.findings import Finding
from eventstore.jit import kernel
from eventstore.readers.ros.fields import Fields
from eventstore.side import SideTable

TYPES = ("dvs_msgs/EventArray", "prophesee_event_msgs/EventArray")

JOINED_EVENTS = 1 << 16
"""Messages are joined to packets of about so many events."""

_RECORD_BYTES = 13


@kernel
def decode_records(
    raw: np.ndarray,
    at: int,
    aligned: bool,
    columns: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray],
) -> int:
    """Fill the columns from records that begin at a byte; return how many were all there."""
    t, x, y, p = columns
    for i in range(len(t)):
        if aligned:
            at = (at + 1) & ~1
        second = (at + 7) & ~3 if aligned else at + 4
        if second + 9 > len(raw):
            return i
        seconds = _u32(raw, second)
        if aligned and seconds >= 1 << 31:
            seconds -= 1 << 32
        t[i] = seconds * 1_000_000 + (_u32(raw, second + 4) + 500) // 1_000
        x[i] = raw[at] | (np.uint16(raw[at + 1]) << 8)
        y[i] = raw[at + 2] | (np.uint16(raw[at + 3]) << 8)
        p[i] = raw[second + 8] != 0
        at = second + 9
    return len(t)


@kernel
def _u32(raw: np.ndarray, at: int) -> int:
    low = int(raw[at]) | (int(raw[at + 1]) << 8)
    return low | (int(raw[at + 2]) << 16) | (int(raw[at + 3]) << 24)


class ArrayDecoder:
    """Decodes messages of event records."""

    def sensor(self, fields: Fields) -> Sensor | None:
        """Return the sensor that a message states."""
        fields.header()
        return stated_sensor(fields)

    def events(self, messages: Iterator[Fields], findings: list[Finding]) -> Iterator[Events]:
        """Decode messages one after the other, joined to packets.

        Raises:
            FormatError: a message is shorter than its events.
        """
        waiting, n = [Events.empty()], 0
        for fields in messages:
            waiting.append(_events(fields))
            n += len(waiting[-1])
            if n >= JOINED_EVENTS:
                yield Events.concatenate(waiting)
                waiting, n = [Events.empty()], 0
        if n:
            yield Events.concatenate(waiting)

    def triggers(self, messages: Iterator[Fields]) -> Iterator[SideTable]:
        """Return none: there are none among records."""
        return iter(())


def _events(fields: Fields) -> Events:
    """Decode one message."""
    fields.header()
    fields.numbers("I", 2)  # height, width
    n = fields.number("I")
    if n * _RECORD_BYTES > len(fields.data) - fields.at:
        found = f"{len(fields.data) - fields.at} bytes"
        wanted = f"{n} events of {_RECORD_BYTES} bytes"
        raise fields.damaged(wanted, found)
    events = Events.empty(n)
    raw = np.frombuffer(fields.data, np.uint8)
    whole = decode_records(raw, fields.at, fields.aligned, events.arrays())
    if whole < n:
        wanted = f"{n} events"
        raise fields.damaged(wanted, f"{whole}")
    return events


def stated_sensor(fields: Fields) -> Sensor | None:
    """Take height and width, and return them where they are a sensor's."""
    height, width = (int(size) for size in fields.numbers("I", 2))
    fits = 1 <= width <= 1 << 16 and 1 <= height <= 1 << 16
    return Sensor(width, height) if fits else None
