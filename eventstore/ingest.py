"""Ingest recorded files into a store: decode, check, append, publish; resume after a kill."""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path

from eventstore.append import StoreWriter
from eventstore.distributed_ingest import DistributedIngest
from eventstore.durable import PARTIAL
from eventstore.errors import AlreadyExists, InvalidInput
from eventstore.events import Sensor
from eventstore.exchange import standing_place
from eventstore.files import LocalFiles
from eventstore.incoming import ReadOptions, naming, read_incoming
from eventstore.ingest_run import IngestReport, IngestRun, Progress, check_same_source
from eventstore.readers.archive import iter_sources
from eventstore.readers.open import read_source
from eventstore.readers.source_item import SourceItem
from eventstore.repairs.apply import named_repairs
from eventstore.store import ROOT_KEY
from eventstore.workers import Runs, as_workers

__all__ = ["IngestReport", "Progress", "ingest", "ingest_items"]

PUBLISH_EVERY_SECONDS = 0.5
"""A kill loses at most the work since the last publication."""


def ingest(
    sources: Sequence[Path],
    into: Path,
    *,
    reader: str | None = None,
    sensor: Sensor | None = None,
    repairs: Sequence[str] = (),
    resume: bool = False,
    progress: Progress | None = None,
    executor: Runs | None = None,
) -> IngestReport:
    """Append all recordings in files, folders and archives to a store, made where absent.

    Each recording enters whole or not at all, with its side streams. When one fails, those before
    it are published, so that the file can be repaired and the ingest resumed.

    Args:
        sources: recordings, folders of them, zips or tars.
        into: the store, such as ``events.zarr``.
        reader: name of the reader, with its options; by suffix and first bytes where absent.
        sensor: geometry of the recordings; each file's own where absent.
        repairs: what to change in the events, in that order: names in
            `eventstore.repairs.REPAIRS`, with options after a colon. What was done is written into
            each recording's provenance.
        resume: skip recordings that the store has, if their source is the same.
        progress: told (done, all, events) after each recording, or some together, and within long
            ones.
        executor: decodes and encodes in other processes or on other machines, to the very same
            bytes: a ``concurrent.futures.Executor``, a ``distributed.Client``, or
            `eventstore.workers.local_workers`. Sources and store must be at the same paths there.

    Raises:
        AlreadyExists: a recording is in the store and ``resume`` is off; nothing was added.
        Conflict: a recording in the store came from other bytes, or another writer is at work.
        FormatError: a file is bad; names it.
        InvalidInput: a recording cannot be stored as it is, such as one whose time runs back.
        NotFound: there is no such file, reader or repair.

    Examples:
        >>> from tempfile import mkdtemp
        >>> from eventstore.testing import tiny_folders
        >>> folder = Path(mkdtemp())
        >>> ingest(tiny_folders(folder), folder / "events.zarr").n_added
        6
    """
    items = [item for path in sources for item in iter_sources(path, reader=reader)]
    return ingest_items(
        items,
        into,
        reader=reader,
        sensor=sensor,
        repairs=repairs,
        resume=resume,
        progress=progress,
        executor=executor,
    )


def ingest_items(
    items: Sequence[SourceItem],
    into: Path,
    *,
    reader: str | None = None,
    sensor: Sensor | None = None,
    repairs: Sequence[str] = (),
    resume: bool = False,
    progress: Progress | None = None,
    executor: Runs | None = None,
) -> IngestReport:
    """Append listed recordings to a store; `ingest` with the listing done by the caller."""
    _refuse_twins(items)
    if not items:
        message = f"no recordings to ingest into {into}"
        raise InvalidInput(message, hint="name files, folders or archives that hold recordings")
    named_repairs(repairs)
    options = ReadOptions(reader=reader, sensor=sensor, repairs=tuple(repairs))
    there = LocalFiles(standing_place(into)).has(ROOT_KEY)
    with (
        _writer(items[0], into, options, there=there) as writer,
        nullcontext() if there or executor is not None else _leaving_none(writer),
    ):
        if not resume:
            _refuse_present(items, writer)
        run = IngestRun(writer, len(items), progress, publish_every_s=PUBLISH_EVERY_SECONDS)
        if executor is None:
            _take_all(run, items, options)
        else:
            DistributedIngest(run, as_workers(executor), options).take_all(items)
        return run.finish()


@contextmanager
def _leaving_none(writer: StoreWriter) -> Iterator[None]:
    """Remove the new store where it failed before its first recording.

    What it was made for, such as audio by a mistaken sensor, would refuse what comes then.
    """
    try:
        yield
    except BaseException:
        if not writer.recording_ids:
            aside = writer.path.with_name(f".{writer.path.name}{PARTIAL}")
            writer.path.rename(aside)
            shutil.rmtree(aside)
        raise


def _take_all(run: IngestRun, items: Sequence[SourceItem], options: ReadOptions) -> None:
    for item in items:
        with run.keeping(item):
            _take(run, item, options)
        run.settle()


def _take(run: IngestRun, item: SourceItem, options: ReadOptions) -> None:
    """Append one recording or skip it."""
    if item.recording_id in run.writer.recording_ids:
        known = run.writer.row(item.recording_id).source_sha256
        check_same_source(item.recording_id, known, item.open().sha256())
        run.skip()
        return
    incoming = read_incoming(item, options)
    row = run.writer.append(
        item.recording_id,
        run.watch(incoming.packets),
        t_origin_us=incoming.t_origin_us,
        source_sha256=incoming.source.sha256(),
        sensor=incoming.sensor,
        provenance=incoming.provenance,
        side={kind: tables() for kind, tables in incoming.side.items()},
    )
    run.add(row.n_events, incoming.provenance, incoming.findings)


def _writer(first: SourceItem, into: Path, options: ReadOptions, *, there: bool) -> StoreWriter:
    """Open the store to append to, or make it for the sensor given or the first recording's."""
    if there:
        return StoreWriter.open(into)
    with naming(first):
        reader = options.reader or first.reader
        sensor = options.sensor or read_source(first.open(), reader=reader).sensor
    return StoreWriter.create(into, sensor)


def _refuse_twins(items: Sequence[SourceItem]) -> None:
    seen: dict[str, str] = {}
    for item in items:
        if item.recording_id in seen:
            message = (
                f"{seen[item.recording_id]} and {item.name} would both be "
                f"recording {item.recording_id!r}"
            )
            raise AlreadyExists(message, hint="rename one of them, or ingest their common folder")
        seen[item.recording_id] = item.name


def _refuse_present(items: Sequence[SourceItem], writer: StoreWriter) -> None:
    present = [i.recording_id for i in items if i.recording_id in writer.recording_ids]
    if present:
        message = (
            f"{len(present)} of {len(items)} recordings are in {writer.path} already, "
            f"such as {present[0]!r}"
        )
        raise AlreadyExists(message, hint="pass resume=True (--resume) to skip them")
