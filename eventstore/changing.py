"""What is to be done to recordings when a store is rewritten: cut them, take pixels out of them."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Bool

from eventstore.digest import LogicalDigest
from eventstore.errors import IntegrityError
from eventstore.events import Events
from eventstore.recordings import RecordingRow
from eventstore.side import PIXELS, SideTable, frame_bytes

EDITS = "edits"
"""Name in a recording's provenance under which it stands what was done to it, oldest first."""


def _same_events(packet: Events) -> Events:
    return packet


def _same_rows(table: SideTable) -> SideTable:
    return table


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What is to be done to one recording; its clock stays, so that t = 0 is what it was.

    Args:
        digest: logical digest that the recording has now, 32 bytes; another one is refused.
        events: returns what is left of a packet, in the same order.
        side: returns what is left of a table of a side stream, whose times count from the
            recording's start.
        notes: what is said of it in the recording's provenance, behind what stands there already.

    Examples:
        >>> late = Change(digest=bytes(32), events=lambda packet: packet[packet.t >= 5])
        >>> late.events(Events.of(t=[3, 9], x=[0, 1])).t.tolist()
        [9]
    """

    digest: bytes
    events: Callable[[Events], Events] = _same_events
    side: Callable[[SideTable], SideTable] = _same_rows
    notes: tuple[Mapping[str, object], ...] = field(default=())

    def provenance(self, before: Mapping[str, object]) -> dict[str, object]:
        """Return a recording's provenance with what was done to it."""
        known = before.get(EDITS, [])
        done = list(known) if isinstance(known, list) else [known]
        return {**before, EDITS: [*done, *map(dict, self.notes)]}


def changed_packets(
    packets: Iterator[Events], known: RecordingRow, change: Change, where: str
) -> Iterator[Events]:
    """Yield what a change leaves of a recording's packets, reading them all.

    Raises:
        IntegrityError: the packets are not what was recorded of the recording.
    """
    digest = LogicalDigest(known.sensor)
    for packet in packets:
        digest.update(packet)
        left = change.events(packet)
        if len(left):
            yield left
    if digest.digest() != known.digest:
        message = f"recording {known.recording_id!r} of {where} is not what was recorded of it"
        raise IntegrityError(message, hint="get out what is whole: spikelake store salvage")


def rows_during(table: SideTable, t_start: int, t_stop: int) -> SideTable:
    """Return the rows of a side stream with ``t_start ≤ t < t_stop``, frames with their pixels.

    Examples:
        >>> table = SideTable.of("triggers", {"t": [-3, 4, 9], "edge": [1, 0, 1]})
        >>> rows_during(table, 0, 9).columns["t"].tolist()
        [4]
    """
    t = table.columns["t"]
    kept: Bool[np.ndarray, " n"] = (t >= t_start) & (t < t_stop)
    if kept.all():
        return table
    part = {k: v[kept] for k, v in table.columns.items() if k not in {PIXELS, "start"}}
    if table.kind == "frames":
        part[PIXELS] = table.columns[PIXELS][np.repeat(kept, frame_bytes(table.columns))]
    return SideTable.of(table.kind, part)
