"""Leave out events off the sensor, such as those of a camera's extra rows or of broken records."""

from collections.abc import Iterator
from dataclasses import dataclass

from eventstore.events import Events
from eventstore.repairs.protocol import RepairReport, Subject


@dataclass(frozen=True, slots=True, kw_only=True)
class DropOutside:
    """Leave out events with x ≥ width or y ≥ height."""

    name: str = "drop-outside"
    mends: str = "events lie off the sensor: they are left out"

    def apply(
        self, packets: Iterator[Events], subject: Subject, report: RepairReport
    ) -> Iterator[Events]:
        """Leave out events off the sensor."""
        sensor, rows = subject.sensor, 0
        for packet in packets:
            off = (packet.x >= sensor.width) | (packet.y >= sensor.height)
            report.note_mask(rows, off, dropped=True)
            rows += len(packet)
            yield packet[~off] if off.any() else packet


REPAIR = DropOutside()
