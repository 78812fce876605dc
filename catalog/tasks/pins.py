"""What a task pins of a split: its digest, and two more that say which link of the chain broke."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from catalog.labels.intervals import Label, labels_digest
from catalog.recording_table import tree_digest
from catalog.tsv import Table
from eventstore.recordings import store_digest
from eventstore.store import EventStore


class Pins(NamedTuple):
    """Digests of one part of a task, in hex."""

    split: str
    labels: str
    """Over the labels of the split's samples alone: further labels change nothing."""
    recordings: str
    """Over the recordings that the samples lie in, with their side streams."""


def table_pins(
    split_digest: str, samples: Iterable[str], labels: Mapping[str, Label], recordings: Table
) -> Pins:
    """Return the pins of a split, from the tables of its dataset.

    Args:
        split_digest: digest of the split.
        samples: ids of its samples.
        labels: labels by sample id.
        recordings: rows of ``recordings.tsv``.
    """
    its = [labels[sample] for sample in samples]
    used = {label.recording_id for label in its}
    at = recordings.columns.index("recording_id")
    rows = tuple(row for row in recordings.rows if row[at] in used)
    return Pins(split_digest, labels_digest(its), tree_digest(Table(recordings.columns, rows)))


def stored_recordings(samples: Iterable[Label], store: EventStore) -> str:
    """Return the pin of the recordings as the store that is streamed from has them."""
    used = {label.recording_id for label in samples}
    table = store.recordings
    its = zip(table.ids, table.digests, table.side_digests, strict=True)
    return store_digest(facts for facts in its if facts[0] in used)
