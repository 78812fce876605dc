"""Checks of what lies beside the events: the recordings table, the index, the documents."""

import json
from collections import Counter
from collections.abc import Callable

import numpy as np

from eventstore.documents import Document
from eventstore.errors import IntegrityError, InvalidInput, MissingContent
from eventstore.findings import Finding, Severity, has_errors
from eventstore.recordings import RecordingRow, RecordingTable, store_digest
from eventstore.store import ROOT_KEY, EventStore, read_head

RESTORE = "restore the file from another copy or version"

BELOW: dict[str, Callable[[Document], Document]] = {
    "attributes": lambda root: root["attributes"],
    "consolidated_metadata": lambda root: root["consolidated_metadata"]["metadata"],
}
"""Parts of the root that are compared piece by piece."""


def check_tables(store: EventStore) -> list[Finding]:
    """Check the recordings table, the index's readability and the documents of one store.

    Examples:
        >>> from pathlib import Path
        >>> from tempfile import mkdtemp
        >>> from eventstore.testing import tiny_store
        >>> check_tables(tiny_store(Path(mkdtemp()) / "events.zarr"))
        []
    """
    table = store.recordings
    readers: dict[str, Callable[[], object]] = {
        "recordings/id": lambda: table.ids,
        "recordings/offsets": lambda: table.offsets,
        "recordings/row_size": lambda: table.row_size,
        "recordings/t_origin_us": lambda: table.t_origin_us,
        "recordings/t_stop": lambda: table.t_stop,
        "recordings/width": lambda: table.width,
        "recordings/height": lambda: table.height,
        "recordings/digest": lambda: table.digests,
        "recordings/side_digest": lambda: table.side_digests,
        "recordings/source_sha256": lambda: table.source_sha256,
        "recordings/provenance": lambda: [table.provenance(row) for row in range(len(table))],
        "index/t": lambda: store.first_t,
    }
    unreadable = [f for name, read in readers.items() for f in _readable(name, read)]
    documents = _check_documents(store)
    if any(f.where.startswith("recordings/") for f in unreadable):
        return unreadable + documents
    return unreadable + _check_bounds(store, table) + _check_rows(store, table) + documents


def readable_rows(store: EventStore) -> list[RecordingRow]:
    """Return all recordings, or none where the table does not say soundly where they are."""
    try:
        table = store.recordings
        if has_errors(_check_bounds(store, table)):
            return []
        return [table[row] for row in range(len(table))]
    except (IntegrityError, MissingContent, InvalidInput):
        return []


def _readable(name: str, read: Callable[[], object]) -> list[Finding]:
    try:
        read()
    except IntegrityError as error:
        return [_error(name, error.message, "checksum", error.hint)]
    except MissingContent as error:
        return [_error(name, error.message, "missing-content", error.hint)]
    return []


def _check_bounds(store: EventStore, table: RecordingTable) -> list[Finding]:
    offsets, sizes = table.offsets, table.row_size
    findings = []
    if offsets[0] != 0 or offsets[-1] != store.n_events:
        message = f"offsets run {offsets[0]} … {offsets[-1]}, events 0 … {store.n_events}"
        findings.append(_error("recordings/offsets", message, "offsets"))
    wrong = np.flatnonzero((np.diff(offsets) != sizes) | (sizes < 0))
    for row in wrong:
        message = f"row_size is {sizes[row]}, offsets say {offsets[row + 1] - offsets[row]}"
        findings.append(_error(table.ids[row], message, "offsets"))
    return findings


def _check_rows(store: EventStore, table: RecordingTable) -> list[Finding]:
    findings = [
        _error(name, f"{count} recordings have this id", "ids")
        for name, count in Counter(table.ids).items()
        if count > 1
    ]
    sensor = store.sensor
    for row in range(len(table)):
        width, height = int(table.width[row]), int(table.height[row])
        if not (1 <= width <= sensor.width and 1 <= height <= sensor.height):
            message = f"its sensor {width}×{height} is not within {sensor.width}×{sensor.height}"
            findings.append(_error(table.ids[row], message, "sensor"))
    digest = store_digest(zip(table.ids, table.digests, table.side_digests, strict=True))
    if digest != store.digest:
        message = f"the recordings' digests make {digest[:12]}…, the root says {store.digest[:12]}…"
        findings.append(_error(ROOT_KEY, message, "digest"))
    return findings


def _check_root(store: EventStore) -> list[Finding]:
    """Compare the root with what a writer says of such a store; more attributes are welcome."""
    if read_head(store.files) != store.head:
        return []  # another state was published meanwhile
    expected, found = store.head.root(), json.loads(store.files.read(ROOT_KEY))
    places = [(part, expected[part], found.get(part)) for part in expected.keys() - BELOW]
    for part, below in BELOW.items():
        wanted, there = below(expected), below(found)
        places += [(f"{part} {name}", wanted[name], there.get(name)) for name in wanted]
    wrong = sorted(place for place, wanted, there in places if wanted != there)
    if not wrong:
        return []
    return [_error(ROOT_KEY, f"{', '.join(wrong)}: not what the format prescribes", "documents")]


def _check_documents(store: EventStore) -> list[Finding]:
    """Compare each group's and array's own document with the root, which is the truth."""
    head, findings = store.head, _check_root(store)
    for name, document in head.documents().items():
        key = f"{name}/{ROOT_KEY}"
        expected = head.group(name) if document["node_type"] == "group" else document
        try:
            found = json.loads(store.files.read(key))
        except MissingContent:
            found = None
        except ValueError as error:
            findings.append(_error(key, f"not JSON ({error})", "documents"))
            continue
        if found != expected:
            findings.append(
                Finding(
                    severity=Severity.WARNING,
                    where=key,
                    message="differs from the root document, which is the truth",
                    fix="open the store for writing once; that sets it back",
                    check="documents",
                )
            )
    return findings


def _error(where: str, message: str, check: str, fix: str = "") -> Finding:
    return Finding(
        severity=Severity.ERROR, where=where, message=message, fix=fix or RESTORE, check=check
    )
