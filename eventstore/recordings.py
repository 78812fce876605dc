"""The recordings table: where each recording's rows are and what it is."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import Int32, Int64

from eventstore.digest import NO_DIGEST
from eventstore.documents import DIGEST_BYTES
from eventstore.errors import IntegrityError, NotFound
from eventstore.events import Sensor
from eventstore.files import Files
from eventstore.provenance import parse_provenance
from eventstore.schema import Head
from eventstore.tables import read_rows, read_text_chunk, read_texts


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingRow:
    """One recording of a store.

    Args:
        recording_id: its id.
        start: row of its first event.
        n_events: its length.
        t_origin_us: the source's own stamp of ``t = 0``.
        t_stop: last t + 1, in µs; 0 where empty.
        sensor: its own sensor, no larger than the store's.
        digest: logical digest of its events, 32 bytes.
        side_digest: digest of its side streams; zeros where it has none.
        source_sha256: sha256 of the source's bytes; zeros where unknown.
    """

    recording_id: str
    start: int
    n_events: int
    t_origin_us: int
    t_stop: int
    sensor: Sensor
    digest: bytes
    side_digest: bytes
    source_sha256: bytes

    def _repr_html_(self) -> str:
        """Return what a notebook shows."""
        from eventstore.notebook.recording_panel import row_html

        return row_html(self)


class RecordingTable:
    """The columns of the recordings table; each is read when first asked for.

    Row ``r`` holds events ``offsets[r] … offsets[r+1] - 1``.
    """

    def __init__(self, files: Files, head: Head) -> None:
        self._files = files
        self._head = head
        self._provenance: tuple[int, list[str]] = (-1, [])

    def __len__(self) -> int:
        """Return the number of recordings."""
        return self._head.n_recordings

    @cached_property
    def ids(self) -> list[str]:
        """Id of each recording."""
        rows = self._head.layout.table_rows
        return read_texts(self._files, "recordings/id", len(self), rows)

    @cached_property
    def offsets(self) -> Int64[np.ndarray, " n_plus_1"]:
        """Row of each recording's first event, then the number of events."""
        return self._numbers("offsets", "int64", 1)

    @cached_property
    def row_size(self) -> Int64[np.ndarray, " n"]:
        """Number of events of each recording."""
        return self._numbers("row_size", "int64")

    @cached_property
    def t_origin_us(self) -> Int64[np.ndarray, " n"]:
        """The source's own stamp of ``t = 0``, for each recording."""
        return self._numbers("t_origin_us", "int64")

    @cached_property
    def t_stop(self) -> Int64[np.ndarray, " n"]:
        """Last t + 1 of each recording; 0 where empty."""
        return self._numbers("t_stop", "int64")

    @cached_property
    def width(self) -> Int32[np.ndarray, " n"]:
        """Sensor width of each recording."""
        return self._numbers("width", "int32")

    @cached_property
    def height(self) -> Int32[np.ndarray, " n"]:
        """Sensor height of each recording."""
        return self._numbers("height", "int32")

    @cached_property
    def digests(self) -> list[bytes]:
        """Logical digest of each recording."""
        return self._hashes("digest")

    @cached_property
    def side_digests(self) -> list[bytes]:
        """Digest of each recording's side streams; zeros where it has none."""
        return self._hashes("side_digest")

    @cached_property
    def source_sha256(self) -> list[bytes]:
        """Sha256 of each recording's source bytes; zeros where unknown."""
        return self._hashes("source_sha256")

    @cached_property
    def _row_of(self) -> dict[str, int]:
        return {name: row for row, name in enumerate(self.ids)}

    def __contains__(self, recording_id: object) -> bool:
        """Say whether there is a recording of that id."""
        return recording_id in self._row_of

    def row(self, recording_id: str) -> int:
        """Return the row of a recording.

        Raises:
            NotFound: no such id; names the nearest.
        """
        row = self._row_of.get(recording_id)
        if row is None:
            missing = NotFound.among("recording", recording_id, self.ids)
            raise missing
        return row

    def sensor(self, row: int) -> Sensor:
        """Return the sensor of one recording."""
        modality = self._head.sensor.modality
        return Sensor(int(self.width[row]), int(self.height[row]), modality)

    def provenance(self, row: int) -> dict[str, object]:
        """Return where a recording came from and what was done to it; empty where not recorded.

        Raises:
            IntegrityError: the text is damaged.
        """
        try:
            return parse_provenance(self.provenance_text(row))
        except IntegrityError as error:
            message = f"recording {self.ids[row]!r}: {error.message}"
            raise IntegrityError(message) from None

    def provenance_text(self, row: int) -> str:
        """Return a recording's provenance as it stands: a JSON object, or empty."""
        number, at = divmod(row, self._head.layout.provenance_rows)
        held, texts = self._provenance
        if held != number:
            n = min(self._head.layout.provenance_rows, len(self) - row + at)
            texts = read_text_chunk(self._files, "recordings/provenance", number, n)
            self._provenance = (number, texts)
        return texts[at]

    def __getitem__(self, row: int) -> RecordingRow:
        """Return one recording's row as a value."""
        return RecordingRow(
            recording_id=self.ids[row],
            start=int(self.offsets[row]),
            n_events=int(self.row_size[row]),
            t_origin_us=int(self.t_origin_us[row]),
            t_stop=int(self.t_stop[row]),
            sensor=self.sensor(row),
            digest=self.digests[row],
            side_digest=self.side_digests[row],
            source_sha256=self.source_sha256[row],
        )

    def _numbers(self, name: str, dtype: str, extra: int = 0) -> np.ndarray:
        rows = self._head.layout.table_rows
        array = read_rows(self._files, f"recordings/{name}", dtype, (len(self) + extra,), rows)
        array.flags.writeable = False
        return array

    def _hashes(self, name: str) -> list[bytes]:
        rows, shape = self._head.layout.table_rows, (len(self), DIGEST_BYTES)
        array = read_rows(self._files, f"recordings/{name}", "uint8", shape, rows)
        return [row.tobytes() for row in array]


def store_digest(recordings: Iterable[tuple[str, bytes, bytes]]) -> str:
    """Return the digest of recordings ``(id, digest, side digest)``, whatever their order.

    Examples:
        >>> a, b = ("a", bytes(32), NO_DIGEST), ("b", bytes(32), NO_DIGEST)
        >>> store_digest([a, b]) == store_digest([b, a])
        True
    """
    return sum_lines(sorted(digest_line(*recording) for recording in recordings))


def digest_line(recording_id: str, digest: bytes, side_digest: bytes) -> str:
    """Return a recording's line in the text that the store's digest is the sha256 of.

    Examples:
        >>> [len(digest_line("a", bytes(32), side)) for side in (NO_DIGEST, b"k" * 32)]
        [67, 132]
    """
    side = "" if side_digest == NO_DIGEST else f"\t{side_digest.hex()}"
    return f"{recording_id}\t{digest.hex()}{side}\n"


def sum_lines(lines: Iterable[str]) -> str:
    """Return the store's digest from the sorted lines of its recordings, in hex."""
    sha = hashlib.sha256(b"spikelake-store-1\n")
    sha.update("".join(lines).encode())
    return sha.hexdigest()
