"""EventStore: read a store's events by row, by recording, or by time, without zarr in the way."""

import json
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

import numpy as np
from jaxtyping import Int64

from eventstore.columns import ColumnReader
from eventstore.errors import FormatError, InvalidInput, NotFound
from eventstore.events import Events, Sensor
from eventstore.files import Files, LocalFiles
from eventstore.recordings import RecordingTable
from eventstore.schema import Head, head_from_root
from eventstore.tables import read_rows

if TYPE_CHECKING:
    import zarr

ROOT_KEY = "zarr.json"


class EventStore:
    """A store opened for reading: a snapshot of the state published when it was opened.

    Safe to share between threads. Use it in a ``with`` block, or call `close`.

    Args:
        files: where the bytes are.

    Raises:
        FormatError: not an event store, or of a later format version.

    Examples:
        >>> from tempfile import mkdtemp
        >>> from eventstore.append import StoreWriter
        >>> path = Path(mkdtemp()) / "events.zarr"
        >>> with StoreWriter.create(path, Sensor(34, 34)) as writer:
        ...     _ = writer.append("a", [Events.of(t=[5, 9], x=[1, 2], y=[0, 0], p=[1, 0])])
        >>> with EventStore.open(path) as store:
        ...     store.n_events, store.read_time("a", 6, 10).t.tolist()
        (2, [9])
    """

    def __init__(self, files: Files) -> None:
        self.files = files
        self._head = read_head(files)
        self.recordings = RecordingTable(files, self._head)
        self._columns = {
            name: ColumnReader(files, name, axis=self._head.axis("events"), n=self.n_events)
            for name in self.sensor.columns
        }
        self._first_t: Int64[np.ndarray, " k"] | None = None

    @classmethod
    def open(cls, path: Path | str | Files) -> Self:
        """Open the store in a folder, or over any `Files`.

        Raises:
            NotFound: there is no store at the path.
            FormatError: not an event store, or of a later format version.
        """
        if not isinstance(path, Path | str):
            return cls(path)
        files = LocalFiles(Path(path))
        if not files.has(ROOT_KEY):
            message = f"no event store at {path} (no {ROOT_KEY} there)"
            raise NotFound(message, hint="make one with `spikelake ingest`, or correct the path")
        return cls(files)

    @property
    def head(self) -> Head:
        """The published state this handle shows."""
        return self._head

    @property
    def sensor(self) -> Sensor:
        """The store's sensor; a single recording's may be smaller."""
        return self._head.sensor

    @property
    def n_events(self) -> int:
        """Number of events."""
        return self._head.n_events

    @property
    def n_recordings(self) -> int:
        """Number of recordings."""
        return self._head.n_recordings

    @property
    def digest(self) -> str:
        """Digest over (id, logical digest) of all recordings, in hex; independent of order."""
        return self._head.digest

    def column(self, name: str) -> ColumnReader:
        """Return the direct reader of one stored column.

        Raises:
            NotFound: this store has no such column.
        """
        if name not in self._columns:
            missing = NotFound.among("column", name, self._columns)
            raise missing
        return self._columns[name]

    def read_rows(self, start: int, stop: int) -> Events:
        """Read the events of rows ``start … stop - 1``.

        Raises:
            InvalidInput: the range does not lie in the store.
            IntegrityError: stored bytes are damaged; names the file, offset and rows hit.
            MissingContent: a shard is not on this machine.
        """
        if not 0 <= start <= stop <= self.n_events:
            message = f"rows {start} … {stop} are not in the store's {self.n_events}"
            raise InvalidInput(message, hint="rows are half-open: 0 ≤ start ≤ stop ≤ n_events")
        out = _blank(stop - start, self.sensor)
        for name, reader in self._columns.items():
            reader.read_into(start, out.column(name))
        return out

    def read(self, recording: int | str) -> Events:
        """Read one recording whole, by row or by id."""
        offsets, row = self.recordings.offsets, self._row(recording)
        return self.read_rows(int(offsets[row]), int(offsets[row + 1]))

    def read_time(self, recording: int | str, t_start: int, t_stop: int) -> Events:
        """Read the events of a recording with ``t_start ≤ t < t_stop`` (µs)."""
        start, stop = self.row_range(recording, t_start, t_stop)
        return self.read_rows(start, stop)

    def row_range(self, recording: int | str, t_start: int, t_stop: int) -> tuple[int, int]:
        """Return the rows ``(start, stop)`` of the events with ``t_start ≤ t < t_stop`` (µs).

        Costs a search in the index and at most one chunk of ``t`` per end; none at the
        recording's own ends.

        Raises:
            InvalidInput: the interval ends before it starts.
            NotFound: no such recording.
        """
        if t_stop < t_start:
            message = f"interval {t_start} … {t_stop} µs ends before it starts"
            raise InvalidInput(message, hint="intervals are half-open: t_start ≤ t < t_stop")
        row = self._row(recording)
        low, high = int(self.recordings.offsets[row]), int(self.recordings.offsets[row + 1])
        if low == high:
            return low, low
        start = low if t_start <= 0 else self._search(low, high, t_start)
        whole = t_stop >= self.recordings.t_stop[row]
        return start, high if whole else self._search(start, high, t_stop)

    def _search(self, low: int, high: int, t: int) -> int:
        """Return the first row of low … high whose time is ≥ t; times ascend in that range."""
        size = self._head.layout.chunk_events
        if low == high:
            return low
        after = low // size + 1
        until = (high - 1) // size + 1
        k = after - 1 + int(np.searchsorted(self.first_t[after:until], t))
        first = max(low, k * size)
        last = min(high, (k + 1) * size)
        times = self._columns["t"].chunk(k)[first - k * size : last - k * size]
        return first + int(np.searchsorted(times, t))

    @property
    def first_t(self) -> Int64[np.ndarray, " k"]:
        """Time of the first event of each inner chunk."""
        if self._first_t is None:
            layout = self._head.layout
            shape = (layout.n_chunks(self.n_events),)
            self._first_t = read_rows(self.files, "index/t", "int64", shape, layout.table_rows)
        return self._first_t

    def _row(self, recording: int | str) -> int:
        if isinstance(recording, str):
            return self.recordings.row(recording)
        if not 0 <= recording < self.n_recordings:
            message = f"no recording row {recording}: the store has {self.n_recordings}"
            raise NotFound(message, hint="rows run from 0")
        return int(recording)

    def lost_files(self) -> list[str]:
        """Return the keys of files that the metadata counts on and of which no trace is left.

        A file whose content is merely elsewhere, such as an annexed one, is not lost.
        """
        return [key for key in self._head.chunk_keys() if not self.files.has(key)]

    def as_zarr(self) -> "zarr.Group":
        """Return the same store as a read-only zarr group that never shows fill values."""
        from eventstore.strict import open_group

        return open_group(self.files)

    def close(self) -> None:
        """Let go of the mapped files; arrays that were read stay valid."""
        self._columns = {
            name: ColumnReader(self.files, name, axis=self._head.axis("events"), n=self.n_events)
            for name in self.sensor.columns
        }

    def __enter__(self) -> Self:
        """Return the store itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the store."""
        self.close()


def open_store(path: Path | str | Files) -> EventStore:
    """Open a store for reading; the same as `EventStore.open`."""
    return EventStore.open(path)


def read_head(files: Files) -> Head:
    """Read the published state from the root document.

    Raises:
        FormatError: not an event store, or of a later format version.
    """
    where = files.where(ROOT_KEY)
    try:
        document = json.loads(files.read(ROOT_KEY))
    except ValueError as error:
        hint = "restore it from a saved version"
        message = f"not JSON ({error})"
        raise FormatError(message, path=where, hint=hint) from error
    if not isinstance(document, dict):
        message = "not a zarr document"
        raise FormatError(message, path=where, expected="a JSON object")
    return head_from_root(document, where)


def _blank(n: int, sensor: Sensor) -> Events:
    t, x = np.empty(n, np.int64), np.empty(n, np.uint16)
    if sensor.modality == "vision":
        return Events(t, x, np.empty(n, np.uint16), np.empty(n, np.uint8))
    return Events(t, x, np.zeros(n, np.uint16), np.ones(n, np.uint8))
