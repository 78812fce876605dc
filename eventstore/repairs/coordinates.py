"""Coordinates that count from 1, or from the wrong edge."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from eventstore.errors import InvalidInput
from eventstore.events import Events, Sensor
from eventstore.repairs.protocol import RepairReport, Subject


@dataclass(frozen=True, slots=True, kw_only=True)
class OneBased:
    """Count columns and rows from 0 instead of 1 (MATLAB's way); of audio only the channels."""

    name: str = "one-based"
    mends: str = "coordinates count from 1"

    def apply(
        self, packets: Iterator[Events], subject: Subject, report: RepairReport
    ) -> Iterator[Events]:
        """Subtract 1.

        Raises:
            InvalidInput: a coordinate is 0, so they count from 0 already.
        """
        rows_too, rows = subject.stated_sensor(self.name).modality == "vision", 0
        for packet in packets:
            zero = (packet.x == 0) | (packet.y == 0) if rows_too else packet.x == 0
            if zero.any():
                i = int(np.argmax(zero))
                message = (
                    f"{subject.name}: event {rows + i:,} (t = {packet.t[i]} µs) has "
                    f"x = {packet.x[i]}, y = {packet.y[i]}: coordinates count from 0"
                )
                raise InvalidInput(message, hint=f"leave the repair {self.name!r} out")
            report.note(rows, 0, changed=len(packet))
            rows += len(packet)
            one = np.uint16(1)
            y = packet.y - one if rows_too else packet.y
            yield Events(packet.t, packet.x - one, y, packet.p)


@dataclass(frozen=True, slots=True, kw_only=True)
class FlipX:
    """Count columns from the other side, ``x ← width - 1 - x``."""

    name: str = "flip-x"
    mends: str = "columns count from the right"

    def apply(
        self, packets: Iterator[Events], subject: Subject, report: RepairReport
    ) -> Iterator[Events]:
        """Mirror the columns.

        Raises:
            InvalidInput: the sensor's size is not known, or an event lies off it.
        """
        sensor, rows = subject.stated_sensor(self.name), 0
        last = np.uint16(sensor.width - 1)
        for packet in packets:
            _check_inside(self.name, subject.name, rows, packet, sensor)
            report.note(rows, 0, changed=len(packet))
            rows += len(packet)
            yield Events(packet.t, last - packet.x, packet.y, packet.p)


@dataclass(frozen=True, slots=True, kw_only=True)
class FlipY:
    """Count rows from the other side, ``y ← height - 1 - y``: jAER counts them from below."""

    name: str = "flip-y"
    mends: str = "rows count from below"

    def apply(
        self, packets: Iterator[Events], subject: Subject, report: RepairReport
    ) -> Iterator[Events]:
        """Mirror the rows.

        Raises:
            InvalidInput: the sensor's size is not known, an event lies off it, or it is audio.
        """
        sensor, rows = subject.stated_sensor(self.name), 0
        if sensor.modality != "vision":
            message = f"{subject.name} is audio and has no rows to flip"
            raise InvalidInput(message, hint="to reverse its channels, use 'flip-x'")
        last = np.uint16(sensor.height - 1)
        for packet in packets:
            _check_inside(self.name, subject.name, rows, packet, sensor)
            report.note(rows, 0, changed=len(packet))
            rows += len(packet)
            yield Events(packet.t, packet.x, last - packet.y, packet.p)


def _check_inside(repair: str, name: str, rows: int, packet: Events, sensor: Sensor) -> None:
    off = (packet.x >= sensor.width) | (packet.y >= sensor.height)
    if off.any():
        i = int(np.argmax(off))
        message = (
            f"{name}: {repair} cannot move event {rows + i:,} at x = {packet.x[i]}, "
            f"y = {packet.y[i]}, off the sensor of {sensor.width}×{sensor.height}"
        )
        raise InvalidInput(
            message, hint="give the true sensor, or repair with 'drop-outside' first"
        )


ONE_BASED = OneBased()
FLIP_X = FlipX()
FLIP_Y = FlipY()
