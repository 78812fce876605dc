"""What other formats say of a version: its card, its numbers and the tables it consists of."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path
from typing import Literal

from catalog.card import Card
from catalog.tree import STORE
from catalog.tsv import Table
from catalog.versions import Version
from eventstore.digest import sha256_file
from eventstore.store import ROOT_KEY

Kind = Literal["text", "integer", "number"]

TABLES = ("recordings.tsv", "statistics.tsv", "biases.tsv", "labels/**/*.tsv", "splits/*.tsv")
"""Tables of a version."""

KEYS = frozenset({"recording_id", "sample_id", "label", "fold", "digest", "source", "name"})
"""Columns of names: texts, even where all of them are digits."""

_INTEGER = re.compile(r"-?(0|[1-9]\d{0,17})")
_NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?(e[+-]?\d+)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class TableFacts:
    """One table of text.

    Args:
        path: where it lies.
        size: bytes.
        sha256: sum of its bytes.
        columns: kind of each column, in order.
        folds: names in its column ``fold``; empty where it has none.
    """

    path: str
    size: int
    sha256: str
    columns: Mapping[str, Kind]
    folds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionFacts:
    """All that is said of a version elsewhere.

    Args:
        card: its card.
        entry: what ``versions.json`` records of it.
        tables: its tables, sorted by path.
        store_size: bytes of the store's root metadata.
        store_sha256: sum of it; it holds the digest of all events.
    """

    card: Card
    entry: Version
    tables: tuple[TableFacts, ...]
    store_size: int
    store_sha256: str


def gather_facts(root: Path, card: Card, entry: Version) -> VersionFacts:
    """Read what is to be said of the work tree of a dataset that is about to be saved.

    Args:
        root: the dataset's folder.
        card: its card.
        entry: the version.

    Raises:
        FormatError: a table cannot be read.
    """
    paths = sorted({path for pattern in TABLES for path in root.glob(pattern)})
    store_root = root / STORE / ROOT_KEY
    return VersionFacts(
        card=card,
        entry=entry,
        tables=tuple(_table(root, path) for path in paths),
        store_size=store_root.stat().st_size,
        store_sha256=sha256_file(store_root),
    )


def column_kind(table: Table, at: int) -> Kind:
    """Return what the column at a place holds: numbers only where every cell is one.

    Examples:
        >>> table = Table(("lux", "code"), (("300", "01"), ("20.5", "02")))
        >>> column_kind(table, 0), column_kind(table, 1)
        ('number', 'text')
    """
    if table.columns[at] in KEYS or not table.rows:
        return "text"
    cell = itemgetter(at)  # a table may be long: nothing is copied, and texts end the search
    if all(map(_INTEGER.fullmatch, map(cell, table.rows))):
        return "integer"
    return "number" if all(map(_NUMBER.fullmatch, map(cell, table.rows))) else "text"


def _table(root: Path, path: Path) -> TableFacts:
    data = path.read_text(encoding="utf-8")
    table = Table.parse(data, path=path)
    kinds = {name: column_kind(table, at) for at, name in enumerate(table.columns)}
    is_split = path.parent.name == "splits"
    return TableFacts(
        path=path.relative_to(root).as_posix(),
        size=path.stat().st_size,
        sha256=sha256_file(path),
        columns=kinds,
        folds=tuple(sorted(set(table.column("fold")))) if is_split else (),
    )
