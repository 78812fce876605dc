"""``statistics.tsv``: one row of measures per recording, taken once and kept while its digest is.

A row is of the events that its digest names, by the method that its number names; where either
is another one the row is measured again, and nobody reads it meanwhile. The table is derived: with
the events at hand it can always be made anew.
"""

from collections.abc import Collection, Mapping, Sequence

from catalog.statistics.measure import Measured, Statistics, measure_recordings
from catalog.tsv import Table
from eventstore.errors import FormatError
from eventstore.provenance import parse_provenance
from eventstore.store import EventStore

STATISTICS = "statistics.tsv"

METHOD = "1"
"""Number of the way of measuring; another one where any measure would come out otherwise."""

MEASURES = (
    "peak_rate_hz",
    "saturation_episodes",
    "active_pixels",
    "silent_share",
    "hot_pixels",
    "hot_share",
    "hottest_rate_hz",
    "gaps",
    "longest_gap_us",
    "equal_stamps",
    "duplicates",
    "back_steps",
)
"""Columns of measures; see `catalog.statistics.measure.Statistics`."""

STATISTICS_COLUMNS = ("recording_id", "digest", "method", "on_events", *MEASURES)

ONLY_VISION = frozenset({"hot_pixels", "hot_share"})
"""Measures that audio has not: a channel may fire as fast as its tone is loud."""

TIME_REPAIRS = frozenset({"sort", "hold-time", "drop-backward", "unwrap"})
"""Repairs of time that runs back."""


def statistics_table(
    store: EventStore,
    *,
    known: Table | None,
    only: Collection[str] | None = None,
    progress: Measured | None = None,
) -> Table:
    """Return the table for a store, measuring only what is new or changed.

    Args:
        store: the open store.
        known: the table so far; None where there is none.
        only: ids of recordings that may be measured; all where None.
        progress: told (recordings measured, of how many, events in them).

    Raises:
        IntegrityError: stored bytes are damaged.
        MissingContent: events that have to be measured are not on this machine.

    Examples:
        >>> from pathlib import Path
        >>> from tempfile import mkdtemp
        >>> from eventstore.testing import tiny_store
        >>> with tiny_store(Path(mkdtemp()) / "events.zarr") as store:
        ...     first = statistics_table(store, known=None)
        ...     statistics_table(store, known=first) == first
        True
    """
    digests = _digests(store)
    kept = usable_rows(known, digests)
    new = [
        row
        for row, name in enumerate(digests)
        if name not in kept and (only is None or name in only)
    ]
    measured = zip(new, measure_recordings(store, new, progress), strict=True)
    vision = store.sensor.modality == "vision"
    rows = [*kept.values(), *(_row(store, row, found, vision=vision) for row, found in measured)]
    return Table.of(STATISTICS_COLUMNS, rows)


def usable_rows(table: Table | None, digests: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Return the rows that are of recordings as they are now, by id.

    Args:
        table: the table; None where there is none.
        digests: logical digest of each recording, in hex.
    """
    rows = table.rows if table is not None else ()
    return {row[0]: row for row in rows if row[2] == METHOD and row[1] == digests.get(row[0])}


def parse_statistics(text: str, *, path: str = STATISTICS) -> Table:
    """Read ``statistics.tsv``.

    Raises:
        FormatError: other columns, or a recording stands twice.
    """
    table = Table.parse(text, path=path)
    if table.columns != STATISTICS_COLUMNS:
        expected, found = "columns " + " ".join(STATISTICS_COLUMNS), " ".join(table.columns)
        message = "not a table of statistics"
        hint = "it is derived: delete it, then spikelake dataset measure DATASET"
        raise FormatError(message, path=path, expected=expected, found=found, hint=hint)
    names = table.column("recording_id")
    if len(set(names)) != len(names):
        twice = next(a for a, b in zip(sorted(names), sorted(names)[1:], strict=False) if a == b)
        message = f"recording {twice} stands twice"
        raise FormatError(message, path=path, hint="keep one of the lines, or measure anew")
    return table


def _row(store: EventStore, row: int, found: Statistics, *, vision: bool) -> Sequence[str]:
    said = {name: _text(getattr(found, name, "")) for name in MEASURES}
    if not vision:
        said |= dict.fromkeys(ONLY_VISION, "")
    said["back_steps"] = _back_steps(store.recordings.provenance_text(row))
    name, digest = store.recordings.ids[row], store.recordings.digests[row].hex()
    on = str(found.on_events) if vision else ""
    return (name, digest, METHOD, on, *(said[measure] for measure in MEASURES))


def _digests(store: EventStore) -> dict[str, str]:
    table = store.recordings
    return {name: sha.hex() for name, sha in zip(table.ids, table.digests, strict=True)}


def _text(value: object) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _back_steps(provenance: str) -> str:
    """Return how many events a repair of time changed or left out; empty where not recorded."""
    said = parse_provenance(provenance)
    if not said:
        return ""
    repairs = said.get("repairs", [])
    reports = [r for r in repairs if isinstance(r, dict)] if isinstance(repairs, list) else []
    done = (r for r in reports if r.get("name") in TIME_REPAIRS)
    return str(sum(int(r.get("changed", 0)) + int(r.get("dropped", 0)) for r in done))
