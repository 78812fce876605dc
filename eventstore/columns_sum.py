"""The sum over a recording's columns one after the other, while they come side by side."""

import hashlib
from contextlib import ExitStack
from tempfile import SpooledTemporaryFile
from types import TracebackType
from typing import IO, Self, cast

import numpy as np

from eventstore.events import COLUMN_DTYPES, Events

SPOOL_BYTES = 1 << 25
"""Bytes of a column that are held in memory; what is beyond goes to a temporary file."""

_STEP_BYTES = 1 << 20


class ColumnsSum:
    """The sha256 over the little-endian columns t, x, y, p, each whole before the next.

    It is that of `eventstore.digest.columns_sha256`, in memory that does not grow with the
    recording: the times are summed as they come, the others wait in temporary files of 5 bytes an
    event. Use it in a ``with`` block.

    Examples:
        >>> from eventstore.digest import columns_sha256
        >>> events = Events.of(t=[5, 9], x=[1, 2], y=[3, 4], p=[0, 1])
        >>> with ColumnsSum() as columns:
        ...     columns.update(events[:1]); columns.update(events[1:])
        ...     columns.hexdigest() == columns_sha256(events)
        True
    """

    def __init__(self) -> None:
        self._sum = hashlib.sha256()
        self._open = ExitStack()
        self._waiting: list[IO[bytes]] = []
        for _ in COLUMN_DTYPES[1:]:
            spool = SpooledTemporaryFile(SPOOL_BYTES)  # noqa: SIM115 # closed with the stack
            self._waiting.append(cast("IO[bytes]", self._open.enter_context(spool)))

    def update(self, events: Events) -> None:
        """Add the next packet."""
        self._sum.update(_bytes(events.t, COLUMN_DTYPES[0]))
        others = zip(self._waiting, events.arrays()[1:], COLUMN_DTYPES[1:], strict=True)
        for waiting, column, dtype in others:
            waiting.write(_bytes(column, dtype))

    def hexdigest(self) -> str:
        """Return the sum of all packets so far, in hex."""
        total = self._sum.copy()
        for waiting in self._waiting:
            end = waiting.tell()
            waiting.seek(0)
            while step := waiting.read(_STEP_BYTES):
                total.update(step)
            waiting.seek(end)
        return total.hexdigest()

    def __enter__(self) -> Self:
        """Return the sum itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Let go of the temporary files."""
        self._open.close()


def _bytes(column: np.ndarray, dtype: np.dtype) -> memoryview:
    little = np.ascontiguousarray(column, dtype.newbyteorder("<"))
    return little.view(np.uint8).data
