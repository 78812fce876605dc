"""Write Event Stream files (``.es``), type DVS; `eventstore.readers.es` draws the layout.

The format counts times from 0, in steps of at most 127 µs a byte: an absolute time of minutes costs
megabytes, and one of a Unix clock cannot be written. Rows are counted from the bottom in the file.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from eventstore.errors import InvalidInput
from eventstore.events import Events, Sensor
from eventstore.jit import kernel
from eventstore.readers.es import DVS, EVENT_BYTES, MAGIC, VERSION
from eventstore.readers.protocol import SideStreams
from eventstore.writers.prophesee import check_camera
from eventstore.writers.protocol import whole_file

STEP_US = 127
"""What a byte without an event lets pass."""

GAP_LIMIT_US = STEP_US << 26
"""Longest time between two events: 2.4 hours, 64 MiB of nothing."""

BUFFER_BYTES = 1 << 18

_INT: Any = np.int64


@kernel
def encode_bytes(
    columns: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray],
    height: int,
    clock: int,
    raw: np.ndarray,
) -> tuple[int, int, int]:
    """Encode events until all are, no room is left, or time runs back.

    Args:
        columns: t, x, y, p.
        height: number of rows.
        clock: time of the event before, or what has passed of a gap.
        raw: receives the bytes.

    Returns the number of events and of bytes done, and the clock.
    """
    t, x, y, p = columns
    n = 0
    for i in range(len(t)):
        step = t[i] - clock
        if not 0 <= step <= GAP_LIMIT_US:
            return i, n, clock
        while step >= STEP_US and n < len(raw):
            raw[n] = 0xFF
            n, step, clock = n + 1, step - STEP_US, clock + STEP_US
        if n + EVENT_BYTES > len(raw):
            return i, n, clock
        row = height - 1 - _INT(y[i])
        raw[n] = (step << 1) | _INT(p[i])
        raw[n + 1] = x[i] & 0xFF
        raw[n + 2] = x[i] >> 8
        raw[n + 3] = row & 0xFF
        raw[n + 4] = row >> 8
        n, clock = n + EVENT_BYTES, t[i]
    return len(t), n, clock


@dataclass(frozen=True, slots=True, kw_only=True)
class EsWriter:
    """Writer of Event Stream files."""

    name: str = "es"
    suffixes: tuple[str, ...] = (".es",)
    side_kinds: tuple[str, ...] = ()

    def write(
        self,
        path: Path,
        packets: Iterable[Events],
        *,
        sensor: Sensor,
        meta: Mapping[str, str] | None = None,  # the format states nothing
        side: SideStreams | None = None,  # nor holds anything but events
    ) -> None:
        """Write a file whole or not at all, in memory that does not grow with its length.

        Raises:
            InvalidInput: the recording is audio, the sensor has 65,536 columns or rows, an event
                lies outside it, or its time runs back or is hours behind the one before.
        """
        check_camera(sensor, "Event Stream")
        if max(sensor.width, sensor.height) > 0xFFFF:
            message = f"Event Stream files cannot state a sensor of {sensor.width}×{sensor.height}"
            raise InvalidInput(message, hint="crop it to 65,535 columns and rows")
        size = np.array([sensor.width, sensor.height], "<u2").tobytes()
        clock, rows, raw = 0, 0, np.empty(BUFFER_BYTES, np.uint8)
        with whole_file(path) as file:
            file.write(MAGIC + bytes([VERSION, 0, 0, DVS]) + size)
            for packet in packets:
                _check_inside(packet, rows, sensor)
                done = 0
                while done < len(packet):
                    rest = packet[done:]
                    n, used, clock = encode_bytes(rest.arrays(), sensor.height, clock, raw)
                    if not used:
                        raise _no_way(rows + done, int(packet.t[done]))
                    file.write(raw[:used].data)
                    done += n
                rows += len(packet)


WRITER = EsWriter()


def _check_inside(packet: Events, rows: int, sensor: Sensor) -> None:
    outside = (packet.x >= sensor.width) | (packet.y >= sensor.height) | (packet.p > 1)
    if outside.any():
        i = int(np.argmax(outside))
        message = (
            f"event {rows + i} at x = {packet.x[i]}, y = {packet.y[i]}, p = {packet.p[i]} "
            f"does not fit a sensor of {sensor.width}×{sensor.height}"
        )
        raise InvalidInput(message, hint="give the sensor the events come from")


def _no_way(row: int, t: int) -> InvalidInput:
    message = f"Event Stream files cannot go to event {row} at t = {t} µs"
    hint = "sort the events by time, and count from the recording's start; gaps of hours do not fit"
    return InvalidInput(message, hint=hint)
