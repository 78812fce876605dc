"""The head of a store whose root is damaged, from the documents that repeat parts of it."""

import json
from collections.abc import Mapping
from dataclasses import replace

from eventstore.codecs import TIERS, Tier
from eventstore.documents import TABLE, Document
from eventstore.errors import FormatError, IntegrityError, MissingContent
from eventstore.events import COORDINATE_LIMIT, Sensor
from eventstore.files import Files
from eventstore.findings import Finding, Severity
from eventstore.schema import FORMAT_VERSION, Head, Layout
from eventstore.side import PIXELS, SIDE_COLUMNS
from eventstore.store import ROOT_KEY, read_head
from eventstore.tables import read_rows

UNKNOWN_DIGEST = "0" * 64
"""Stands in the head where the root document is gone."""

EVENT_COLUMNS = ("t", "x", "y", "p", "c")


def mended_head(files: Files) -> tuple[Head, list[Finding]]:
    """Return what the root document says, or what the others let it have said.

    Without the root the store's own digest is unknown (zeros), and its sensor is taken to be as
    large as that of its largest recording.

    Args:
        files: the files of the store.

    Raises:
        FormatError: no event store, one of a later format version, or one of which neither the
            root nor the document of any column of events is left.

    Examples:
        >>> from pathlib import Path
        >>> from tempfile import mkdtemp
        >>> from eventstore.files import LocalFiles
        >>> from eventstore.testing import tiny_store
        >>> path = Path(mkdtemp()) / "events.zarr"
        >>> before = tiny_store(path).head
        >>> (path / "zarr.json").unlink()
        >>> head, findings = mended_head(LocalFiles(path))
        >>> head.n_events == before.n_events, head.layout == before.layout, len(findings)
        (True, True, 1)
    """
    try:
        return read_head(files), []
    except FormatError as error:
        if error.expected == FORMAT_VERSION:
            raise
        reason = error
    except MissingContent as error:
        reason = FormatError(error.message, path=files.where(ROOT_KEY))
    documents = _documents(files)
    columns = [name for name in EVENT_COLUMNS if f"events/{name}" in documents]
    if not columns:
        reason.hint = "nothing says how its events are stored: restore zarr.json, such as with git"
        raise reason
    try:
        head = _head(files, documents, columns)
    except (KeyError, TypeError, ValueError, IndexError):
        raise reason from None
    message = f"{reason.message}; the documents of its {len(documents)} arrays stand in for it"
    return head, [Finding(severity=Severity.WARNING, where=ROOT_KEY, message=message, check="root")]


def _documents(files: Files) -> dict[str, Document]:
    """Return the documents of arrays that can be read, by their path."""
    names = [f"events/{name}" for name in EVENT_COLUMNS]
    names += [f"recordings/{name}" for name in TABLE]
    names += [f"side/{kind}/{name}" for kind, columns in SIDE_COLUMNS.items() for name in columns]
    found = {}
    for name in names:
        try:
            document = json.loads(files.read(f"{name}/{ROOT_KEY}"))
        except (MissingContent, ValueError):
            continue
        if isinstance(document, dict) and document.get("node_type") == "array":
            found[name] = document
    return found


def _head(files: Files, documents: Mapping[str, Document], columns: list[str]) -> Head:
    events = documents[f"events/{columns[0]}"]
    tables = {name: d for name, d in documents.items() if name.startswith("recordings/")}
    # Where a writer was killed some documents run ahead of what was published: the least is sure.
    n_events = min(documents[f"events/{name}"]["shape"][0] for name in columns)
    n_recordings = min(
        (d["shape"][0] - (name == "recordings/offsets") for name, d in tables.items()), default=0
    )
    rows = {
        d["chunk_grid"]["configuration"]["chunk_shape"][0]
        for name, d in tables.items()
        if name != "recordings/provenance"
    }
    sharding = events["codecs"][0]["configuration"]
    head = Head(
        sensor=Sensor.audio(COORDINATE_LIMIT)
        if "c" in columns
        else Sensor(COORDINATE_LIMIT, COORDINATE_LIMIT),
        n_events=n_events,
        n_recordings=n_recordings,
        digest=UNKNOWN_DIGEST,
        layout=Layout(
            chunk_events=sharding["chunk_shape"][0],
            shard_events=events["chunk_grid"]["configuration"]["chunk_shape"][0],
            table_rows=min(rows, default=Layout().table_rows),
        ),
        tier=_tier(columns[0], sharding["codecs"]),
        side=_side(documents),
    )
    return _with_sensor(files, head)


def _tier(column: str, codecs: list[Document]) -> Tier:
    """Return the tier that codes a column so; more than one may code polarities alike."""
    for tier, of_tier in TIERS.items():
        if codecs == [dict(part) for part in of_tier[column].zarr_codecs]:
            return tier
    raise KeyError(column)


def _side(documents: Mapping[str, Document]) -> dict[str, int]:
    """Return the lengths of the axes of side streams that are there."""
    lengths = {}
    for kind, columns in SIDE_COLUMNS.items():
        shapes = [
            documents[name]["shape"][0]
            for column in columns
            if column != PIXELS and (name := f"side/{kind}/{column}") in documents
        ]
        if shapes:
            lengths[kind] = min(shapes)
    if "frames" in lengths:
        pixels = documents.get(f"side/frames/{PIXELS}")
        if pixels is None:
            del lengths["frames"]
        else:
            lengths[PIXELS] = pixels["shape"][0]
    return lengths


def _with_sensor(files: Files, head: Head) -> Head:
    """Return the head with the sensor made as small as its recordings' allow."""
    sizes = []
    for name in ("width", "height"):
        try:
            shape, rows = (head.n_recordings,), head.layout.table_rows
            values = read_rows(files, f"recordings/{name}", "int32", shape, rows)
        except (IntegrityError, MissingContent):
            return head
        sizes.append(int(values.max(initial=1)))
    modality = head.sensor.modality
    return replace(head, sensor=Sensor(sizes[0], sizes[1], modality))
