"""Recordings that differ between two states: by their logical digests, and by what is noted."""

from collections.abc import Iterator, Mapping

from catalog.diff.bump import Bump
from catalog.diff.change import Change, How
from catalog.diff.tables import Row, RowChanges, differing, row_changes
from catalog.reference import SHORT_DIGEST
from catalog.tree import RECORDINGS
from catalog.tsv import Table

CONTENT = ("digest", "side_digest")
"""Columns that tell what a recording holds; the others are notes or follow from these."""

KEY = "recording_id"


def recording_changes(before: str, after: str) -> Iterator[Change]:
    """Yield what differs between two texts of ``recordings.tsv``; empty where there is none."""
    if before == after:
        return
    old, new = _table(before, after), _table(after, before)
    found = row_changes(old, new, [KEY])
    for column in found.new_columns:
        yield _column(column, How.ADDED)
    for column in found.lost_columns:
        yield _column(column, How.REMOVED)
    for a, b in found.changed:
        if any(a[column] != b[column] for column in CONTENT):
            yield _change(b[KEY], How.CHANGED, Bump.MAJOR, before=_sum(a), after=_sum(b))
        else:
            noted = differing(a, b)
            yield _change(b[KEY], How.CHANGED, Bump.PATCH, before=noted[0], after=noted[1])
    yield from _come_and_gone(found)


def _come_and_gone(found: RowChanges) -> Iterator[Change]:
    """Yield recordings that were added and removed; the same events under a new id are renamed."""
    names: dict[tuple[str, ...], list[Row]] = {}
    for row in found.removed:
        names.setdefault(_content(row), []).append(row)
    for row in found.added:
        same = names.get(_content(row))
        if same:
            yield _change(row[KEY], How.RENAMED, Bump.MAJOR, before=same.pop(0)[KEY])
        else:
            yield _change(row[KEY], How.ADDED, Bump.MINOR, after=_sum(row))
    for rows in names.values():
        for row in rows:
            yield _change(row[KEY], How.REMOVED, Bump.MAJOR, before=_sum(row))


def _table(text: str, other: str) -> Table:
    """Read a table; of no rows, and the columns of the other, where there is none."""
    if text:
        return Table.parse(text, path=RECORDINGS)
    return Table(Table.parse(other, path=RECORDINGS).columns, ())


def _content(row: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(row[column] for column in CONTENT)


def _sum(row: Mapping[str, str]) -> str:
    return f"{row['n_events']} events {row['digest'][:SHORT_DIGEST]}"


def _column(name: str, how: How) -> Change:
    return Change(what="column", name=name, how=how, bump=Bump.PATCH, of=RECORDINGS)


def _change(name: str, how: How, bump: Bump, *, before: str = "", after: str = "") -> Change:
    return Change(what="recording", name=name, how=how, bump=bump, before=before, after=after)
