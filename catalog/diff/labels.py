"""Labels that differ between two states, interval by interval."""

from collections.abc import Iterator

from catalog.diff.bump import Bump
from catalog.diff.change import Change, How
from catalog.diff.tables import Row, differing, row_changes
from catalog.tsv import Table
from eventstore.selection import sample_id

INTERVAL = ("recording_id", "t_start_us", "t_stop_us")

NOTES = frozenset({"annotator", "confidence", "source"})
"""Columns that say whence a label is, not what it is."""


def label_changes(name: str, before: str, after: str) -> Iterator[Change]:
    """Yield what differs between two texts of ``labels/<name>.tsv``; empty where there is none.

    An interval whose ends were moved counts as changed, not as removed and added, as long as it
    overlaps with what it was.
    """
    path = f"labels/{name}.tsv"
    if before == after:
        return
    if not before or not after:
        rows = len(Table.parse(before or after, path=path).rows)
        said = f"{rows:,} labels"
        how, bump = (How.REMOVED, Bump.MAJOR) if before else (How.ADDED, Bump.MINOR)
        yield Change(
            what="label set",
            name=name,
            how=how,
            bump=bump,
            before=said if before else "",
            after=said if after else "",
        )
        return
    old, new = Table.parse(before, path=path), Table.parse(after, path=path)
    key = [column for column in INTERVAL if column in old.columns and column in new.columns]
    found = row_changes(old, new, key)
    for column in found.new_columns:
        yield Change(what="column", name=column, how=How.ADDED, bump=Bump.PATCH, of=path)
    for column in found.lost_columns:
        yield Change(what="column", name=column, how=How.REMOVED, bump=Bump.MAJOR, of=path)
    moved, removed, added = _moved(found.removed, found.added)
    for a, b in [*found.changed, *moved]:
        noted = all(a[column] == b[column] for column in a if column not in NOTES)
        bump = Bump.PATCH if noted else Bump.MAJOR
        yield _label(name, b, How.CHANGED, bump, differing(a, b))
    for row in removed:
        yield _label(name, row, How.REMOVED, Bump.MAJOR, (_rest(row), ""))
    for row in added:
        yield _label(name, row, How.ADDED, Bump.MINOR, ("", _rest(row)))


def _moved(
    removed: list[Row], added: list[Row]
) -> tuple[list[tuple[Row, Row]], list[Row], list[Row]]:
    """Pair intervals of one recording that overlap; return pairs and what is left."""
    waiting: dict[str, list[Row]] = {}
    for row in sorted(removed, key=_start):
        waiting.setdefault(row.get("recording_id", ""), []).append(row)
    pairs, come = [], []
    for row in added:
        others = waiting.get(row.get("recording_id", ""), [])
        hit = next((other for other in others if _overlap(other, row)), None)
        if hit is None:
            come.append(row)
        else:
            others.remove(hit)
            pairs.append((hit, row))
    return pairs, [row for rows in waiting.values() for row in rows], come


def _start(row: Row) -> int:
    return int(row.get("t_start_us", "0") or 0)


def _overlap(a: Row, b: Row) -> bool:
    if not all(column in row for row in (a, b) for column in INTERVAL):
        return False
    stop_a, stop_b = int(a["t_stop_us"]), int(b["t_stop_us"])
    return _start(a) < stop_b and _start(b) < stop_a


def _label(name: str, row: Row, how: How, bump: Bump, said: tuple[str, str]) -> Change:
    if all(column in row for column in INTERVAL):
        named = sample_id(row["recording_id"], _start(row), int(row["t_stop_us"]))
    else:
        named = " ".join(row.values())
    return Change(
        what="label", name=named, how=how, bump=bump, of=name, before=said[0], after=said[1]
    )


def _rest(row: Row) -> str:
    """Return what a row says beside the interval."""
    return " ".join(value for column, value in row.items() if column not in INTERVAL and value)
