"""EventStore: read a store's events by row, by recording, or by time, without zarr in the way."""

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from itertools import accumulate, pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from jaxtyping import Int64

from eventstore.closing import Closing
from eventstore.columns import ColumnReader, Encoded, fetch_chunks, read_columns
from eventstore.errors import FormatError, InvalidInput, MissingContent, NotFound
from eventstore.events import Events, Sensor
from eventstore.files import Files
from eventstore.opening import DEFAULT_CACHE, open_files
from eventstore.range_cache import CacheConfig
from eventstore.recordings import RecordingTable
from eventstore.runs import FETCH_ROWS, read_runs
from eventstore.schema import Head, head_from_root
from eventstore.side_reader import RecordingSide, SideReader
from eventstore.time_index import Interval, TimeIndex

if TYPE_CHECKING:
    import xarray
    import zarr

    from eventstore.long_runs import LongRuns

ROOT_KEY = "zarr.json"

SLICE_TABLES = ("recordings/id", "recordings/offsets", "recordings/t_stop", "index/t")
"""The tables that say where a time slice of a recording lies."""


class EventStore(Closing):
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
        self._side = {kind: SideReader(files, self._head, kind) for kind in self._head.side_kinds()}
        self._index = TimeIndex(files, self._head, self._columns["t"])
        if files.remote and self.n_events:
            self._meet_tables()

    @classmethod
    def open(
        cls,
        path: Path | str | Files,
        *,
        storage_options: Mapping[str, Any] | None = None,
        cache: CacheConfig | None = DEFAULT_CACHE,
    ) -> Self:
        """Open the store in a folder, in a zip, at a URL, or over any `Files`.

        Args:
            path: such as ``events.zarr``, ``events.zarr.zip`` or ``s3://bucket/events.zarr``.
            storage_options: for a URL, what fsspec's file system takes.
            cache: where ranges of remote files are kept; None to fetch them each time.

        Raises:
            NotFound: there is no store at the path.
            FormatError: not an event store, or of a later format version.
            Unreachable: the server of a URL does not answer, or refuses.
            MissingExtra: the package for the URL's protocol is not installed.
        """
        if not isinstance(path, Path | str):
            return cls(path)
        return cls(open_files(path, ROOT_KEY, storage_options=storage_options, cache=cache))

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
        return self.read_runs([(start, stop)])[0]

    def read_runs(self, runs: Sequence[tuple[int, int]]) -> list[Events]:
        """Read several ranges of rows, with one round trip to a remote store for all of them.

        Args:
            runs: pairs of a first row and the row after the last.

        Raises:
            InvalidInput: a range does not lie in the store.
            IntegrityError: stored bytes are damaged; names the file, offset and rows hit.
            MissingContent: a shard is not on this machine.
        """
        self._check_runs(runs)
        ends = [0, *accumulate(stop - start for start, stop in runs)]
        out = Events.blank(ends[-1])
        parts = [out[a:b] for a, b in pairwise(ends)]
        self._read_into(runs, parts)
        return parts

    def read_runs_into(self, runs: Sequence[tuple[int, int]], outs: Sequence[Events]) -> None:
        """Read several ranges of rows into tables that are there; see `read_runs`.

        Args:
            runs: pairs of a first row and the row after the last.
            outs: a table for each run, of as many events, of arbitrary contents.

        Raises:
            InvalidInput: a range does not lie in the store, or a table has another size.
            IntegrityError: stored bytes are damaged; names the file, offset and rows hit.
            MissingContent: a shard is not on this machine.
        """
        self._check_runs(runs)
        found, expected = [len(out) for out in outs], [stop - start for start, stop in runs]
        if found != expected:
            message = f"runs of {expected} events, tables of {found}"
            raise InvalidInput(message, hint="give each run a table of as many events")
        self._read_into(runs, outs)

    def _check_runs(self, runs: Sequence[tuple[int, int]]) -> None:
        for start, stop in runs:
            if not 0 <= start <= stop <= self.n_events:
                message = f"rows {start} … {stop} are not in the store's {self.n_events}"
                raise InvalidInput(message, hint="rows are half-open: 0 ≤ start ≤ stop ≤ n_events")

    def _read_into(self, runs: Sequence[tuple[int, int]], outs: Sequence[Events]) -> None:
        arrays = [self._stored(out) for out in outs]
        if self.files.remote:
            read_runs(self.files, self._columns, runs, arrays)
            return
        wanted = [
            (reader, runs[k][0], arrays[k][name])
            for k in self._long.read(runs, outs)
            for name, reader in self._columns.items()
        ]
        if wanted:
            read_columns(wanted)

    @cached_property
    def _long(self) -> "LongRuns":
        from eventstore.long_runs import LongRuns

        return LongRuns(self.files, self._head.axis("events"), list(self._columns.values()))

    def read(self, recording: int | str) -> Events:
        """Read one recording whole, by row or by id."""
        offsets, row = self.recordings.offsets, self._row(recording)
        return self.read_rows(int(offsets[row]), int(offsets[row + 1]))

    def read_time(self, recording: int | str, t_start: int, t_stop: int) -> Events:
        """Read the events of a recording with ``t_start ≤ t < t_stop`` (µs).

        Raises:
            InvalidInput: the interval ends before it starts.
            NotFound: no such recording.
            IntegrityError: stored bytes are damaged; names the file, offset and rows hit.
            MissingContent: a shard is not on this machine.
        """
        (start, stop), encoded = self._find(self._interval(recording, t_start, t_stop))
        if not encoded:
            return self.read_rows(start, stop)
        out = Events.blank(stop - start)
        for name, values in self._stored(out).items():
            self._columns[name].read_into(start, values, encoded[name])
        return out

    def read_region(
        self,
        recording: int | str,
        t_start: int,
        t_stop: int,
        *,
        x: tuple[int, int] | None = None,
        y: tuple[int, int] | None = None,
    ) -> Events:
        """Read the events of a recording in a time slice and a rectangle of pixels.

        Args:
            recording: its row or id.
            t_start: first time, in µs.
            t_stop: time after the last, in µs.
            x: first column (channel for audio) and the one after the last; None for all.
            y: first row of pixels and the one after the last; None for all.

        Raises:
            InvalidInput: the interval or the rectangle ends before it starts.
            NotFound: no such recording.
            IntegrityError: stored bytes are damaged; names the file, offset and rows hit.
            MissingContent: a shard is not on this machine.

        Examples:
            >>> from tempfile import mkdtemp
            >>> from eventstore.append import StoreWriter
            >>> path = Path(mkdtemp()) / "events.zarr"
            >>> with StoreWriter.create(path, Sensor(34, 34)) as writer:
            ...     _ = writer.append("a", [Events.of(t=[5, 9], x=[1, 2], y=[0, 0], p=[1, 0])])
            >>> EventStore.open(path).read_region("a", 0, 10, x=(2, 34)).t.tolist()
            [9]
        """
        from eventstore.regions import Box, read_box

        box = Box.of(x, y)
        (start, stop), encoded = self._find(self._interval(recording, t_start, t_stop))
        parts = []
        for first in range(start, stop, FETCH_ROWS):
            rows = first, min(first + FETCH_ROWS, stop)
            parts.append(read_box(self._columns, encoded or self._fetch(*rows), rows, box))
        return Events.concatenate(parts)

    def row_range(self, recording: int | str, t_start: int, t_stop: int) -> tuple[int, int]:
        """Return the rows ``(start, stop)`` of the events with ``t_start ≤ t < t_stop`` (µs).

        Costs a search in the index and at most one chunk of ``t`` per end; none at the
        recording's own ends.

        Raises:
            InvalidInput: the interval ends before it starts.
            NotFound: no such recording.
        """
        return self._index.rows(self._interval(recording, t_start, t_stop))

    def row_ranges(
        self,
        recordings: Int64[np.ndarray, " n"],
        t_start: Int64[np.ndarray, " n"],
        t_stop: Int64[np.ndarray, " n"],
    ) -> tuple[Int64[np.ndarray, " n"], Int64[np.ndarray, " n"]]:
        """Return the first row and the row after the last of many intervals, as `row_range` does.

        Each chunk of times is decoded once, and fetched with all others from a remote store.

        Args:
            recordings: row of the recording of each interval.
            t_start: its first time, in µs.
            t_stop: the time after its last, in µs.
        """
        asked = zip(recordings.tolist(), t_start.tolist(), t_stop.tolist(), strict=True)
        return self._index.rows_of_all([self._interval(*one) for one in asked])

    @property
    def first_t(self) -> Int64[np.ndarray, " k"]:
        """Time of the first event of each inner chunk."""
        return self._index.first_t

    def _interval(self, recording: int | str, t_start: int, t_stop: int) -> Interval:
        if t_stop < t_start:
            message = f"interval {t_start} … {t_stop} µs ends before it starts"
            raise InvalidInput(message, hint="intervals are half-open: t_start ≤ t < t_stop")
        row, offsets = self._row(recording), self.recordings.offsets
        return Interval(
            int(offsets[row]),
            int(offsets[row + 1]),
            None if t_start <= 0 else t_start,
            None if t_stop >= self.recordings.t_stop[row] else t_stop,
        )

    def _find(self, interval: Interval) -> tuple[tuple[int, int], dict[str, Encoded]]:
        """Return the rows of an interval and, where they are few, what is needed to read them.

        All columns of what the index says are fetched at once, before the rows are known.
        """
        start, stop = self._index.bounds(interval)
        if stop - start > FETCH_ROWS:
            return self._index.rows(interval), {}
        encoded = self._fetch(start, stop)
        return self._index.rows(interval, encoded["t"]), encoded

    def _stored(self, blank: Events) -> dict[str, np.ndarray]:
        """Return the columns of a table that are read: t, x, y, p, or t and c, which is its x.

        Those that audio does not store are given their values.
        """
        if self.sensor.modality == "audio":
            blank.y.fill(0)
            blank.p.fill(1)
        return dict(zip(self._columns, blank.arrays(), strict=False))

    def _fetch(self, start: int, stop: int) -> dict[str, Encoded]:
        wanted = [(reader, reader.undecoded(start, stop)) for reader in self._columns.values()]
        return dict(zip(self._columns, fetch_chunks(self.files, wanted), strict=True))

    def _meet_tables(self) -> None:
        """Learn the sizes of the tables that any time slice takes in one round trip, not in four.

        What is absent is said when it is read.
        """
        with suppress(MissingContent):
            self.files.read_ranges([(f"{name}/c/0", 0, 0) for name in SLICE_TABLES])

    def _row(self, recording: int | str) -> int:
        if isinstance(recording, str):
            return self.recordings.row(recording)
        if not 0 <= recording < self.n_recordings:
            message = f"no recording row {recording}: the store has {self.n_recordings}"
            raise NotFound(message, hint="rows run from 0")
        return int(recording)

    def side(self, recording: int | str) -> RecordingSide:
        """Return the side streams of a recording by kind: frames, imu, triggers.

        Raises:
            NotFound: no such recording.
        """
        return RecordingSide(self._side, self._row(recording))

    def lost_files(self) -> list[str]:
        """Return the keys of files that the metadata counts on and of which no trace is left.

        A file whose content is merely elsewhere, such as an annexed one, is not lost.
        """
        return [key for key in self._head.chunk_keys() if not self.files.has(key)]

    def as_zarr(self) -> "zarr.Group":
        """Return the same store as a read-only zarr group that never shows fill values."""
        from eventstore.strict import open_group

        return open_group(self.files)

    def as_xarray(self) -> "xarray.Dataset":
        """Return the store as a dataset of lazy dask arrays; see `eventstore.view`."""
        from eventstore.view import as_xarray

        return as_xarray(self)

    def close(self) -> None:
        """Let go of the mapped files; arrays that were read stay valid."""
        vars(self).pop("_long", None)  # it holds on to some of them
        self.files.close()

    def _repr_html_(self) -> str:
        """Return what a notebook shows."""
        from eventstore.notebook.store_panel import store_html

        return store_html(self)

    def __repr__(self) -> str:
        """Return what lies in the store."""
        n = len(self.recordings)
        return f"<EventStore of {self.sensor.modality}, {n:,} recordings, {self.n_events:,} events>"


def open_store(
    path: Path | str | Files,
    *,
    storage_options: Mapping[str, Any] | None = None,
    cache: CacheConfig | None = DEFAULT_CACHE,
) -> EventStore:
    """Open a store for reading; the same as `EventStore.open`.

    Examples:
        >>> from pathlib import Path
        >>> from tempfile import mkdtemp
        >>> from eventstore.testing import tiny_store
        >>> path = Path(mkdtemp()) / "events.zarr"
        >>> tiny_store(path, n_recordings=3).close()
        >>> with open_store(path) as store:
        ...     len(store.recordings)
        3
    """
    return EventStore.open(path, storage_options=storage_options, cache=cache)


def read_head(files: Files) -> Head:
    """Read the published state from the root document.

    Raises:
        FormatError: not an event store, or of a later format version.
    """
    where = files.where(ROOT_KEY)
    try:
        document = json.loads(files.read(ROOT_KEY))
    except ValueError as error:
        files.forget([(ROOT_KEY, 0, None)])
        hint = "restore it from a saved version"
        message = f"not JSON ({error})"
        raise FormatError(message, path=where, hint=hint) from error
    if not isinstance(document, dict):
        message = "not a zarr document"
        raise FormatError(message, path=where, expected="a JSON object")
    return head_from_root(document, where)
