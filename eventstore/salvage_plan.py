"""Decide what can be got out of a damaged store, and say what is lost of it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from eventstore.digest import NO_DIGEST
from eventstore.errors import NotFound
from eventstore.exchange import standing_place
from eventstore.files import Files, LocalFiles
from eventstore.findings import Finding, Severity
from eventstore.mended_store import mend_store
from eventstore.opening import open_files
from eventstore.recordings import RecordingRow, store_digest
from eventstore.salvage_scan import RecordingScan, Stretch, scan_recording
from eventstore.salvage_side import SideScan, scan_side
from eventstore.selection import sample_id
from eventstore.store import ROOT_KEY, EventStore


@dataclass(frozen=True, slots=True, kw_only=True)
class LostRange:
    """Events that could not be got out.

    Args:
        recording_id: the recording they were of.
        t_start: none of them is earlier, in µs from the recording's start.
        t_stop: all of them are earlier.
        n_events: how many.
        reason: what is wrong with the first of them.
    """

    recording_id: str
    t_start: int
    t_stop: int
    n_events: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SalvageReport:
    """What was got out of a damaged store, and what was not.

    Args:
        n_recordings: recordings in the damaged store, as far as can be told.
        n_whole: of them, those got out whole.
        unverified: ids of whole ones of which no digest is left to check them by.
        pieces: ids of the recordings made of stretches of others.
        n_events: events got out.
        lost: what was not, by recording and time.
        findings: what else was damaged, and what stands in for it.
        digest: logical digest of the new store, in hex; empty where none was made.
    """

    n_recordings: int
    n_whole: int
    unverified: tuple[str, ...]
    pieces: tuple[str, ...]
    n_events: int
    lost: tuple[LostRange, ...]
    findings: tuple[Finding, ...]
    digest: str = ""

    @property
    def n_lost(self) -> int:
        """Events that could not be got out."""
        return sum(lost.n_events for lost in self.lost)

    @property
    def is_complete(self) -> bool:
        """Whether everything was got out, and all of it could be checked."""
        return not (self.lost or self.pieces or self.unverified or self.findings)

    def to_dict(self) -> dict[str, object]:
        """Return plain values, for JSON."""
        return {
            **asdict(self),
            "n_lost": self.n_lost,
            "findings": [finding.to_dict() for finding in self.findings],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A recording of the new store.

    Args:
        recording_id: its id.
        row: row in the damaged store of the recording it is, or is a part of.
        start: row of its first event in the damaged store.
        stop: row after its last.
        salvaged: what its provenance says of its origin; None where it is the whole recording.
        side: what is whole of its side streams.
    """

    recording_id: str
    row: int
    start: int
    stop: int
    salvaged: Mapping[str, object] | None
    side: list[SideScan]


@dataclass(frozen=True, slots=True, kw_only=True)
class SalvagePlan:
    """What can be got out of a damaged store.

    Args:
        store: the store, which shows what is whole and raises at what is not.
        parts: the recordings of the new store.
        report: what that saves and what it does not.
    """

    store: EventStore
    parts: list[Part]
    report: SalvageReport


def plan_salvage(source: Path | str | Files) -> SalvagePlan:
    """Look through all of a damaged store, and change nothing.

    Args:
        source: the store's folder, zip or URL, or its files.

    Raises:
        NotFound: nothing is there.
        FormatError: no event store, one of a later format version, or one of which neither the
            root nor the document of any column of events is left.

    Examples:
        >>> from tempfile import mkdtemp
        >>> from eventstore.testing import tiny_store
        >>> path = Path(mkdtemp()) / "events.zarr"
        >>> tiny_store(path, n_recordings=3).close()
        >>> (path / "events" / "x" / "c" / "0").unlink()
        >>> plan = plan_salvage(path)
        >>> plan.report.n_whole, [lost.recording_id for lost in plan.report.lost]
        (1, ['r000', 'r002'])
    """
    mended = mend_store(_files(source))
    planner = _Planner(mended.store, mended.unnamed)
    for row in range(mended.store.n_recordings):
        planner.take(row)
    return planner.plan(mended.findings)


def _files(source: Path | str | Files) -> Files:
    if not isinstance(source, Path | str):
        return source
    place = standing_place(Path(source))
    if place.is_dir():
        return LocalFiles(place)
    try:
        return open_files(source, ROOT_KEY)
    except NotFound:
        message = f"no event store at {source}"
        raise NotFound(message, hint="name the folder, zip or URL of a damaged store") from None


class _Planner:
    """Looks at one recording after the other."""

    def __init__(self, store: EventStore, unnamed: frozenset[int]) -> None:
        self._store = store
        self._unnamed = unnamed
        self._parts: list[Part] = []
        self._lost: list[LostRange] = []
        self._findings: list[Finding] = []
        self._unverified: list[str] = []
        self._sums: list[tuple[str, bytes, bytes]] = []
        self._n_whole = 0
        self._taken = set(store.recordings.ids)
        self._seen: set[str] = set()

    def take(self, row: int) -> None:
        """Decide what becomes of one recording."""
        known = self._store.recordings[row]
        scan = scan_recording(self._store, known)
        side, side_digest = scan_side(self._store, row)
        self._sums.append((known.recording_id, scan.digest, side_digest))
        self._note_side(known, side, side_digest)
        if scan.losses:
            self._take_stretches(known, row, scan, side)
        elif known.digest in {scan.digest, NO_DIGEST}:
            self._take_whole(known, row, side)
        else:
            message = (
                f"its digest is {scan.digest.hex()[:12]}…, recorded {known.digest.hex()[:12]}…, "
                "though every checksum is right"
            )
            self._find(known.recording_id, message, "digest")
            whole = Stretch(
                start=known.start, stop=known.start + known.n_events, t_start=0, t_stop=known.t_stop
            )
            self._add_piece(known, row, whole, side)

    def _take_whole(self, known: RecordingRow, row: int, side: list[SideScan]) -> None:
        name = known.recording_id
        if name in self._seen or any(ord(c) < 32 for c in name) or not name:
            name = self._free("".join(c for c in name if ord(c) >= 32) or f"row-{row}")
            self._find(
                known.recording_id, f"its id is not one of its own: it is {name!r} now", "id"
            )
        self._seen.add(name)
        if known.digest == NO_DIGEST:
            self._unverified.append(name)
        self._n_whole += 1
        stop = known.start + known.n_events
        part = Part(
            recording_id=name, row=row, start=known.start, stop=stop, salvaged=None, side=side
        )
        self._parts.append(part)

    def _take_stretches(
        self, known: RecordingRow, row: int, scan: RecordingScan, side: list[SideScan]
    ) -> None:
        for loss in scan.losses:
            lost = LostRange(
                recording_id=known.recording_id,
                t_start=loss.t_start,
                t_stop=loss.t_stop,
                n_events=loss.stop - loss.start,
                reason=loss.reason,
            )
            self._lost.append(lost)
        stretches = scan.stretches
        if not stretches and any(one.runs for one in side):
            stretches = [Stretch(start=known.start, stop=known.start, t_start=0, t_stop=0)]
        for number, stretch in enumerate(stretches):  # side streams go with the first
            self._add_piece(known, row, stretch, side if number == 0 else [])

    def _add_piece(
        self, known: RecordingRow, row: int, stretch: Stretch, side: list[SideScan]
    ) -> None:
        salvaged = {
            "of": None if row in self._unnamed else known.recording_id,
            "of_n_events": known.n_events,
            "first_event": stretch.start - known.start,
            "t_start_us": stretch.t_start,
            "t_stop_us": stretch.t_stop,
        }
        name = self._free(sample_id(known.recording_id, stretch.t_start, stretch.t_stop))
        self._seen.add(name)
        part = Part(
            recording_id=name,
            row=row,
            start=stretch.start,
            stop=stretch.stop,
            salvaged=salvaged,
            side=side,
        )
        self._parts.append(part)

    def _free(self, name: str) -> str:
        """Return the name, with a number behind it where it is taken."""
        made, number = name, 1
        while made in self._taken or made in self._seen:
            number += 1
            made = f"{name}~{number}"
        return made

    def _note_side(self, known: RecordingRow, side: list[SideScan], digest: bytes) -> None:
        if known.side_digest not in {digest, NO_DIGEST} and not any(scan.reason for scan in side):
            message = "its side streams are not those recorded, though every checksum is right"
            self._find(known.recording_id, message, "side-digest")
        for scan in side:
            if scan.reason:
                lost = f"{scan.n_lost} of {scan.n_rows}" if scan.n_rows >= 0 else "the"
                self._find(known.recording_id, f"{lost} rows of {scan.kind}: {scan.reason}", "side")

    def _find(self, where: str, message: str, check: str) -> None:
        self._findings.append(
            Finding(severity=Severity.WARNING, where=where, message=message, check=check)
        )

    def plan(self, findings: list[Finding]) -> SalvagePlan:
        """Return what was decided."""
        if self._unverified and store_digest(self._sums) == self._store.digest:
            self._unverified.clear()  # the store's own digest is left to check them by
        report = SalvageReport(
            n_recordings=self._store.n_recordings,
            n_whole=self._n_whole,
            unverified=tuple(self._unverified),
            pieces=tuple(part.recording_id for part in self._parts if part.salvaged),
            n_events=sum(part.stop - part.start for part in self._parts),
            lost=tuple(self._lost),
            findings=(*findings, *self._findings),
        )
        return SalvagePlan(store=self._store, parts=self._parts, report=report)
