"""Which recordings are surveyed together, and which events are encoded together."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TypeAlias

from eventstore.ingest_tasks import Failed, Outcome, Skipped, Span, Surveyed
from eventstore.readers.source_item import SourceItem

SURVEY_BYTES = 1 << 22
"""Small recordings are surveyed together up to about so many bytes of their files."""

SURVEY_ITEMS = 512
"""Recordings surveyed together at most."""

TASK_EVENTS = 1 << 20
"""Events encoded together, about: 0.1 s of work."""

SKIP_RATIO = 4
"""A piece of a long recording is as long as a fourth of what must be decoded to get to it.

No reader can begin in the middle. Decoding is five to twenty times as fast as encoding, so that
this costs less than is won by encoding the pieces at once."""


@dataclass(slots=True)
class Group:
    """Recordings that enter the store together.

    Args:
        members: the recordings with what was found of them.
        pieces: their events, in pieces to be encoded each by one task.
        n_skipped: recordings that were in the store already, since the group before.
    """

    members: list[tuple[SourceItem, Surveyed]] = field(default_factory=list)
    pieces: list[tuple[Span, ...]] = field(default_factory=list)
    n_skipped: int = 0

    @property
    def n_events(self) -> int:
        """Number of events."""
        return sum(found.row.n_events for _, found in self.members)


@dataclass(frozen=True, slots=True)
class Failure:
    """A recording that cannot be stored; nothing behind it is."""

    item: SourceItem
    failed: Failed


Step: TypeAlias = Group | Failure


def plan_surveys(items: Sequence[SourceItem]) -> Iterator[tuple[SourceItem, ...]]:
    """Put recordings into batches to be surveyed by one task each.

    Examples:
        >>> list(plan_surveys([]))
        []
    """
    batch: list[SourceItem] = []
    n_bytes = 0
    for item in items:
        if batch and (n_bytes + item.n_bytes > SURVEY_BYTES or len(batch) == SURVEY_ITEMS):
            yield tuple(batch)
            batch, n_bytes = [], 0
        batch.append(item)
        n_bytes += item.n_bytes
    if batch:
        yield tuple(batch)


def plan_groups(outcomes: Iterable[tuple[SourceItem, Outcome]]) -> Iterator[Step]:
    """Put surveyed recordings into groups, and cut their events into pieces.

    A recording with side streams is a group of its own, and one longer than a task.

    Args:
        outcomes: each recording and what was found, in order; the first failure ends them.
    """
    group = Group()
    for item, outcome in outcomes:
        if isinstance(outcome, Skipped):
            group.n_skipped += 1
            continue
        alone = isinstance(outcome, Failed) or outcome.has_side or _is_long(outcome)
        if alone and (group.members or group.n_skipped):
            yield _cut(group)
            group = Group()
        if isinstance(outcome, Failed):
            yield Failure(item, outcome)
            return
        group.members.append((item, outcome))
        if alone or group.n_events >= TASK_EVENTS:
            yield _cut(group)
            group = Group()
    if group.members or group.n_skipped:
        yield _cut(group)


def _is_long(found: Surveyed) -> bool:
    return found.row.n_events > TASK_EVENTS


def _cut(group: Group) -> Group:
    """Cut a group's events into pieces: one of them all, or several of one long recording."""
    if len(group.members) == 1:
        ((item, found),) = group.members
        group.pieces = [
            (Span(item=item, stamp=found.stamp, start=start, stop=stop),)
            for start, stop in pairwise([0, *plan_pieces(found.row.n_events)])
        ]
        return group
    spans = [
        Span(item=item, stamp=found.stamp, start=0, stop=found.row.n_events)
        for item, found in group.members
        if found.row.n_events
    ]
    group.pieces = [tuple(spans)] if spans else []
    return group


def plan_pieces(n_events: int) -> list[int]:
    """Return where the pieces of a recording end.

    Examples:
        >>> [end / TASK_EVENTS for end in plan_pieces(10 * TASK_EVENTS)]
        [1.0, 2.0, 3.0, 4.0, 5.0, 6.25, 7.8125, 10.0]
    """
    ends: list[int] = []
    at = 0
    while at < n_events:
        length = max(TASK_EVENTS, at // SKIP_RATIO)
        rest = n_events - at
        at += rest if rest < length + length // 2 else length
        ends.append(at)
    return ends
