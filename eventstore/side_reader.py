"""Read the side streams of recordings: whole, by rows, or a bounded table at a time."""

from collections.abc import Iterator, Mapping
from functools import cached_property

import numpy as np
from jaxtyping import Int64

from eventstore.columns import ColumnReader
from eventstore.errors import IntegrityError, InvalidInput, NotFound
from eventstore.files import Files
from eventstore.runs import read_runs
from eventstore.schema import Head
from eventstore.side import PIXELS, SideTable, side_columns
from eventstore.tables import read_rows

TABLE_ROWS = 1 << 16
"""Rows of a table read at a time."""

TABLE_PIXELS = 1 << 24
"""Bytes of pixels of a table read at a time, unless one frame has more."""


class SideReader:
    """The side streams of one kind of all recordings, end to end; read when asked for.

    Args:
        files: where the store is.
        head: its published state, which holds the kind.
        kind: the kind.
    """

    def __init__(self, files: Files, head: Head, kind: str) -> None:
        self.kind = kind
        self._files = files
        self._head = head
        self.columns = {
            column: ColumnReader(files, column, axis=axis, n=head.length(name))
            for name, axis in head.layout.side_axes(kind).items()
            for column in axis.codecs
        }

    @cached_property
    def offsets(self) -> Int64[np.ndarray, " n_plus_1"]:
        """First row of each recording, then the number of rows.

        Raises:
            IntegrityError: a checksum does not match.
            MissingContent: a file is not on this machine.
        """
        n, rows = self._head.n_recordings + 1, self._head.layout.table_rows
        name = f"side/{self.kind}/offsets"
        offsets = read_rows(self._files, name, "int64", (n,), rows)
        offsets.flags.writeable = False
        return offsets

    def rows(self, name: str, start: int, stop: int) -> np.ndarray:
        """Read rows ``start … stop - 1`` of one column, as they are stored."""
        return self._read((name,), start, stop)[name]

    def _read(self, names: tuple[str, ...], start: int, stop: int) -> dict[str, np.ndarray]:
        readers = {name: self.columns[name] for name in names}
        out = {name: np.empty(stop - start, reader.dtype) for name, reader in readers.items()}
        read_runs(self._files, readers, [(start, stop)], [out])
        return out

    def table(self, start: int, stop: int) -> SideTable:
        """Read rows ``start … stop - 1`` of the store, their pixels with them.

        Raises:
            IntegrityError: stored bytes are damaged; names the file, offset and rows hit.
            MissingContent: a shard is not on this machine.
        """
        names = tuple(name for name in side_columns(self.kind) if name != PIXELS)
        columns = self._read(names, start, stop)
        if self.kind == "frames":
            first, last = self.pixel_range(columns["start"], stop)
            columns[PIXELS] = self.rows(PIXELS, first, last)
            columns["start"] -= first
        try:
            return SideTable(self.kind, columns)
        except InvalidInput as error:
            where = self._files.where(f"side/{self.kind}")
            message = f"{where}: rows {start} … {stop - 1} are damaged: {error.message}"
            raise IntegrityError(message, hint="restore the files from another copy") from None

    def pixel_range(self, starts: Int64[np.ndarray, " n"], stop: int) -> tuple[int, int]:
        """Return the bytes of pixels that frames have, up to frame ``stop - 1`` of the store.

        Raises:
            IntegrityError: they don't lie in the store.
        """
        n_frames, n_pixels = self._head.length("frames"), self._head.length(PIXELS)
        last = n_pixels if stop >= n_frames else int(self.rows("start", stop, stop + 1)[0])
        first = int(starts[0]) if len(starts) else last
        if not 0 <= first <= last <= n_pixels:
            message = f"frames up to {stop - 1} have the bytes {first} … {last} of {n_pixels}"
            raise IntegrityError(message, hint="restore side/frames/start from another copy")
        return first, last

    def cuts(self, start: int, stop: int) -> Iterator[tuple[int, int]]:
        """Cut rows into runs that are read in bounded memory, in order."""
        while start < stop:
            until = min(start + TABLE_ROWS, stop)
            if self.kind == "frames":
                starts = self.rows("start", start, until)
                fits = int(np.searchsorted(starts, starts[0] + TABLE_PIXELS, side="right"))
                until = start + max(1, fits - 1 if fits < until - start else until - start)
            yield start, until
            start = until


class RecordingSide(Mapping[str, SideTable]):
    """The side streams of one recording, by kind; a kind's table is read when it is asked for.

    Times count from the recording's start, in µs, and may be negative.

    Args:
        readers: the kinds that the store has.
        row: which recording.

    Examples:
        >>> from pathlib import Path
        >>> from tempfile import mkdtemp
        >>> from eventstore import Sensor, StoreWriter
        >>> from eventstore.store import EventStore
        >>> path = Path(mkdtemp()) / "events.zarr"
        >>> trigger = SideTable.of("triggers", {"t": [1_005], "edge": [1]})
        >>> with StoreWriter.create(path, Sensor(34, 34)) as writer:
        ...     _ = writer.append("a", [], t_origin_us=1_000, side={"triggers": [trigger]})
        >>> side = EventStore.open(path).side("a")
        >>> list(side), side["triggers"].columns["t"].tolist()
        (['triggers'], [5])
    """

    def __init__(self, readers: Mapping[str, SideReader], row: int) -> None:
        self._readers = readers
        self._row = row

    def size(self, kind: str) -> int:
        """Return the number of rows of a kind; 0 where the recording has none."""
        start, stop = self._range(kind) if kind in self._readers else (0, 0)
        return stop - start

    def _range(self, kind: str) -> tuple[int, int]:
        offsets = self._readers[kind].offsets
        return int(offsets[self._row]), int(offsets[self._row + 1])

    def __iter__(self) -> Iterator[str]:
        """Iterate over the kinds that the recording has."""
        return (kind for kind in self._readers if self.size(kind))

    def __len__(self) -> int:
        """Return the number of kinds that the recording has."""
        return sum(1 for _ in self)

    def __getitem__(self, kind: str) -> SideTable:
        """Read the whole table of a kind.

        Raises:
            NotFound: the recording has no such kind.
            IntegrityError: stored bytes are damaged; names the file, offset and rows hit.
            MissingContent: a shard is not on this machine.
        """
        return self.read(kind, 0, self.size(kind))

    def read(self, kind: str, start: int, stop: int) -> SideTable:
        """Read rows ``start … stop - 1`` of a kind.

        Raises:
            NotFound: the recording has no such kind.
            InvalidInput: it has no such rows.
        """
        self._demand(kind)
        first, last = self._range(kind)
        if not 0 <= start <= stop <= last - first:
            message = f"rows {start} … {stop} are not in the {last - first} rows of {kind}"
            raise InvalidInput(message, hint="rows are half-open: 0 ≤ start ≤ stop ≤ size(kind)")
        return self._readers[kind].table(first + start, first + stop)

    def tables(self, kind: str) -> Iterator[SideTable]:
        """Read a kind in tables of at most 65,536 rows and about 16 MiB of pixels, in order.

        Raises:
            NotFound: the recording has no such kind.
        """
        self._demand(kind)
        reader = self._readers[kind]
        return (reader.table(*run) for run in reader.cuts(*self._range(kind)))

    def _demand(self, kind: str) -> None:
        if not self.size(kind):
            missing = NotFound.among("side stream", kind, self)
            raise missing
