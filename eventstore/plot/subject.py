"""What can be drawn: a table of events, or a recording, which is decoded for it."""

from typing import NamedTuple, TypeAlias

from eventstore.errors import InvalidInput
from eventstore.events import Events, Sensor
from eventstore.readers.protocol import Recording
from eventstore.video.source import smallest_sensor

Drawable: TypeAlias = Events | Recording
"""Events in memory, or a recording of a file or a store."""


class Subject(NamedTuple):
    """Events and where they lie."""

    events: Events
    sensor: Sensor


def subject_of(source: object, sensor: Sensor | None = None) -> Subject:
    """Return the events to draw, and where they lie.

    Args:
        source: a table, or a recording, whose packets that are left are decoded.
        sensor: where the events lie; the recording's, or the smallest that holds them, where None.

    Raises:
        InvalidInput: it is neither.

    Examples:
        >>> subject_of(Events.of(t=[5], x=[1], y=[2])).sensor
        Sensor(width=2, height=3, modality='vision')
    """
    if isinstance(source, Recording):
        return Subject(source.load(), sensor or source.sensor)
    if isinstance(source, Events):
        return Subject(source, sensor or smallest_sensor(source))
    message = f"a {type(source).__name__} cannot be drawn"
    raise InvalidInput(
        message,
        hint="give Events, as of store.read('…') or Events.of(t=…, x=…, y=…, p=…), or a recording, "
        "as of read_file or stored_recording",
    )
