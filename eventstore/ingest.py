"""Ingest recorded files into a store: decode, check, append, publish; resume after a kill."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

from eventstore.append import StoreWriter
from eventstore.errors import AlreadyExists, Conflict, InvalidInput, SpikelakeError
from eventstore.events import Events, Sensor
from eventstore.files import LocalFiles
from eventstore.findings import Finding
from eventstore.readers.archive import iter_sources
from eventstore.readers.open import read_source
from eventstore.readers.protocol import Recording
from eventstore.readers.source_item import SourceItem
from eventstore.store import ROOT_KEY, EventStore

PUBLISH_EVERY_SECONDS = 0.5
"""A kill loses at most the work since the last publication."""

Progress = Callable[[int, int], None]
"""Told (recordings done, recordings in all) after each recording."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestReport:
    """What an ingest did.

    Args:
        n_added: recordings appended.
        n_skipped: recordings that were in the store already.
        n_events: events appended.
        seconds: how long it took.
        digest: logical digest of the store afterwards, in hex.
        findings: what readers noticed in the files.
    """

    n_added: int
    n_skipped: int
    n_events: int
    seconds: float
    digest: str
    findings: list[Finding] = field(default_factory=list)


def ingest(
    sources: Sequence[Path],
    into: Path,
    *,
    reader: str | None = None,
    sensor: Sensor | None = None,
    resume: bool = False,
    progress: Progress | None = None,
) -> IngestReport:
    """Append all recordings in files, folders and zips to a store, made where absent.

    Each recording enters whole or not at all. When one fails, those before it are published, so
    that the file can be repaired and the ingest resumed.

    Args:
        sources: recordings, folders of them, or zips.
        into: the store, such as ``events.zarr``.
        reader: name of the reader; by suffix and first bytes where absent.
        sensor: geometry of the recordings and of a new store; each file's own and the first
            recording's where absent.
        resume: skip recordings that the store has, if their source is the same.
        progress: told (done, all) after each recording.

    Raises:
        AlreadyExists: a recording is in the store and ``resume`` is off; nothing was added.
        Conflict: a recording in the store came from other bytes, or another writer is at work.
        FormatError: a file is bad; names it.
        InvalidInput: a recording cannot be stored as it is, such as one whose time runs back.

    Examples:
        >>> from tempfile import mkdtemp
        >>> from eventstore.testing import tiny_folders
        >>> folder = Path(mkdtemp())
        >>> ingest(tiny_folders(folder), folder / "events.zarr").n_added
        6
    """
    items = [item for path in sources for item in iter_sources(path, reader=reader)]
    return ingest_items(items, into, reader=reader, sensor=sensor, resume=resume, progress=progress)


def ingest_items(
    items: Sequence[SourceItem],
    into: Path,
    *,
    reader: str | None = None,
    sensor: Sensor | None = None,
    resume: bool = False,
    progress: Progress | None = None,
) -> IngestReport:
    """Append listed recordings to a store; `ingest` with the listing done by the caller."""
    started = time.monotonic()
    _refuse_twins(items)
    if not items:
        message = f"no recordings to ingest into {into}"
        raise InvalidInput(message, hint="name files, folders or zips that hold recordings")
    with _writer(items[0], into, reader, sensor) as writer:
        if not resume:
            _refuse_present(items, writer)
        run = _Run(writer, reader, sensor)
        for done, item in enumerate(items, 1):
            run.take(item)
            if progress is not None:
                progress(done, len(items))
        writer.publish()
        return IngestReport(
            n_added=run.n_added,
            n_skipped=run.n_skipped,
            n_events=run.n_events,
            seconds=time.monotonic() - started,
            digest=writer.digest,
            findings=run.findings,
        )


@dataclass(slots=True)
class _Run:
    """One ingest in progress: what it has done so far."""

    writer: StoreWriter
    reader: str | None
    sensor: Sensor | None
    n_added: int = 0
    n_skipped: int = 0
    n_events: int = 0
    findings: list[Finding] = field(default_factory=list)
    _published: float = field(default_factory=time.monotonic)

    def take(self, item: SourceItem) -> None:
        """Append one recording or skip it; publish when it is time."""
        with self._naming(item):
            source = item.open()
            sha256 = source.sha256()
            if item.recording_id in self.writer.recording_ids:
                self._skip(item, sha256)
                return
            recording = read_source(source, reader=self.reader, sensor=self.sensor)
            t_origin_us, packets = _from_origin(recording)
            row = self.writer.append(
                item.recording_id,
                packets,
                t_origin_us=t_origin_us,
                source_sha256=sha256,
                sensor=recording.sensor,
            )
        self.n_added += 1
        self.n_events += row.n_events
        self.findings += recording.findings
        if self._is_time():
            self.writer.publish()
            self._published = time.monotonic()

    def _is_time(self) -> bool:
        waited = time.monotonic() - self._published
        shard = self.writer.layout.shard_events
        return waited >= PUBLISH_EVERY_SECONDS or self.writer.n_unpublished >= shard

    def _skip(self, item: SourceItem, sha256: bytes) -> None:
        known = self.writer.row(item.recording_id).source_sha256
        if known != sha256:
            message = (
                f"recording {item.recording_id!r} is in the store from other bytes "
                f"(sha256 {known.hex()[:12]}…, this file {sha256.hex()[:12]}…)"
            )
            hint = "remove the stored recording first, or give the new file another name"
            raise Conflict(message, hint=hint)
        self.n_skipped += 1

    @contextmanager
    def _naming(self, item: SourceItem) -> Iterator[None]:
        """Let errors name the file, and keep what was whole before it."""
        try:
            yield
        except SpikelakeError as error:
            self.writer.publish()
            if item.name not in error.message:
                error.message = f"{item.name}: {error.message}"
            raise


def _from_origin(recording: Recording) -> tuple[int, Iterable[Events]]:
    """Return the origin of a recording's times and its packets counted from there."""
    packets = iter(recording.packets)
    if recording.zero_based:
        return 0, packets
    first = next((packet for packet in packets if len(packet)), None)
    if first is None:
        return 0, ()
    origin = int(first.t[0])
    return origin, (packet.shifted(-origin) for packet in chain([first], packets))


def _writer(
    first: SourceItem, into: Path, reader: str | None, sensor: Sensor | None
) -> StoreWriter:
    """Open the store to append to, or make it for the sensor given or the first recording's."""
    if not LocalFiles(into).has(ROOT_KEY):
        if sensor is None:
            sensor = read_source(first.open(), reader=reader).sensor
        return StoreWriter.create(into, sensor)
    with EventStore.open(into) as store:
        ours = store.sensor
    if sensor is not None and sensor != ours:
        message = f"{into} is a store of a {ours.width}×{ours.height} {ours.modality} sensor"
        hint = f"leave the sensor {sensor.width}×{sensor.height} out, or ingest into a new store"
        raise Conflict(message, hint=hint)
    return StoreWriter.open(into)


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
