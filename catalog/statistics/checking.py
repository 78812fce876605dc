"""Measure recordings again, and say where ``statistics.tsv`` says otherwise."""

from collections.abc import Iterator

from catalog.statistics.table import (
    STATISTICS,
    STATISTICS_COLUMNS,
    parse_statistics,
    statistics_table,
    usable_rows,
)
from catalog.tree import Tree
from eventstore.errors import FormatError
from eventstore.findings import Finding, Severity
from eventstore.store import EventStore


def check_statistics(tree: Tree, store: EventStore) -> Iterator[Finding]:
    """Yield a finding for each recording that was not measured as its row says.

    Nothing where the state has no statistics, as of an earlier release. Rows of other events or by
    another method are left out: nobody reads them.

    Args:
        tree: the state of the dataset.
        store: its open store, known to be sound and all here.
    """
    if STATISTICS.removesuffix(".tsv") not in tree.names("", ".tsv"):
        return
    where = f"{tree.where}: {STATISTICS}"
    fix = f"delete the row, then: spikelake dataset measure {tree.where}"
    fields = {"check": "statistics", "fix": fix}
    try:
        known = parse_statistics(tree.text(STATISTICS), path=STATISTICS)
    except FormatError as error:
        yield Finding(severity=Severity.ERROR, where=where, message=error.message, **fields)
        return
    digests = {
        name: sha.hex()
        for name, sha in zip(store.recordings.ids, store.recordings.digests, strict=True)
    }
    rows = usable_rows(known, digests)
    for fresh in statistics_table(store, known=None, only=rows).rows:
        pairs = zip(STATISTICS_COLUMNS, rows[fresh[0]], fresh, strict=True)
        said = [
            f"{name} is {old or 'empty'}, measured {new or 'nothing'}"
            for name, old, new in pairs
            if old != new
        ]
        if said:
            message = f"{fresh[0]}: {'; '.join(said)}"
            yield Finding(severity=Severity.ERROR, where=where, message=message, **fields)
