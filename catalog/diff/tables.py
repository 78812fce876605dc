"""Rows that differ between two tables of text: added, removed, or changed under the same key."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from catalog.tsv import Table

Row: TypeAlias = dict[str, str]
"""A row by column."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RowChanges:
    """What differs between two tables, over the columns that both have.

    Args:
        added: rows only the second has.
        removed: rows only the first has.
        changed: rows of one key that differ, before and after.
        new_columns: columns only the second has.
        lost_columns: columns only the first has.
    """

    added: list[Row] = field(default_factory=list)
    removed: list[Row] = field(default_factory=list)
    changed: list[tuple[Row, Row]] = field(default_factory=list)
    new_columns: tuple[str, ...] = ()
    lost_columns: tuple[str, ...] = ()


def row_changes(before: Table, after: Table, key: Sequence[str]) -> RowChanges:
    """Compare two tables row by row; rows may stand in any order, and more than once.

    Args:
        before: the first table.
        after: the second.
        key: columns that name a row.

    Examples:
        >>> one = Table(("id", "label"), (("a", "cat"), ("b", "dog")))
        >>> two = Table(("id", "label"), (("a", "cow"), ("c", "owl")))
        >>> found = row_changes(one, two, ["id"])
        >>> found.changed
        [({'id': 'a', 'label': 'cat'}, {'id': 'a', 'label': 'cow'})]
        >>> [row["id"] for row in found.added], [row["id"] for row in found.removed]
        (['c'], ['b'])
    """
    shared = [column for column in after.columns if column in before.columns]
    old, new = Counter(_rows(before, shared)), Counter(_rows(after, shared))
    gone, come = list((old - new).elements()), list((new - old).elements())
    at = [shared.index(column) for column in key]
    changed, removed, added = paired(gone, come, lambda row: tuple(row[i] for i in at))
    return RowChanges(
        added=[dict(zip(shared, row, strict=True)) for row in added],
        removed=[dict(zip(shared, row, strict=True)) for row in removed],
        changed=[
            (dict(zip(shared, a, strict=True)), dict(zip(shared, b, strict=True)))
            for a, b in changed
        ],
        new_columns=tuple(c for c in after.columns if c not in before.columns),
        lost_columns=tuple(c for c in before.columns if c not in after.columns),
    )


def paired(
    gone: list[tuple[str, ...]],
    come: list[tuple[str, ...]],
    key: Callable[[tuple[str, ...]], object],
) -> tuple[
    list[tuple[tuple[str, ...], tuple[str, ...]]], list[tuple[str, ...]], list[tuple[str, ...]]
]:
    """Pair rows that went with rows of the same key that came; return pairs and what is left."""
    waiting: dict[object, list[tuple[str, ...]]] = {}
    for row in gone:
        waiting.setdefault(key(row), []).append(row)
    pairs, added = [], []
    for row in come:
        same = waiting.get(key(row))
        if same:
            pairs.append((same.pop(0), row))
        else:
            added.append(row)
    return pairs, [row for rows in waiting.values() for row in rows], added


def differing(before: Row, after: Row) -> tuple[str, str]:
    """Return the values of two rows that differ, as text: before and after.

    Examples:
        >>> differing({"id": "a", "speaker": "jim"}, {"id": "a", "speaker": "ann"})
        ('speaker=jim', 'speaker=ann')
    """
    columns = [column for column, value in before.items() if after[column] != value]
    return (
        " ".join(f"{column}={before[column]}" for column in columns),
        " ".join(f"{column}={after[column]}" for column in columns),
    )


def _rows(table: Table, columns: Sequence[str]) -> Sequence[tuple[str, ...]]:
    if tuple(columns) == table.columns:
        return table.rows
    at = [table.columns.index(column) for column in columns]
    return [tuple(row[i] for i in at) for row in table.rows]
