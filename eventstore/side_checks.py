"""Verify side streams: every checksum and digest, named by recording and µs range."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from eventstore.damage import RESTORE, Damage, damage_of, merged
from eventstore.digest import NO_DIGEST, SideDigest
from eventstore.errors import IntegrityError, MissingContent
from eventstore.findings import Finding, Severity
from eventstore.recordings import RecordingRow
from eventstore.side import PIXELS, frame_bytes
from eventstore.side_reader import SideReader
from eventstore.store import EventStore

SIZES = ("width", "height", "channels", "bits")
"""Columns that say how many bytes of pixels a frame has."""


def check_side(store: EventStore, rows: Sequence[RecordingRow]) -> list[Finding]:
    """Check all bytes of the side streams of a store and return everything that is wrong.

    Args:
        store: the open store.
        rows: its recordings; none where the table of recordings is damaged, and then damage is
            named by rows of the streams.

    Examples:
        >>> from pathlib import Path
        >>> from tempfile import mkdtemp
        >>> from eventstore.testing import tiny_store
        >>> check_side(tiny_store(Path(mkdtemp()) / "events.zarr"), [])
        []
    """
    head, findings = store.head, []
    readers = {kind: SideReader(store.files, head, kind) for kind in head.side_kinds()}
    for kind, reader in readers.items():
        findings += _check_offsets(reader, head.length(kind))
    if findings or not rows:
        spans = {kind: (0, head.length(kind)) for kind in readers}
        return findings + _Check(readers, spans, None).run()
    for number, row in enumerate(rows):
        ranges = {
            k: (int(r.offsets[number]), int(r.offsets[number + 1])) for k, r in readers.items()
        }
        spans = {kind: span for kind, span in ranges.items() if span[1] > span[0]}
        if spans or row.side_digest != NO_DIGEST:
            findings += _Check(readers, spans, row).run()
    return findings


def _check_offsets(reader: SideReader, n: int) -> list[Finding]:
    name = f"side/{reader.kind}/offsets"
    damages = damage_of(lambda: reader.offsets, name, 0, n)
    if damages:
        return [_finding(name, damages[0].message, damages[0].check)]
    offsets = reader.offsets
    if offsets[0] != 0 or offsets[-1] != n or (np.diff(offsets) < 0).any():
        message = f"offsets run {offsets[0]} … {offsets[-1]}, the rows 0 … {n}, or they run back"
        return [_finding(name, message, "offsets")]
    return []


@dataclass(slots=True)
class _Check:
    """The check of one recording's rows, or of all rows where no recording is known.

    Args:
        readers: the kinds of the store.
        spans: first row and row after the last, of each kind there is.
        row: the recording.
    """

    readers: Mapping[str, SideReader]
    spans: Mapping[str, tuple[int, int]]
    row: RecordingRow | None
    _digest: SideDigest = field(init=False, default_factory=SideDigest)
    _findings: list[Finding] = field(init=False, default_factory=list)

    def run(self) -> list[Finding]:
        """Return everything that is wrong."""
        for kind, (start, stop) in self.spans.items():
            damages = [
                damage
                for name in self.readers[kind].columns
                if name != PIXELS
                for damage in self._read(kind, name, start, stop)
            ]
            if kind == "frames":
                damages += self._read_pixels(start, stop, damages)
            self._findings += [self._named(kind, damage) for damage in merged(damages)]
        if not self._findings and self.row and self._digest.digest() != self.row.side_digest:
            found, recorded = self._digest.digest().hex(), self.row.side_digest.hex()
            message = f"side streams have digest {found[:12]}…, recorded {recorded[:12]}…"
            where = f"{self.row.recording_id}#0-{self.row.t_stop}"
            self._findings.append(_finding(where, message, "digest"))
        return self._findings

    def _read(self, kind: str, name: str, start: int, stop: int) -> Iterator[Damage]:
        """Digest rows of a column, a chunk at a time; give what cannot be read."""
        reader = self.readers[kind]
        for a, b in _pieces(start, stop, reader.columns[name].chunk_rows):
            digest = partial(self._digest_rows, reader, name, a, b)
            yield from damage_of(digest, name, a, b)

    def _digest_rows(self, reader: SideReader, name: str, start: int, stop: int) -> None:
        self._digest.update_column(reader.kind, name, reader.rows(name, start, stop))

    def _read_pixels(self, start: int, stop: int, damages: Sequence[Damage]) -> list[Damage]:
        """Digest the pixels of frames where it is known which they are."""
        reader = self.readers["frames"]
        if not any(damage.column in {"start", *SIZES} for damage in damages):
            wrong = _first_misplaced(reader, start, stop)
            if wrong is not None:
                message = f"frame {wrong} does not start where the one before it ends"
                return [Damage("start", wrong, wrong + 1, message, "frames")]
        try:
            first, last = reader.pixel_range(reader.rows("start", start, start + 1), stop)
        except (IntegrityError, MissingContent):
            return []  # said of start already
        return list(self._read("frames", PIXELS, first, last))

    def _named(self, kind: str, damage: Damage) -> Finding:
        start, stop = damage.start, damage.stop
        where = f"side/{kind}/{damage.column} rows {start}-{stop}"
        if self.row is not None:
            low, high = self._time_range(kind, damage)
            where = f"{self.row.recording_id}#{low}-{high}"
        return _finding(where, f"column {kind}/{damage.column}: {damage.message}", damage.check)

    def _time_range(self, kind: str, damage: Damage) -> tuple[int, int]:
        """Return the µs range hit: of the rows hit where their times are readable, else of all."""
        reader, (start, stop) = self.readers[kind], self.spans[kind]
        try:
            if damage.column == PIXELS:
                begins = reader.rows("start", start, stop)
                first, after = np.searchsorted(begins, (damage.start, damage.stop))
                begins_before = first == len(begins) or begins[first] > damage.start
                start, stop = start + int(first) - int(begins_before), start + int(after)
            else:
                start, stop = damage.start, damage.stop
            t = reader.rows("t", start, stop)
        except (IntegrityError, MissingContent):
            return 0, self.row.t_stop if self.row else 0
        return int(t.min()), int(t.max()) + 1


def _pieces(start: int, stop: int, chunk: int) -> Iterator[tuple[int, int]]:
    """Cut rows where chunks begin."""
    while start < stop:
        until = min(stop, (start // chunk + 1) * chunk)
        yield start, until
        start = until


def _first_misplaced(reader: SideReader, start: int, stop: int) -> int | None:
    """Return the first frame whose pixels do not start where those of the one before it end."""
    expected: int | None = 0 if start == 0 else None
    for a, b in _pieces(start, stop, reader.columns["start"].chunk_rows):
        begins = reader.rows("start", a, b)
        sizes = frame_bytes({name: reader.rows(name, a, b) for name in SIZES})
        first = int(begins[0]) if expected is None else expected
        follow = first + np.cumsum(sizes)
        wrong = begins != follow - sizes
        if wrong.any():
            return a + int(np.argmax(wrong))
        expected = int(follow[-1])
    end, _ = reader.pixel_range(reader.rows("start", stop, stop), stop)
    return stop - 1 if expected is not None and expected != end else None


def _finding(where: str, message: str, check: str) -> Finding:
    return Finding(severity=Severity.ERROR, where=where, message=message, fix=RESTORE, check=check)
