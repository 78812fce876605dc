"""``recordings.tsv``: one row of facts per recording, for people, rules and searches.

Everything in it but the columns a curator adds is derived from the event store and its sources.
"""

from collections.abc import Mapping
from typing import NamedTuple

from catalog.curator_columns import check_values
from catalog.statistics.table import statistics_table
from catalog.tsv import Table
from eventstore.digest import NO_DIGEST
from eventstore.errors import FormatError, InvalidInput
from eventstore.recordings import store_digest
from eventstore.store import EventStore

RECORDING_COLUMNS = (
    "recording_id",
    "n_events",
    "t_stop_us",
    "t_origin_us",
    "width",
    "height",
    "on_fraction",
    "rate_hz",
    "digest",
    "side_digest",
    "source",
    "source_sha256",
    "fold",
)
"""Columns every dataset has; a curator's own columns (speaker, session, …) follow them."""


class Provenance(NamedTuple):
    """Where a recording came from."""

    source: str
    fold: str


def recordings_table(
    store: EventStore,
    *,
    known: Table | None,
    provenance: Mapping[str, Provenance],
    statistics: Table | None = None,
) -> Table:
    """Return the table for a store, keeping what is known of recordings that did not change.

    Args:
        store: the open store.
        known: the table so far, whose further columns are kept; None where there is none.
        provenance: source and fold of recordings that are new or were ingested again.
        statistics: what was measured of them; measured here where None.
    """
    extra = known.columns[len(RECORDING_COLUMNS) :] if known else ()
    rows_known = {row["recording_id"]: row for row in by_column(known)} if known else {}
    digests = [digest.hex() for digest in store.recordings.digests]
    ids = store.recordings.ids
    if statistics is None:
        statistics = statistics_table(store, known=None)
    fractions = _on_fractions(store, statistics)
    rows = []
    for row, name in enumerate(ids):
        before = rows_known.get(name, {})
        whence = provenance.get(name, Provenance(before.get("source", ""), before.get("fold", "")))
        facts = {
            **_numbers(store, row),
            "recording_id": name,
            "on_fraction": fractions[name] if name in fractions else before.get("on_fraction", ""),
            "digest": digests[row],
            "source": whence.source,
            "fold": whence.fold,
        }
        own = (before.get(column, "") for column in extra)
        rows.append((*(facts[column] for column in RECORDING_COLUMNS), *own))
    return Table.of((*RECORDING_COLUMNS, *extra), rows)


def wrong_facts(store: EventStore, table: Table) -> dict[str, str]:
    """Return what the table says otherwise than the store, by recording id.

    All derived columns but the share of ON events, which costs decoding them.
    """
    rows = {name: row for row, name in enumerate(store.recordings.ids)}
    wrong = {}
    for listed in by_column(table):
        name = listed["recording_id"]
        if name not in rows:
            continue
        held = _numbers(store, rows[name])
        other = [column for column, value in held.items() if listed[column] != value]
        if other:
            said = (f"{c} is {listed[c]}, in the store {held[c]}" for c in other)
            wrong[name] = "; ".join(said)
    return wrong


def _numbers(store: EventStore, row: int) -> dict[str, str]:
    """Return the facts of a recording that cost no decoding, by column."""
    table = store.recordings
    n, stop = int(table.row_size[row]), int(table.t_stop[row])
    side_digest, source_sha256 = table.side_digests[row], table.source_sha256[row]
    return {
        "n_events": str(n),
        "t_stop_us": str(stop),
        "t_origin_us": str(int(table.t_origin_us[row])),
        "width": str(int(table.width[row])),
        "height": str(int(table.height[row])),
        "rate_hz": f"{n / stop * 1e6:.3f}" if stop else "",
        "side_digest": side_digest.hex() if any(side_digest) else "",
        "source_sha256": source_sha256.hex() if any(source_sha256) else "",
    }


def _on_fractions(store: EventStore, statistics: Table) -> dict[str, str]:
    """Return the share of ON events of each recording that has events with a polarity."""
    sizes = dict(zip(store.recordings.ids, store.recordings.row_size.tolist(), strict=True))
    counted = zip(statistics.column("recording_id"), statistics.column("on_events"), strict=True)
    return {
        name: f"{int(on) / sizes[name]:.6f}" if on and sizes[name] else ""
        for name, on in counted
        if name in sizes
    }


def parse_recordings(text: str, *, path: str = "recordings.tsv") -> Table:
    """Read ``recordings.tsv``.

    Raises:
        FormatError: columns are missing or a recording stands twice.
    """
    table = Table.parse(text, path=path)
    if table.columns[: len(RECORDING_COLUMNS)] != RECORDING_COLUMNS:
        expected = "first columns " + " ".join(RECORDING_COLUMNS)
        found = " ".join(table.columns)
        message = "not a table of recordings"
        raise FormatError(message, path=path, expected=expected, found=found)
    names = table.column("recording_id")
    if len(set(names)) != len(names):
        twice = next(name for name in names if names.count(name) > 1)
        message = f"recording {twice} stands twice"
        raise FormatError(message, path=path)
    return table


def by_column(table: Table) -> list[dict[str, str]]:
    """Return each row as a mapping of column to value."""
    return [dict(zip(table.columns, row, strict=True)) for row in table.rows]


def recording_digests(table: Table) -> dict[str, str]:
    """Return the logical digest of each recording, in hex."""
    return dict(zip(table.column("recording_id"), table.column("digest"), strict=True))


def tree_digest(table: Table) -> str:
    """Return the digest that a store of exactly these recordings has, in hex.

    Examples:
        >>> empty = Table.of(RECORDING_COLUMNS, [])
        >>> tree_digest(empty) == store_digest([])
        True
    """
    columns = (table.column(name) for name in ("recording_id", "digest", "side_digest"))
    return store_digest(
        (name, bytes.fromhex(digest), bytes.fromhex(side_digest) or NO_DIGEST)
        for name, digest, side_digest in zip(*columns, strict=True)
    )


def with_column(table: Table, name: str, values: Mapping[str, str]) -> Table:
    """Return the table with a curator's column set; recordings not named keep their value.

    Raises:
        InvalidInput: the column is derived, a value is for a recording that is not there, or none
            that a column of this name can have.

    Examples:
        >>> row = ("a", *[""] * 12)
        >>> table = with_column(Table.of(RECORDING_COLUMNS, [row]), "speaker", {"a": "george"})
        >>> table.column("speaker")
        ['george']
    """
    if name in RECORDING_COLUMNS and name != "fold":
        message = f"column {name!r} is derived from the recordings"
        raise InvalidInput(message, hint="choose another name for a column of your own")
    unknown = sorted(set(values) - set(table.column("recording_id")))
    if unknown:
        message = (
            f"{len(unknown)} values are for recordings that are not there, such as {unknown[0]}"
        )
        raise InvalidInput(message, hint="spikelake dataset show lists the recordings' form of id")
    check_values(name, values.values())
    columns = table.columns if name in table.columns else (*table.columns, name)
    rows = []
    for row in by_column(table):
        row[name] = values.get(row["recording_id"], row.get(name, ""))
        rows.append([row[column] for column in columns])
    return Table.of(columns, rows)
