"""Leave out events that stand twice, as in files joined with an overlap or from echoing buses."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from eventstore.events import Events
from eventstore.jit import kernel
from eventstore.repairs.protocol import RepairReport, Subject

_HASH = 11400714819323198485  # 2^64 / golden ratio: Fibonacci hashing


@kernel
def longest_run(t: np.ndarray) -> int:
    """Return how many events in a row share a time, at most."""
    most, run = 0, 0
    for i in range(len(t)):
        run = run + 1 if i > 0 and t[i] == t[i - 1] else 1
        most = max(most, run)
    return most


@kernel
def mark_twins(
    columns: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray],
    table: np.ndarray,
    owner: np.ndarray,
    twin: np.ndarray,
) -> None:
    """Mark the events equal to an earlier one of the same run of equal times.

    ``table`` is a hash table with a power of two of slots, at least twice the longest run;
    ``owner`` says which run filled a slot, so that it is empty again for the next.
    """
    t, x, y, p = columns
    mask, shift = len(table) - 1, 0
    while (1 << shift) < len(table):
        shift += 1
    run = 0
    for i in range(len(t)):
        if i == 0 or t[i] != t[i - 1]:
            run += 1
        key = (np.uint64(x[i]) << np.uint64(17)) | (np.uint64(y[i]) << np.uint64(1))
        key |= np.uint64(p[i])
        slot = np.int64((key * np.uint64(_HASH)) >> np.uint64(64 - shift))
        while owner[slot] == run and table[slot] != key:
            slot = (slot + 1) & mask
        twin[i] = owner[slot] == run
        owner[slot] = run
        table[slot] = key


def find_twins(events: Events) -> np.ndarray:
    """Return a mask of the events equal to an earlier one of the same run of equal times.

    Examples:
        >>> find_twins(Events.of(t=[5, 5, 5, 6], x=[1, 2, 1, 1], y=[0, 0, 0, 0])).tolist()
        [False, False, True, False]
    """
    slots = 1 << max(4, 2 * int(longest_run(events.t)) - 1).bit_length()
    twin = np.zeros(len(events), np.bool_)
    mark_twins(events.arrays(), np.zeros(slots, np.uint64), np.zeros(slots, np.int64), twin)
    return twin


@dataclass(frozen=True, slots=True, kw_only=True)
class DropDuplicates:
    """Keep one of the events that agree in t, x, y and p.

    Events of one time are compared wherever they stand among each other; where time runs back,
    sort first.
    """

    name: str = "drop-duplicates"
    mends: str = "events stand twice: one of each is kept"

    def apply(
        self, packets: Iterator[Events], _subject: Subject, report: RepairReport
    ) -> Iterator[Events]:
        """Leave out events that stood before; the last time of a packet waits for the next."""
        waiting, rows = Events.empty(), 0
        for packet in packets:
            joined = Events.concatenate([waiting, packet])
            twin = find_twins(joined)
            # Those that wait were kept already: none of them is a twin.
            report.note_mask(rows - len(waiting), twin, dropped=True)
            rows += len(packet)
            kept = joined[~twin]
            first_of_last = len(kept) - _last_run(kept.t)
            waiting = kept[first_of_last:]
            if first_of_last:
                yield kept[:first_of_last]
        if len(waiting):
            yield waiting


@kernel
def _last_run(t: np.ndarray) -> int:
    """Return how many events at the end share a time."""
    n = 0
    while n < len(t) and t[len(t) - 1 - n] == t[len(t) - 1]:
        n += 1
    return n


REPAIR = DropDuplicates()
