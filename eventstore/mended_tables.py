"""The table of recordings of a damaged store, with something in each place that is unreadable.

id                   a name by row
offsets, row_size    one from the other; without both, a recording ends where time runs back
width, height        the store's own
all others           unknown: zeros, or nothing
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Int64

from eventstore.columns import ColumnReader
from eventstore.documents import DIGEST_BYTES, TABLE
from eventstore.errors import IntegrityError, MissingContent
from eventstore.files import Files, MappedFiles
from eventstore.findings import Finding, Severity
from eventstore.schema import Head
from eventstore.tables import encode_rows, encode_texts, read_rows, read_text_chunk

STAND_INS: Mapping[str, str] = {
    "id": "recordings are named by their row",
    "offsets": "row_size or the times stand in for it",
    "row_size": "offsets stand in for it",
    "t_stop": "the last event stands in for it",
    "width": "the store's sensor stands in for it",
    "height": "the store's sensor stands in for it",
    "digest": "recordings cannot be verified one by one",
}
"""What is done without a column; others are simply unknown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MendedTables:
    """What stands in for unreadable tables.

    Args:
        patches: chunk files to show instead of those that are damaged.
        n_recordings: how many there are, as far as can be told.
        findings: what was damaged, and what stands in for it.
        unnamed: rows whose own id is lost.
    """

    patches: Mapping[str, bytes]
    n_recordings: int
    findings: list[Finding]
    unnamed: frozenset[int]


def mended_tables(files: Files, head: Head, times: ColumnReader) -> MendedTables:
    """Return what is to stand in for those chunks of the table of recordings that are damaged.

    Args:
        files: the files of the store.
        head: what its root says.
        times: the column of times, to find recordings by where no table says how long they are.

    Examples:
        >>> from pathlib import Path
        >>> from tempfile import mkdtemp
        >>> from eventstore.testing import tiny_store
        >>> store = tiny_store(Path(mkdtemp()) / "events.zarr", n_recordings=3)
        >>> mended_tables(store.files, store.head, store.column("t")).patches
        {}
    """
    table = {name: _read_column(files, name, head) for name in TABLE}
    table["width"].doubt(head.sensor.width)
    table["height"].doubt(head.sensor.height)
    findings = [column.finding(name) for name, column in table.items() if column.bad.any()]
    offsets = _lay_out(table["offsets"], table["row_size"], head)
    if offsets is None:
        offsets = _cut_at_back_steps(times, head)
        findings.append(_cut_finding(len(offsets) - 1, head.n_recordings))
    n = len(offsets) - 1
    if n != head.n_recordings:  # then no row of any table can be told to be which recording's
        table = {name: _unknown(name, n) for name in TABLE}
    unnamed = frozenset(np.flatnonzero(table["id"].bad).tolist())
    table["offsets"].fill(offsets)
    table["row_size"].fill(np.diff(offsets))
    table["width"].fill(np.full(n, head.sensor.width))
    table["height"].fill(np.full(n, head.sensor.height))
    table["id"].fill(_row_names(table["id"].values, unnamed))
    patches = {k: v for name, column in table.items() for k, v in _patches(name, column, head)}
    return MendedTables(patches=patches, n_recordings=n, findings=findings, unnamed=unnamed)


@dataclass(slots=True)
class _Column:
    """A column's rows, and which of them could not be read, and why."""

    values: np.ndarray
    bad: Bool[np.ndarray, " n"]
    reason: str = ""

    def fill(self, values: np.ndarray) -> None:
        """Put values in the place of those that could not be read."""
        self.values[self.bad] = values[self.bad]

    def doubt(self, largest: int) -> None:
        """Take values outside 1 … ``largest`` for unreadable: their file is not their own."""
        wrong = ~self.bad & ((self.values < 1) | (self.values > largest))
        if wrong.any():
            self.reason = f"{self.values[wrong][0]} is outside 1 … {largest}"
            self.bad |= wrong

    def finding(self, name: str) -> Finding:
        n, stands = int(self.bad.sum()), STAND_INS.get(name, "its values are unknown")
        return Finding(
            severity=Severity.WARNING,
            where=f"recordings/{name}",
            message=f"{n} of {len(self.bad)} rows cannot be read ({self.reason}): {stands}",
            check="table",
        )


def _unknown(name: str, n: int) -> _Column:
    """Return a column of which nothing is known."""
    data_type, dims, _ = TABLE[name]
    shape = [n + (name == "offsets"), DIGEST_BYTES][: len(dims)]
    dtype = object if data_type == "string" else data_type
    values = np.full(shape, "" if data_type == "string" else 0, dtype)
    return _Column(values, np.ones(shape[0], np.bool_), "nothing is known of it")


def _read_column(files: Files, name: str, head: Head) -> _Column:
    """Read a column chunk by chunk, so that damage costs the rows of its chunk alone."""
    column, rows = _unknown(name, head.n_recordings), _rows_of(name, head)
    for first in range(0, len(column.bad), rows):
        part = slice(first, first + rows)
        try:
            column.values[part] = _read_chunk(files, name, first // rows, column.values[part], rows)
            column.bad[part] = False
        except (IntegrityError, MissingContent) as error:
            column.reason = error.message
    return column


def _read_chunk(
    files: Files, name: str, number: int, like: np.ndarray, rows: int
) -> np.ndarray | list[str]:
    array = f"recordings/{name}"
    if like.dtype == object:
        return read_text_chunk(files, array, number, len(like))
    data = files.read(_key(name, number, like.ndim))
    alone = MappedFiles({_key(name, 0, like.ndim): data}, name=files.where(array))
    return read_rows(alone, array, like.dtype.name, like.shape, rows)


def _patches(name: str, column: _Column, head: Head) -> list[tuple[str, bytes]]:
    """Return the chunk files of a column that hold rows which could not be read."""
    rows, patches = _rows_of(name, head), []
    for number in sorted({row // rows for row in np.flatnonzero(column.bad).tolist()}):
        part = column.values[number * rows : (number + 1) * rows]
        text = part.dtype == object
        data = encode_texts(part.tolist(), rows) if text else encode_rows(part, rows)
        patches.append((_key(name, number, part.ndim), data))
    return patches


def _rows_of(name: str, head: Head) -> int:
    return head.layout.provenance_rows if name == "provenance" else head.layout.table_rows


def _key(name: str, number: int, ndim: int) -> str:
    return f"recordings/{name}/c/{number}" + "/0" * (ndim - 1)


def _row_names(names: np.ndarray, unnamed: frozenset[int]) -> np.ndarray:
    """Return the names with one by its row for each recording that has lost its own."""
    taken, made = set(names.tolist()), names.copy()
    for row in unnamed:
        name = f"row-{row}"
        while name in taken:
            name += "-"
        made[row] = name
    return made


def _lay_out(offsets: _Column, sizes: _Column, head: Head) -> Int64[np.ndarray, " n"] | None:
    """Return the first row of each recording, then the end; None where nothing says."""
    starts = np.where(offsets.bad, -1, offsets.values)
    known = np.where(sizes.bad, -1, sizes.values)
    starts[0], starts[-1] = 0, head.n_events
    for row in np.flatnonzero(starts < 0).tolist():
        if starts[row - 1] >= 0 and known[row - 1] >= 0:
            starts[row] = starts[row - 1] + known[row - 1]
    for row in np.flatnonzero(starts < 0)[::-1].tolist():
        if starts[row + 1] >= 0 and known[row] >= 0:
            starts[row] = starts[row + 1] - known[row]
    sound = (starts >= 0).all() and (np.diff(starts) >= 0).all()
    return starts if sound else None


def _cut_at_back_steps(times: ColumnReader, head: Head) -> Int64[np.ndarray, " n"]:
    """Return where times begin anew; also before and behind a gap that times run back over."""
    size, starts = head.layout.chunk_events, [0]
    last, gap = -1, -1
    for k in range(head.layout.n_chunks(head.n_events)):
        try:
            t = times.chunk(k)[: head.n_events - k * size]
        except (IntegrityError, MissingContent):
            gap = k * size if gap < 0 else gap
            continue
        if int(t[0]) < last:
            starts += [k * size] if gap < 0 else [gap, k * size]
        starts += (k * size + 1 + np.flatnonzero(t[1:] < t[:-1])).tolist()
        last, gap = int(t[-1]), -1
    return np.unique(np.array([*starts, head.n_events], np.int64))


def _cut_finding(found: int, n: int) -> Finding:
    message = (
        f"no table says where recordings begin: cut where time runs back, which makes {found}"
        + (f" of the {n} there were" if found != n else "")
    )
    return Finding(
        severity=Severity.WARNING, where="recordings/offsets", message=message, check="table"
    )
