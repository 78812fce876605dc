"""What a repair is: packets of events in, packets of repaired events out, and a count of both."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

import numpy as np

from eventstore.errors import InvalidInput
from eventstore.events import Events, Sensor


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """The recording being repaired.

    Args:
        name: what messages call it.
        sensor: geometry that its events are said to lie in.
        assumed: nobody states that geometry; it was assumed from the events as they are.
    """

    name: str
    sensor: Sensor
    assumed: bool = False

    def stated_sensor(self, repair: str) -> Sensor:
        """Return the sensor for a repair that moves events on it.

        Raises:
            InvalidInput: it was assumed from the very coordinates that are to be moved.
        """
        if self.assumed:
            message = (
                f"{self.name}: {repair} needs the sensor's size, which the file does not state"
            )
            raise InvalidInput(message, hint="give it (--sensor WIDTHxHEIGHT)")
        return self.sensor


@dataclass(slots=True, kw_only=True)
class RepairReport:
    """What one repair did to one recording; complete once all packets are consumed.

    Args:
        name: name of the repair.
        options: its options and their values.
        changed: events that it changed or moved.
        dropped: events that it left out.
        first: row of the first of these in what it was given; None where there was none.
    """

    name: str
    options: Mapping[str, object] = field(default_factory=dict)
    changed: int = 0
    dropped: int = 0
    first: int | None = None

    def note(self, rows_before: int, row: int, *, changed: int = 0, dropped: int = 0) -> None:
        """Add what was done to a packet.

        Args:
            rows_before: rows in the packets before it.
            row: first row in the packet that was changed or dropped.
            changed: number of events changed in it.
            dropped: number of events left out of it.
        """
        if changed or dropped:
            self.changed += changed
            self.dropped += dropped
            if self.first is None:
                self.first = rows_before + row

    def note_mask(self, rows_before: int, mask: np.ndarray, *, dropped: bool = False) -> None:
        """Add the events of a packet that a mask marks."""
        n = int(np.count_nonzero(mask))
        row = int(np.argmax(mask)) if n else 0
        self.note(rows_before, row, changed=0 if dropped else n, dropped=n if dropped else 0)

    def to_dict(self) -> dict[str, object]:
        """Return plain values, for JSON; options only where there are any.

        Examples:
            >>> RepairReport(name="hold-time", changed=2, first=7).to_dict()
            {'name': 'hold-time', 'changed': 2, 'dropped': 0, 'first': 7}
        """
        options = {"options": dict(self.options)} if self.options else {}
        done = {"changed": self.changed, "dropped": self.dropped, "first": self.first}
        return {"name": self.name, **options, **done}


@runtime_checkable
class Repair(Protocol):
    """One kind of repair: a frozen dataclass in the table of repairs.

    Its fields made with `eventstore.plugin_options.option` can be set by a user
    (``--repair unwrap:bits=24``).
    """

    @property
    def name(self) -> str:
        """Name in the table of repairs."""

    @property
    def mends(self) -> str:
        """What is wrong with a recording that needs it, in a few words."""

    def apply(
        self, packets: Iterator[Events], subject: Subject, report: RepairReport
    ) -> Iterator[Events]:
        """Repair packets as they come, in memory that does not grow with the recording.

        Args:
            packets: events in the order of the file; they are not to be written to.
            subject: the recording.
            report: where to count what is done.

        Raises:
            InvalidInput: while packets are consumed: the recording is not what this repair is for.
        """
