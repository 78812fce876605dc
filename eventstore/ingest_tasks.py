"""The two kinds of task that an ingest gives to other processes; both may be run twice.

*Survey* decodes recordings and says all that the store's table has to know of them. With their
lengths it is settled at which rows their events lie. *Encode* decodes them again, and encodes the
chunks of those rows.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from eventstore.checks import PacketChecks, check_recording
from eventstore.codecs import Tier
from eventstore.digest import NO_DIGEST, LogicalDigest
from eventstore.errors import Conflict, SpikelakeError
from eventstore.events import Events, Sensor
from eventstore.findings import Finding
from eventstore.incoming import ReadOptions, naming, read_incoming
from eventstore.ingest_run import check_same_source
from eventstore.readers.source_item import SourceItem, Stamp
from eventstore.recordings import RecordingRow
from eventstore.staged_events import StagedEvents, stage_events


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveyTask:
    """Recordings to look at.

    Args:
        items: the recordings.
        known: sha256 of the sources of those that the store has already, by their id.
        store: the store's sensor.
        options: how to read them.
    """

    items: tuple[SourceItem, ...]
    known: Mapping[str, bytes]
    store: Sensor
    options: ReadOptions


@dataclass(frozen=True, slots=True, kw_only=True)
class Surveyed:
    """A recording that can be stored.

    Args:
        row: what the table is to say, but for where it begins.
        provenance: where it comes from and what was done to it.
        findings: what the reader noticed.
        stamp: of its file, by which to see that it was not written to meanwhile.
        has_side: whether it may have side streams.
    """

    row: RecordingRow
    provenance: Mapping[str, object]
    findings: tuple[Finding, ...]
    stamp: Stamp
    has_side: bool


@dataclass(frozen=True, slots=True)
class Skipped:
    """A recording that the store has already."""


@dataclass(frozen=True, slots=True)
class Failed:
    """A recording that cannot be stored, and why."""

    error: SpikelakeError


Outcome: TypeAlias = Surveyed | Skipped | Failed


def survey(task: SurveyTask) -> list[Outcome]:
    """Decode recordings and return what is to be known of them, up to the first that fails."""
    outcomes: list[Outcome] = []
    for item in task.items:
        try:
            with naming(item):
                outcomes.append(_survey(item, task))
        except SpikelakeError as error:
            return [*outcomes, Failed(error)]
    return outcomes


def _survey(item: SourceItem, task: SurveyTask) -> Outcome:
    stamp = item.stamp()
    known = task.known.get(item.recording_id)
    if known is not None:
        check_same_source(item.recording_id, known, item.open().sha256())
        return Skipped()
    incoming = read_incoming(item, task.options)
    check_recording(item.recording_id, incoming.sensor, task.store)
    checks = PacketChecks(item.recording_id, incoming.sensor)
    digest, n_events = LogicalDigest(incoming.sensor), 0
    for packet in incoming.packets:
        checks.check(packet)
        digest.update(packet)
        n_events += len(packet)
    row = RecordingRow(
        recording_id=item.recording_id,
        start=0,
        n_events=n_events,
        t_origin_us=incoming.t_origin_us,
        t_stop=checks.t_stop,
        sensor=incoming.sensor,
        digest=digest.digest(),
        side_digest=NO_DIGEST,
        source_sha256=incoming.source.sha256(),
    )
    return Surveyed(
        row=row,
        provenance=incoming.provenance,
        findings=tuple(incoming.findings),
        stamp=stamp,
        has_side=bool(incoming.side),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Some events of a recording.

    Args:
        item: the recording.
        stamp: of its file when it was surveyed.
        start: first event.
        stop: the event after the last.
    """

    item: SourceItem
    stamp: Stamp
    start: int
    stop: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EncodeTask:
    """Events to encode, which are to lie end to end in the store.

    Args:
        spans: the events.
        first_row: row of the first.
        options: how to read them.
        staged: the file to put the chunks in.
        chunk: events per chunk.
        columns: names of the columns to store.
        tier: tier of the store's codecs.
    """

    spans: tuple[Span, ...]
    first_row: int
    options: ReadOptions
    staged: Path
    chunk: int
    columns: tuple[str, ...]
    tier: Tier


def encode(task: EncodeTask) -> StagedEvents:
    """Decode events and stage them encoded.

    Raises:
        Conflict: a file was written to since it was surveyed.
        OSError: the disk is full or refuses, or the store is gone.
    """
    packets = (packet for span in task.spans for packet in _span_packets(span, task.options))
    return stage_events(
        task.staged,
        packets,
        first_row=task.first_row,
        chunk=task.chunk,
        columns=task.columns,
        tier=task.tier,
    )


def _span_packets(span: Span, options: ReadOptions) -> Iterator[Events]:
    """Decode the events of a span; all before them are decoded too, and let go."""
    with naming(span.item):
        at, same = 0, span.item.stamp() == span.stamp
        if same and span.stop > span.start:
            for packet in read_incoming(span.item, options).packets:
                wanted = packet[max(span.start - at, 0) : max(span.stop - at, 0)]
                at += len(packet)
                if len(wanted):
                    yield wanted
                if at >= span.stop:
                    break
        if not same or at < span.stop:
            message = f"{span.item.name} was written to while it was ingested"
            raise Conflict(message, hint="leave it alone, and go on with resume=True (--resume)")
