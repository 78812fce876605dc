"""Mend small steps back in time, as of sensors whose parts race to one bus."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from eventstore.events import Events
from eventstore.jit import kernel
from eventstore.repairs.protocol import RepairReport, Subject

LONG_AGO = int(np.iinfo(np.int64).min)
"""Earlier than every event."""


@kernel
def hold(t: np.ndarray, latest: int) -> tuple[int, int, int]:
    """Raise times in place to the largest before them; return how many, the first, the largest."""
    n, first = 0, 0
    for i in range(len(t)):
        if t[i] < latest:
            t[i] = latest
            if n == 0:
                first = i
            n += 1
        else:
            latest = t[i]
    return n, first, latest


@kernel
def mark_late(t: np.ndarray, latest: int, late: np.ndarray) -> int:
    """Mark the events earlier than one before them; return the largest time."""
    for i in range(len(t)):
        late[i] = t[i] < latest
        if not late[i]:
            latest = t[i]
    return latest


def late_events(t: np.ndarray, latest: int) -> tuple[np.ndarray, int]:
    """Return a mask of the events earlier than one before them, and the largest time.

    Args:
        t: times in µs.
        latest: largest time before these; `LONG_AGO` where there is none.

    Examples:
        >>> late, latest = late_events(np.array([5, 3, 9, 8]), LONG_AGO)
        >>> late.tolist(), latest
        ([False, True, False, True], 9)
    """
    late = np.empty(len(t), np.bool_)
    return late, int(mark_late(t, latest, late))


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldTime:
    """Give events that are late the time of the latest before them, ``t ← max(t so far)``."""

    name: str = "hold-time"
    mends: str = "time runs back by little: late events get the time of the one before"

    def apply(
        self, packets: Iterator[Events], _subject: Subject, report: RepairReport
    ) -> Iterator[Events]:
        """Raise the times of late events."""
        latest, rows = LONG_AGO, 0
        for packet in packets:
            t = packet.t.copy()
            n, first, latest = hold(t, latest)
            report.note(rows, first, changed=n)
            rows += len(packet)
            yield Events(t, packet.x, packet.y, packet.p) if n else packet


@dataclass(frozen=True, slots=True, kw_only=True)
class DropBackward:
    """Leave out events that are earlier than one before them."""

    name: str = "drop-backward"
    mends: str = "time runs back: events earlier than one before them are left out"

    def apply(
        self, packets: Iterator[Events], _subject: Subject, report: RepairReport
    ) -> Iterator[Events]:
        """Leave out late events."""
        latest, rows = LONG_AGO, 0
        for packet in packets:
            late, latest = late_events(packet.t, latest)
            report.note_mask(rows, late, dropped=True)
            rows += len(packet)
            yield packet[~late] if late.any() else packet


HOLD_TIME = HoldTime()
DROP_BACKWARD = DropBackward()
