"""One ingest in progress: what it has done so far, and when it publishes."""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeAlias

from eventstore.append import StoreWriter
from eventstore.errors import Conflict, SpikelakeError
from eventstore.events import Events
from eventstore.findings import Finding
from eventstore.incoming import naming
from eventstore.readers.source_item import SourceItem

PUBLISH_PAUSE = 4
"""Publications are followed by a pause of so many times what they took."""

TELL_EVENTS = 1 << 22
"""Progress is told within a recording each time so many events have passed."""

Progress: TypeAlias = Callable[[int, int, int], None]
"""Told (recordings done, recordings in all, events) after each recording and within long ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestReport:
    """What an ingest did.

    Args:
        n_added: recordings appended.
        n_skipped: recordings that were in the store already.
        n_events: events appended.
        seconds: how long it took.
        digest: logical digest of the store afterwards, in hex.
        repaired: events that each repair changed or left out, by its name.
        findings: what readers noticed in the files.
    """

    n_added: int
    n_skipped: int
    n_events: int
    seconds: float
    digest: str
    repaired: Mapping[str, int] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)


class IngestRun:
    """Counts what is added and skipped, and publishes when it is time.

    Args:
        writer: the store being written.
        n_items: recordings in all.
        progress: told after each recording.
        publish_every_s: seconds between publications: what a kill loses at most; longer on a slow
            disk, so that publishing takes no more than a fifth of the time.
    """

    def __init__(
        self,
        writer: StoreWriter,
        n_items: int,
        progress: Progress | None = None,
        *,
        publish_every_s: float,
    ) -> None:
        self.writer = writer
        self._publish_every_s = self._wait_s = publish_every_s
        self._n_items = n_items
        self._progress = progress
        self._started = self._published = time.monotonic()
        self._n_added = self._n_skipped = self._n_events = 0
        self._repaired: Counter[str] = Counter()
        self._findings: list[Finding] = []

    def add(
        self, n_events: int, provenance: Mapping[str, object], findings: Sequence[Finding]
    ) -> None:
        """Count a recording that was appended."""
        self._n_added += 1
        self._n_events += n_events
        self._findings += findings
        repairs = provenance.get("repairs", ())
        for report in repairs if isinstance(repairs, list) else ():
            self._repaired[report["name"]] += report["changed"] + report["dropped"]

    def skip(self, n: int = 1) -> None:
        """Count recordings that are in the store already."""
        self._n_skipped += n

    def watch(self, packets: Iterable[Events]) -> Iterator[Events]:
        """Pass the packets of a recording on, and tell on the way how far a long one is."""
        n_events, told = 0, 0
        for packet in packets:
            yield packet
            n_events += len(packet)
            if n_events - told >= TELL_EVENTS:
                told = n_events
                self._tell(n_events)

    def _tell(self, more_events: int = 0) -> None:
        if self._progress is not None:
            done = self._n_added + self._n_skipped
            self._progress(done, self._n_items, self._n_events + more_events)

    def settle(self) -> None:
        """Publish where it is time for that, and tell how far it is.

        It is time when the last publication is a while ago, or a shard has been filled since.
        """
        began = time.monotonic()
        waited, shard = began - self._published, self.writer.layout.shard_events
        if waited >= self._wait_s or self.writer.n_unpublished >= shard:
            self.writer.publish()
            self._published = time.monotonic()
            if self._publish_every_s:
                pause = PUBLISH_PAUSE * (self._published - began)
                self._wait_s = max(self._publish_every_s, pause)
        self._tell()

    @contextmanager
    def keeping(self, item: SourceItem) -> Iterator[None]:
        """Let errors name the file, and keep what was whole before it."""
        with self.keeping_whole(), naming(item):
            yield

    @contextmanager
    def keeping_whole(self) -> Iterator[None]:
        """Keep what was whole before an error."""
        try:
            yield
        except SpikelakeError:
            self.writer.publish()
            raise

    def finish(self) -> IngestReport:
        """Publish the rest and say what was done."""
        self.writer.publish()
        return IngestReport(
            n_added=self._n_added,
            n_skipped=self._n_skipped,
            n_events=self._n_events,
            seconds=time.monotonic() - self._started,
            digest=self.writer.digest,
            repaired=dict(self._repaired),
            findings=self._findings,
        )


def check_same_source(recording_id: str, known: bytes, sha256: bytes) -> None:
    """Accept a recording that is in the store already, if it came from the same bytes.

    Args:
        recording_id: its id.
        known: sha256 of the bytes that the stored one came from.
        sha256: sha256 of those at hand.

    Raises:
        Conflict: it came from others.
    """
    if known != sha256:
        message = (
            f"recording {recording_id!r} is in the store from other bytes "
            f"(sha256 {known.hex()[:12]}…, this file {sha256.hex()[:12]}…)"
        )
        hint = "remove the stored recording first, or give the new file another name"
        raise Conflict(message, hint=hint)
