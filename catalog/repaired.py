"""What the repairs of an ingest did to a dataset's recordings, from their provenance."""

from typing import NamedTuple

from eventstore.errors import MissingContent
from eventstore.provenance import parse_provenance
from eventstore.store import EventStore


class Repaired(NamedTuple):
    """What one repair did in all."""

    n_recordings: int
    n_events: int


def repaired_counts(store: EventStore) -> dict[str, Repaired]:
    """Count the recordings and events that each repair changed, by its name.

    Nothing where the provenance is not on this machine, as in a clone without the events.

    Examples:
        >>> from pathlib import Path
        >>> from tempfile import mkdtemp
        >>> from eventstore.testing import tiny_store
        >>> repaired_counts(tiny_store(Path(mkdtemp()) / "events.zarr"))
        {}
    """
    counts: dict[str, Repaired] = {}
    try:
        texts = [store.recordings.provenance_text(row) for row in range(store.n_recordings)]
    except MissingContent:
        return {}
    for text in texts:
        if '"repairs"' not in text:
            continue
        for name, n_events in _changes(text):
            before = counts.get(name, Repaired(0, 0))
            counts[name] = Repaired(before.n_recordings + 1, before.n_events + n_events)
    return dict(sorted(counts.items()))


def _changes(text: str) -> list[tuple[str, int]]:
    """Return the repairs of a recording that changed anything, and how many events."""
    repairs = parse_provenance(text).get("repairs")
    found = []
    for report in repairs if isinstance(repairs, list) else []:
        if isinstance(report, dict):
            n_events = int(report.get("changed", 0)) + int(report.get("dropped", 0))
            if n_events:
                found.append((str(report.get("name", "")), n_events))
    return found
