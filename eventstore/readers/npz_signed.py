"""Read numpy archives that keep events of each sign apart (``.npz``), as ES-ImageNet does.

Two tables of three columns, ``pos`` and ``neg``; ES-ImageNet has row, column and time, in steps of
its simulated motion (1 to 8). Events of one time are put in order of their tables, ``pos`` first.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from eventstore.errors import FormatError, InvalidInput
from eventstore.events import Sensor
from eventstore.readers.column_rows import table_of_columns
from eventstore.readers.npz_member import open_members
from eventstore.readers.options import option
from eventstore.readers.protocol import PACKET_EVENTS, ByteSource, OneRecording, Recording

SIGNS = {"pos": 1, "neg": 0}
"""Polarity of each table."""

_COLUMNS = 3
_HINT = "tables pos and neg of three columns; give their order, as in npz-signed:columns=yxt"


@dataclass(frozen=True, slots=True, kw_only=True)
class NpzSignedReader(OneRecording):
    """Reader of tables of either sign.

    Args:
        columns: order of the columns.
        unit: of the times.
        packet_events: most events in one packet.

    Raises:
        InvalidInput: no such order of columns.
    """

    columns: str = option("yxt", "order of the columns: y is the row")
    unit: Literal["s", "ms", "us", "ns"] = option("us", "unit of the times")
    packet_events: int = PACKET_EVENTS
    name: str = "npz-signed"
    suffixes: tuple[str, ...] = (".npz",)

    def __post_init__(self) -> None:
        """Check the order."""
        if sorted(self.columns) != sorted("xyt"):
            message = f"{self.columns!r} is no order of the columns x y t"
            raise InvalidInput(message, hint="name each column once, as in columns=yxt")

    def sniff(self, source: ByteSource) -> bool:
        """Say whether there are the two tables."""
        if source.suffix not in self.suffixes:
            return False
        try:
            members = open_members(source, SIGNS)
        except FormatError:
            return False
        return members.keys() == SIGNS.keys() and all(
            len(m.header.shape) == 2 and m.header.shape[1] == _COLUMNS for m in members.values()
        )

    def read(self, source: ByteSource, *, sensor: Sensor | None = None) -> Recording:
        """Open a recording.

        Raises:
            FormatError: a table is missing, damaged, or of other columns.
        """
        members = open_members(source, SIGNS)
        tables = []
        for sign in SIGNS:
            if sign not in members:
                message = f"no table {sign!r}"
                found = ", ".join(members) or "neither"
                raise FormatError(
                    message, path=source.name, expected="pos, neg", found=found, hint=_HINT
                )
            table = members[sign].whole()
            if table.ndim != 2 or table.shape[1] != _COLUMNS or table.dtype.kind not in "iuf":
                found = f"{table.dtype}{list(table.shape)}"
                message = f"table {sign!r} is no table of events"
                raise FormatError(
                    message, path=source.name, expected="n × 3", found=found, hint=_HINT
                )
            tables.append(table)
        columns = {k: np.concatenate([t[:, i] for t in tables]) for i, k in enumerate(self.columns)}
        sizes = [len(table) for table in tables]
        columns["p"] = np.repeat(np.array(list(SIGNS.values()), np.uint8), sizes)
        order = np.argsort(columns["t"], kind="stable")
        table_of = table_of_columns(
            source,
            {letter: column[order] for letter, column in columns.items()},
            hint=_HINT,
            unit=self.unit,
            packet_events=self.packet_events,
        )
        return table_of.record(reader=self.name, stated=sensor)


READER = NpzSignedReader()
