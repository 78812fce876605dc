"""Look through the recordings of a damaged store for stretches of events that are whole."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from eventstore.checks import PacketChecks
from eventstore.digest import LogicalDigest
from eventstore.errors import IntegrityError, InvalidInput, MissingContent
from eventstore.events import Events
from eventstore.recordings import RecordingRow
from eventstore.store import EventStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Events of a recording that are whole and follow each other.

    Args:
        start: row of the first in the store.
        stop: row after the last.
        t_start: time of the first, in µs.
        t_stop: time of the last, + 1.
    """

    start: int
    stop: int
    t_start: int
    t_stop: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """Events of a recording that cannot be read, or not be trusted.

    Args:
        start: row of the first in the store.
        stop: row after the last.
        t_start: none of them is earlier, in µs.
        t_stop: all of them are earlier.
        reason: what is wrong with the first of them.
    """

    start: int
    stop: int
    t_start: int
    t_stop: int
    reason: str


@dataclass(slots=True, kw_only=True)
class RecordingScan:
    """What is whole of one recording.

    Args:
        stretches: what is, in order.
        losses: what is not, in order.
        digest: logical digest of all that is whole.
    """

    stretches: list[Stretch] = field(default_factory=list)
    losses: list[Loss] = field(default_factory=list)
    digest: bytes = b""


def scan_recording(store: EventStore, row: RecordingRow) -> RecordingScan:
    """Read a recording chunk by chunk, and say what is whole of it and what is lost.

    A chunk is whole where each column's checksum matches, its times do not run back and its events
    lie in the sensor.

    Args:
        store: the store, damaged as it may be.
        row: the recording.

    Examples:
        >>> from pathlib import Path
        >>> from tempfile import mkdtemp
        >>> from eventstore.testing import tiny_store
        >>> path = Path(mkdtemp()) / "events.zarr"
        >>> tiny_store(path).close()
        >>> (path / "events" / "x" / "c" / "0").unlink()
        >>> store = EventStore.open(path)
        >>> scan = scan_recording(store, store.recordings[0])
        >>> len(scan.stretches), len(scan.losses)
        (0, 1)
    """
    checks, digest = PacketChecks(row.recording_id, row.sensor), LogicalDigest(row.sensor)
    scan, lost = RecordingScan(), _Lost(row)
    for part in _parts(store, row):
        reason = part.reason
        if not reason:
            try:
                checks.check(part.events)
            except InvalidInput as error:
                reason = error.message
        if reason:
            lost.add(part, reason, last_t=checks.t_stop - 1)
            continue
        digest.update(part.events)
        t = part.events.t
        scan.losses += lost.end(int(t[0]) + 1)
        _extend(scan.stretches, part, int(t[0]), int(t[-1]) + 1)
    scan.losses += lost.end(max(row.t_stop, checks.t_stop))
    scan.digest = digest.digest()
    return scan


@dataclass(frozen=True, slots=True)
class _Part:
    """The rows of a recording that lie in one chunk; events are blank where there is a reason."""

    start: int
    stop: int
    events: Events
    reason: str
    knows_times: bool


def _parts(store: EventStore, row: RecordingRow) -> Iterator[_Part]:
    size, end = store.head.layout.chunk_events, row.start + row.n_events
    for k in range(row.start // size, -(-end // size) if row.n_events else 0):
        start, stop = max(row.start, k * size), min(end, (k + 1) * size)
        yield _read(store, k, start, stop)


def _read(store: EventStore, k: int, start: int, stop: int) -> _Part:
    first = k * store.head.layout.chunk_events
    events, reasons = Events.empty(stop - start), {}
    if store.sensor.modality == "audio":
        events.p[:] = 1
    for name in store.sensor.columns:
        try:
            events.column(name)[:] = store.column(name).chunk(k)[start - first : stop - first]
        except (IntegrityError, MissingContent) as error:
            reasons[name] = error.message
    reason = next(iter(reasons.values()), "")
    return _Part(start, stop, events, reason, "t" not in reasons)


def _extend(stretches: list[Stretch], part: _Part, t_start: int, t_stop: int) -> None:
    start = part.start
    if stretches and stretches[-1].stop == start:
        before = stretches.pop()
        start, t_start = before.start, before.t_start
    stretches.append(Stretch(start=start, stop=part.stop, t_start=t_start, t_stop=t_stop))


@dataclass(slots=True)
class _Lost:
    """The loss that is being looked at, if any, with the times that are known of it."""

    row: RecordingRow
    start: int = -1
    stop: int = -1
    reason: str = ""
    _t_start: int = 0
    _t_stop: int = -1

    def add(self, part: _Part, reason: str, *, last_t: int) -> None:
        """Add a part; ``last_t`` is the time of the last event that is whole, -1 for none."""
        t = part.events.t
        if self.start < 0:
            self.start, self.reason = part.start, reason
            self._t_start = int(t.min()) if part.knows_times else max(0, last_t)
        self.stop = part.stop
        self._t_stop = int(t.max()) + 1 if part.knows_times else -1

    def end(self, t_stop: int) -> list[Loss]:
        """Return the loss, which ends before a time at the latest, and look for the next."""
        if self.start < 0:
            return []
        until = self._t_stop if self._t_stop >= 0 else t_stop
        loss = Loss(
            start=self.start,
            stop=self.stop,
            t_start=self._t_start,
            t_stop=max(until, self._t_start),
            reason=self.reason,
        )
        self.start = -1
        return [loss]
