"""Read numpy arrays (``.npy``): records with named fields, or a table of four columns.

Fields may have any of the names of `eventstore.readers.column_names` in any order, as in DVS-Lip. A
table of numbers tells its order by its values (`guess_order`) unless ``columns`` gives it; times in
ms, as in tonic's DVS Gesture, need ``unit=ms``. A file may be larger than memory: it is mapped.
"""

from dataclasses import dataclass
from typing import Literal

from eventstore.errors import FormatError
from eventstore.events import Sensor
from eventstore.readers.column_names import check_order, find_columns, guess_order
from eventstore.readers.column_rows import GUESS_ROWS, is_table, table_of_rows
from eventstore.readers.geometry import cut_file
from eventstore.readers.npy_array import read_header, view_rows
from eventstore.readers.options import option
from eventstore.readers.protocol import PACKET_EVENTS, ByteSource, OneRecording, Recording

_HINT = "name order and unit, as in --reader npy:columns=xypt,unit=ms"


@dataclass(frozen=True, slots=True, kw_only=True)
class NpyReader(OneRecording):
    """Reader of numpy arrays.

    Args:
        columns: order of the columns of a table without names.
        unit: of the times; ``"auto"`` takes those with a fraction for seconds, others for µs.
        packet_events: most events in one packet.

    Raises:
        InvalidInput: no such order of columns.
    """

    columns: str = option("", "order of a table's columns, such as xypt; by their values if empty")
    unit: Literal["auto", "s", "ms", "us", "ns"] = option("auto", "unit of the times")
    packet_events: int = PACKET_EVENTS
    name: str = "npy"
    suffixes: tuple[str, ...] = (".npy",)

    def __post_init__(self) -> None:
        """Check the order."""
        check_order(self.columns)

    def sniff(self, source: ByteSource) -> bool:
        """Say whether there are fields of events, or four columns whose values tell their order."""
        if source.suffix not in self.suffixes:
            return False
        try:
            rows, _ = view_rows(source.name, source.data)
        except FormatError:
            return False
        if rows.dtype.names:
            return rows.ndim == 1 and bool(find_columns(rows.dtype.names))
        return is_table(rows.dtype, rows.shape) and bool(guess_order(rows[:GUESS_ROWS]))

    def read(self, source: ByteSource, *, sensor: Sensor | None = None) -> Recording:
        """Open a recording; a cut file gives the rows before the cut and a finding.

        Raises:
            FormatError: the array holds no events, or its order must be given.
        """
        rows, rest = view_rows(source.name, source.data)
        table = table_of_rows(
            source,
            rows,
            hint=_HINT,
            order=self.columns,
            unit=self.unit,
            packet_events=self.packet_events,
        )
        if len(rows) < read_header(source.name, source.data).shape[0]:
            table.findings.append(cut_file(source.name, len(source.data) - rest, rest, "row"))
        return table.record(reader=self.name, stated=sensor)


READER = NpyReader()
