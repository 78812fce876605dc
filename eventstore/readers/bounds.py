"""The one place where events are held against the sensor they are said to come from."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from eventstore.errors import FormatError
from eventstore.events import Events, Sensor
from eventstore.readers.protocol import Recording


def within_sensor(recording: Recording) -> Recording:
    """Return the recording with every packet checked against its sensor as it is decoded.

    Raises:
        FormatError: while packets are read; names the first event that lies outside.

    Examples:
        >>> outside = Events.of(t=[5], x=[9], y=[0], p=[1])
        >>> recording = Recording(
        ...     source="a.bin", sensor=Sensor(4, 4), reader="atis", zero_based=True,
        ...     packets=iter([outside]),
        ... )
        >>> within_sensor(recording).load()
        Traceback (most recent call last):
        ...
        eventstore.errors.FormatError: a.bin: event 0 (t = 5 µs) outside the sensor; expected x < 4, y < 4; found x = 9, y = 0
        hint: give the sensor the file was recorded with, or repair with 'drop-outside'
    """  # noqa: E501 # an error's message is one line
    return replace(recording, packets=_checked(recording))


def outside(events: Events, sensor: Sensor) -> np.ndarray:
    """Return a mask of the events that lie outside a sensor."""
    mask: np.ndarray = (events.x >= sensor.width) | (events.y >= sensor.height)
    return mask


def _checked(recording: Recording) -> Iterator[Events]:
    sensor, before = recording.sensor, 0
    for packet in recording.packets:
        if packet.x.max(initial=0) >= sensor.width or packet.y.max(initial=0) >= sensor.height:
            raise _error(recording, before, packet)
        before += len(packet)
        yield packet


def _error(recording: Recording, before: int, packet: Events) -> FormatError:
    sensor = recording.sensor
    i = int(np.argmax(outside(packet, sensor)))
    message = f"event {before + i:,} (t = {packet.t[i]} µs) outside the sensor"
    hint = "give the sensor the file was recorded with, or repair with 'drop-outside'"
    return FormatError(
        message,
        path=recording.source,
        expected=f"x < {sensor.width}, y < {sensor.height}",
        found=f"x = {packet.x[i]}, y = {packet.y[i]}",
        hint=hint,
    )
