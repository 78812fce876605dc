"""What the writers of Prophesee's formats share: the text header, and where their clocks begin."""

from collections.abc import Mapping

import numpy as np

from eventstore.errors import InvalidInput
from eventstore.events import Events, Sensor
from eventstore.readers.protocol import ORIGIN_LIMIT_US

SECOND_US = 1_000_000

_WRITTEN = {
    *("evt", "format", "geometry", "width", "height", "endianness", "t0", "end", "version", "data"),
    *("pixellayout", "pixelbytes"),
}
"""Keys of a header that a writer states itself, or that are no longer true."""

_SPELLINGS = {"system_id": "system_ID"}
"""Keys that other software looks for in this spelling."""

_LONGEST_LINE = 1000


def choose_t0(first_us: int, limit_us: int = ORIGIN_LIMIT_US) -> int:
    """Return what to subtract from all times, for the clock of a file to hold them.

    Nothing where the first time is from 0 on and below a limit; else whole seconds, at least one
    before the first time, so that later events may lie a little before it.

    Args:
        first_us: the first time.
        limit_us: how far a file's clock may start.

    Examples:
        >>> choose_t0(11_200_224), choose_t0(1_589_163_147_368_868)
        (0, 1589163146000000)
    """
    if 0 <= first_us < limit_us:
        return 0
    return (first_us // SECOND_US - 1) * SECOND_US


def header_lines(lines: Mapping[str, object], meta: Mapping[str, str] | None = None) -> bytes:
    r"""Return the lines of a header; metadata that fits in a line follows.

    Args:
        lines: key → value.
        meta: what else is known; the header of another file, for example.

    Examples:
        >>> header_lines({"evt": "3.0"}, {"serial_number": "49", "evt": "2.0"})
        b'% evt 3.0\n% serial_number 49\n'
    """
    stated = {**lines}
    for key, value in (meta or {}).items():
        fits = len(value) < _LONGEST_LINE and value.isprintable() and value.isascii()
        if key.isidentifier() and key.isascii() and key.lower() not in _WRITTEN and fits:
            stated[_SPELLINGS.get(key, key)] = value
    return "".join(f"% {key} {value}".rstrip() + "\n" for key, value in stated.items()).encode()


def check_camera(sensor: Sensor, name: str) -> None:
    """Refuse audio.

    Raises:
        InvalidInput: the sensor is no camera.
    """
    if sensor.modality != "vision":
        message = f"{name} files hold a camera's events, not audio"
        raise InvalidInput(message, hint="write audio as .npz")


def check_events(packet: Events, rows: int, limit: int, name: str) -> None:
    """Refuse events that a format has no bits for.

    Args:
        packet: the events.
        rows: how many were before them, for messages.
        limit: coordinates are below it.
        name: the format.

    Raises:
        InvalidInput: names the first.
    """
    top = max(packet.x.max(initial=0), packet.y.max(initial=0))
    if top < limit and packet.p.max(initial=0) <= 1:
        return
    bad = (packet.x >= limit) | (packet.y >= limit) | (packet.p > 1)
    i = int(np.argmax(bad))
    message = (
        f"{name} files cannot hold event {rows + i} at x = {packet.x[i]}, y = {packet.y[i]}, "
        f"p = {packet.p[i]}"
    )
    raise InvalidInput(message, hint=f"crop to {limit}×{limit} pixels, with polarities 0 and 1")
