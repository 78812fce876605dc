"""Rows of a store that cannot be trusted, and why; neighbours of one cause are one damage."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from itertools import pairwise

from eventstore.errors import IntegrityError, MissingContent

RESTORE = "restore the file from another copy or version, or ingest the recording again"


@dataclass(frozen=True, slots=True)
class Damage:
    """Rows ``start … stop - 1`` of one column that cannot be trusted, and why.

    Args:
        column: its name.
        start: first row hit.
        stop: the row after the last.
        message: what is wrong.
        check: name of the check that found it.
    """

    column: str
    start: int
    stop: int
    message: str
    check: str


def damage_of(read: Callable[[], object], column: str, start: int, stop: int) -> list[Damage]:
    """Read something, and return the damage where that is not possible.

    Examples:
        >>> damage_of(lambda: None, "x", 0, 9)
        []
    """
    try:
        read()
    except IntegrityError as error:
        return [Damage(column, start, stop, error.message, "checksum")]
    except MissingContent as error:
        return [Damage(column, start, stop, error.message, "missing-content")]
    return []


def merged(damages: Iterable[Damage]) -> list[Damage]:
    """Join neighbouring damages of one column that have one cause, such as a missing shard.

    Examples:
        >>> a, b = Damage("x", 0, 4, "gone", "content"), Damage("x", 4, 8, "gone", "content")
        >>> [(d.start, d.stop) for d in merged([b, a])]
        [(0, 8)]
    """
    ordered = sorted(damages, key=lambda d: (d.column, d.start))
    if not ordered:
        return []
    joined, first = [], ordered[0]
    for before, after in pairwise([*ordered, ordered[-1]]):
        one = before.column == after.column and before.stop == after.start
        if not one or before.message != after.message:
            joined.append(replace(first, stop=before.stop))
            first = after
    return joined
