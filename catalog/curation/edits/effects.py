"""What edits leave of a recording's events: a trim and a mask, as a change of the store.

The clock stays: t = 0 is what it was, so that labels, boxes, side streams and citations of what is
left keep their times. Times before the first event that is left are merely empty.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from catalog.curation.edits.edit import Edit, Kind
from eventstore.changing import Change, rows_during
from eventstore.copying import packets_of
from eventstore.events import Events, Sensor
from eventstore.side import SideTable
from eventstore.store import EventStore

FOREVER = np.iinfo(np.int64).max


class Window(NamedTuple):
    """What is kept of a recording's time, ``start ≤ t < stop`` in µs."""

    start: int = 0
    stop: int = int(FOREVER)

    @classmethod
    def of(cls, edits: Sequence[Edit]) -> "Window":
        """Return what all trims among some edits keep.

        Examples:
            >>> Window.of([]) == Window()
            True
        """
        trims = [edit for edit in edits if edit.kind is Kind.TRIM]
        start = max((edit.from_us for edit in trims), default=0)
        return cls(start, min((edit.to_us for edit in trims), default=int(FOREVER)))


class Effect(NamedTuple):
    """What is left of a recording."""

    n_events: int
    n_gone: int
    t_stop: int
    """Its end: the last time left + 1, 0 where nothing is."""


def kept_events(edits: Sequence[Edit], sensor: Sensor) -> Callable[[Events], Events]:
    """Return the function that takes out of a packet what some edits leave out.

    Examples:
        >>> mask = Edit(
        ...     kind=Kind.MASK,
        ...     recording_id="a",
        ...     digest="",
        ...     reason="stuck",
        ...     parameters={"pixels": [[1, 0]]},
        ... )
        >>> kept = kept_events([mask], Sensor(2, 1))
        >>> kept(Events.of(t=[0, 5], x=[1, 0])).t.tolist()
        [5]
    """
    window = Window.of(edits)
    alive = np.ones((sensor.height, sensor.width), np.bool_)
    for edit in edits:
        for x, y in edit.pixels if edit.kind is Kind.MASK else ():
            if y < sensor.height and x < sensor.width:
                alive[y, x] = False

    def kept(packet: Events) -> Events:
        first, last = np.searchsorted(packet.t, window)
        part = packet[int(first) : int(last)]
        return part if alive.all() else part[alive[part.y, part.x]]

    return kept


def effect_on(store: EventStore, row: int, edits: Sequence[Edit]) -> Effect:
    """Decode a recording and return what edits would leave of it.

    Raises:
        IntegrityError: stored bytes are damaged.
        MissingContent: they are not on this machine.
    """
    known = store.recordings[row]
    kept = kept_events(edits, known.sensor)
    n_events, t_stop = 0, 0
    for packet in packets_of(store, known.start, known.start + known.n_events):
        left = kept(packet)
        if len(left):
            n_events, t_stop = n_events + len(left), int(left.t[-1]) + 1
    return Effect(n_events, known.n_events - n_events, t_stop)


def change_of(store: EventStore, row: int, edits: Sequence[Edit]) -> Change:
    """Return the change of a store that carries edits of one recording out.

    Side streams are trimmed as events are; what lies before the first event or after the last one
    goes only with a trim on that side. Masks are about events alone.
    """
    known, window = store.recordings[row], Window.of(edits)
    start = window.start if window.start > 0 else -int(FOREVER)
    stop = window.stop if window.stop < known.t_stop else int(FOREVER)

    def side(table: SideTable) -> SideTable:
        return rows_during(table, start, stop)

    notes = tuple(
        {
            "edit": edit.number,
            "kind": str(edit.kind),
            "digest_before": known.digest.hex(),
            **edit.parameters,
        }
        for edit in edits
    )
    return Change(
        digest=known.digest, events=kept_events(edits, known.sensor), side=side, notes=notes
    )


def edits_in(provenance: dict[str, object]) -> dict[int, str]:
    """Return the numbers of the edits that a recording has behind it, with the digest before each.

    Examples:
        >>> edits_in({"edits": [{"edit": 3, "digest_before": "ab"}]})
        {3: 'ab'}
    """
    done = provenance.get("edits", [])
    notes = [note for note in done if isinstance(note, dict)] if isinstance(done, list) else []
    return {int(note["edit"]): str(note.get("digest_before", "")) for note in notes}
