"""What an ingest would refuse, found without decoding: readers, repairs, ids that are there."""

from collections.abc import Sequence
from pathlib import Path

from eventstore.checks import check_recording
from eventstore.errors import SpikelakeError
from eventstore.events import Sensor
from eventstore.files import LocalFiles
from eventstore.findings import Finding, Severity
from eventstore.readers.open import find_reader, read_source
from eventstore.readers.options import named_reader
from eventstore.readers.source_item import SourceItem
from eventstore.repairs.apply import named_repairs
from eventstore.store import ROOT_KEY, EventStore


def check_items(
    items: Sequence[SourceItem],
    into: Path,
    *,
    reader: str | None = None,
    sensor: Sensor | None = None,
    repairs: Sequence[str] = (),
    resume: bool = False,
) -> list[Finding]:
    """Check recordings about to be ingested: every one has a reader and an id of its own.

    Looks at the beginning of each file only; what lies further in may still be refused.

    Args:
        items: the recordings.
        into: the store, which need not be there yet.
        reader: name of the reader, with its options.
        sensor: geometry of the recordings; each file's own where absent.
        repairs: names of repairs, with their options.
        resume: recordings that are there already will be skipped.

    Raises:
        NotFound: no reader or repair of that name.
        InvalidInput: an option that one of them cannot take.

    Examples:
        >>> from tempfile import mkdtemp
        >>> from eventstore.readers.archive import iter_sources
        >>> folder = Path(mkdtemp())
        >>> _ = (folder / "noise.raw").write_bytes(b"no events")
        >>> (finding,) = check_items(list(iter_sources(folder / "noise.raw")), folder / "e.zarr")
        >>> finding.is_error, "noise.raw" in finding.message
        (True, True)
    """
    named_repairs(repairs)
    if reader is not None:
        named_reader(reader)
    present = set() if resume else _present(into)
    findings = []
    for item in items:
        if item.recording_id in present:
            message = f"recording {item.recording_id!r} is in {into} already"
            fix = "pass --resume to skip what is there"
            findings.append(_error(item.name, message, fix))
        elif reader is None and item.reader is None:
            findings += _readable(item)
    return findings or _fitting(items[:1], into, reader, sensor)


def _readable(item: SourceItem) -> list[Finding]:
    try:
        find_reader(item.open())
    except SpikelakeError as error:
        return [_error(item.name, error.message, error.hint)]
    return []


def _fitting(
    items: Sequence[SourceItem], into: Path, reader: str | None, sensor: Sensor | None
) -> list[Finding]:
    """Open the recordings as an ingest would, and hold their modality against the store's."""
    if not LocalFiles(into).has(ROOT_KEY):
        return []
    with EventStore.open(into) as store:
        of_store = store.sensor
    for item in items:
        try:
            its = sensor or read_source(item.open(), reader=reader or item.reader).sensor
            check_recording(item.recording_id, its, of_store)
        except SpikelakeError as error:
            return [_error(item.name, error.message, error.hint)]
    return []


def _present(into: Path) -> set[str]:
    if not LocalFiles(into).has(ROOT_KEY):
        return set()
    with EventStore.open(into) as store:
        return set(store.recordings.ids)


def _error(where: str, message: str, fix: str) -> Finding:
    return Finding(
        severity=Severity.ERROR, where=where, message=message, fix=fix, check="not-ingestible"
    )
