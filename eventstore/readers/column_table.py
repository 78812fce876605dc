"""Events from columns that lie side by side in a file, read packet by packet."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from eventstore.events import Events, Sensor
from eventstore.findings import Finding, Severity
from eventstore.readers.column_values import Place, TimeUnit, resolve_unit, to_events, to_pixels
from eventstore.readers.geometry import KNOWN_COCHLEAS, KNOWN_SENSORS, no_events, settle_sensor
from eventstore.readers.mapped import forget
from eventstore.readers.protocol import (
    ORIGIN_LIMIT_US,
    PACKET_EVENTS,
    ByteSource,
    Recording,
    SideStreams,
)

_PROBE_ROWS = 1 << 16
_DAY_US = 86_400 * 10**6


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ColumnTable:
    """Columns of a file.

    Args:
        source: the file; what was read of it is let go of after each packet.
        n_rows: how many events there are.
        take: returns some of the columns ``t x y p`` or ``t c``, from one row to another, as they
            are stored.
        audio: they are ``t c``.
        unit: what the times count.
        offset_us: what is to be added to them.
        hint: what to do where the columns are no events.
    """

    source: ByteSource
    n_rows: int
    take: Callable[[str, int, int], Mapping[str, np.ndarray]]
    audio: bool = False
    unit: TimeUnit = "auto"
    offset_us: int = 0
    hint: str = ""
    packet_events: int = PACKET_EVENTS
    findings: list[Finding] = field(default_factory=list)

    def record(
        self,
        *,
        reader: str,
        stated: Sensor | None,
        meta: Mapping[str, str] | None = None,
        side: SideStreams | None = None,
        own_clock: bool = True,
    ) -> Recording:
        """Return the recording, its packets still to be read.

        Args:
            reader: name of the reader.
            stated: the sensor, where anybody states it.
            meta: what else the file says.
            side: its side streams.
            own_clock: times are counted from the recording's start, unless they are too late.

        Raises:
            FormatError: the first values are no events.
        """
        guessed = self.unit == "auto"
        times = self.take("t", 0, min(self.n_rows, _PROBE_ROWS) if guessed else 0)["t"]
        unit = resolve_unit(self.unit, times)
        known = KNOWN_COCHLEAS if self.audio else KNOWN_SENSORS
        sensor, assumed = settle_sensor(self.source.name, stated, self._extent, known)
        self.findings.extend(assumed)
        if not self.n_rows:
            self.findings.append(no_events(self.source.name))
        first = self._events(0, min(self.n_rows, 1), unit).t
        zero_based = own_clock and (not len(first) or 0 <= int(first[0]) < ORIGIN_LIMIT_US)
        return Recording(
            source=self.source.name,
            sensor=sensor,
            reader=reader,
            zero_based=zero_based,
            packets=self._packets(unit, guessed=guessed and times.dtype.kind == "f"),
            meta={"unit": unit, **(meta or {})},
            side=side or {},
            findings=self.findings,
        )

    def _packets(self, unit: TimeUnit, *, guessed: bool) -> Iterator[Events]:
        first = last = None
        for start in range(0, self.n_rows, self.packet_events):
            events = self._events(start, min(start + self.packet_events, self.n_rows), unit)
            first = int(events.t[0]) if first is None else first
            last = int(events.t[-1])
            yield events
            forget(self.source, 0, len(self.source.data))
        if guessed and first is not None and last is not None:
            self.findings.extend(_check_span(self.source.name, unit, last - first))

    def _events(self, start: int, stop: int, unit: TimeUnit) -> Events:
        place = Place(name=self.source.name, row=start, hint=self.hint)
        columns = self.take("tc" if self.audio else "txyp", start, stop)
        return to_events(columns, unit, place, offset_us=self.offset_us)

    def _extent(self) -> tuple[int, int]:
        largest = dict.fromkeys("c" if self.audio else "xy", -1)
        for start in range(0, self.n_rows, self.packet_events):
            stop = min(start + self.packet_events, self.n_rows)
            place = Place(name=self.source.name, row=start, hint=self.hint)
            for letter, column in self.take("".join(largest), start, stop).items():
                top = int(to_pixels(column, letter, place).max())
                largest[letter] = max(largest[letter], top)
            forget(self.source, 0, len(self.source.data))
        return (largest["c"], 0) if self.audio else (largest["x"], largest["y"])


def _check_span(name: str, unit: TimeUnit, span_us: int) -> list[Finding]:
    if abs(span_us) <= _DAY_US:
        return []
    message = f"stamps without a unit, taken as {unit}, span {span_us / _DAY_US:.1f} days"
    fix = "if they are not, give the unit (--reader NAME:unit=us)"
    return [
        Finding(severity=Severity.WARNING, where=name, message=message, fix=fix, check="time-unit")
    ]
