"""Swap ON and OFF, where a file counts them the other way round."""

from collections.abc import Iterator
from dataclasses import dataclass

from eventstore.errors import InvalidInput
from eventstore.events import Events
from eventstore.repairs.protocol import RepairReport, Subject


@dataclass(frozen=True, slots=True, kw_only=True)
class SwapPolarity:
    """Make ON events OFF and OFF events ON."""

    name: str = "swap-polarity"
    mends: str = "ON and OFF are exchanged"

    def apply(
        self, packets: Iterator[Events], subject: Subject, report: RepairReport
    ) -> Iterator[Events]:
        """Swap the polarities.

        Raises:
            InvalidInput: the recording is audio, which has none.
        """
        if subject.sensor.modality != "vision":
            message = f"{subject.name} is audio and has no polarities to swap"
            raise InvalidInput(message, hint=f"leave the repair {self.name!r} out")
        rows = 0
        for packet in packets:
            report.note(rows, 0, changed=len(packet))
            rows += len(packet)
            yield Events(packet.t, packet.x, packet.y, packet.p ^ 1)


REPAIR = SwapPolarity()
