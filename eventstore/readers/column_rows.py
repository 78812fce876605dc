"""Tables of events from whatever gives rows by slices: arrays, mapped files, datasets, streams."""

from collections.abc import Mapping
from typing import Protocol

import numpy as np

from eventstore.errors import FormatError
from eventstore.findings import Finding, Severity
from eventstore.readers.column_names import find_columns, guess_order
from eventstore.readers.column_table import ColumnTable
from eventstore.readers.column_values import TimeUnit
from eventstore.readers.protocol import PACKET_EVENTS, ByteSource

GUESS_ROWS = 1 << 16
"""How many of a table's rows are looked at for its order."""


class Rows(Protocol):
    """Rows that are read by slices; a numpy array is one."""

    @property
    def dtype(self) -> np.dtype:
        """Type of an element."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Lengths of the axes."""

    def __getitem__(self, rows: slice) -> np.ndarray:
        """Return some rows."""


def table_of_rows(
    source: ByteSource,
    rows: Rows,
    *,
    hint: str,
    order: str = "",
    unit: TimeUnit = "auto",
    packet_events: int = PACKET_EVENTS,
    n_rows: int | None = None,
) -> ColumnTable:
    """Return the columns of records with named fields, or of a table of numbers.

    Args:
        source: the file.
        rows: one event each.
        hint: what to do where they are no events.
        order: of the columns of a table without names, ``""`` for what its values tell.
        unit: of the times.
        packet_events: most events in one packet.
        n_rows: how many of the rows are there; all where absent.

    Raises:
        FormatError: there are no columns of events, or their order must be given.

    Examples:
        >>> rows = np.array([[9, 7, 1, 100], [8, 7, 0, 105], [3, 2, 1, 190]])
        >>> source = ByteSource("a.npy", memoryview(b""))
        >>> table_of_rows(source, rows, hint="").take("t", 0, 3)["t"].tolist()
        [100, 105, 190]
    """
    fields, n_rows = rows.dtype.names, rows.shape[0] if n_rows is None else n_rows
    probed = min(n_rows, GUESS_ROWS)
    found: Mapping[str, str | int]
    if fields:
        found = find_columns(fields)
        fits = len(rows.shape) == 1 and not any(rows.dtype[name].shape for name in found.values())
    else:
        fits = is_table(rows.dtype, rows.shape, len(order or "txyp"))
        guessed = guess_order(rows[:probed]) if fits and not order else order
        found = {letter: at for at, letter in enumerate(guessed)}
    if not fits or not found:
        shown = f"fields {' '.join(fields)}" if fields else f"{rows.dtype}{list(rows.shape)}"
        message, expected = "no columns of events", "t x y p, or t c, in an order that is known"
        raise FormatError(message, path=source.name, expected=expected, found=shown, hint=hint)

    def take(letters: str, start: int, stop: int) -> dict[str, np.ndarray]:
        part = rows[start:stop]
        if fields:
            return {letter: part[str(found[letter])] for letter in letters}
        return {letter: part[:, int(found[letter])] for letter in letters}

    assumed = not fields and not order and n_rows > 0
    return ColumnTable(
        source=source,
        n_rows=n_rows,
        take=take,
        audio="c" in found,
        unit=unit,
        hint=hint,
        packet_events=packet_events,
        findings=[assumed_order(source.name, "".join(found))] if assumed else [],
    )


def table_of_columns(
    source: ByteSource,
    columns: Mapping[str, Rows],
    *,
    hint: str,
    unit: TimeUnit = "auto",
    packet_events: int = PACKET_EVENTS,
    n_rows: int | None = None,
) -> ColumnTable:
    """Return columns that lie one by one.

    Args:
        source: the file.
        columns: ``t x y p`` or ``t c``.
        hint: what to do where they are no events.
        unit: of the times.
        packet_events: most events in one packet.
        n_rows: how many of the rows are there; all where absent.

    Raises:
        FormatError: they differ in length, or one is no column.

    Examples:
        >>> columns = {"t": np.array([3, 5]), "c": np.array([1, 2])}
        >>> table_of_columns(ByteSource("a.npz", memoryview(b"")), columns, hint="").audio
        True
    """
    lengths = {column.shape for column in columns.values()}
    if len(lengths) != 1 or len(next(iter(lengths))) != 1:
        found = ", ".join(f"{letter}{list(column.shape)}" for letter, column in columns.items())
        message, expected = "columns differ in length", "one-dimensional columns of one length"
        raise FormatError(message, path=source.name, expected=expected, found=found, hint=hint)

    def take(letters: str, start: int, stop: int) -> dict[str, np.ndarray]:
        return {letter: columns[letter][start:stop] for letter in letters}

    return ColumnTable(
        source=source,
        n_rows=lengths.pop()[0] if n_rows is None else n_rows,
        take=take,
        audio="c" in columns,
        unit=unit,
        hint=hint,
        packet_events=packet_events,
    )


def is_table(dtype: np.dtype, shape: tuple[int, ...], n_columns: int = 4) -> bool:
    """Say whether rows are numbers, so many in each.

    Examples:
        >>> is_table(np.dtype("<f8"), (9, 4)), is_table(np.dtype("<f8"), (9, 3))
        (True, False)
    """
    numbers = dtype.names is None and dtype.kind in "iufb"
    return numbers and len(shape) == 2 and shape[1] == n_columns


def assumed_order(name: str, order: str) -> Finding:
    """Return the finding that the order of a table's columns is that of its values."""
    return Finding(
        severity=Severity.INFO,
        where=name,
        message=f"columns without names, taken as {' '.join(order)} by their values",
        fix=f"if they are not, give their order, as in columns={order}",
        check="columns-assumed",
    )
