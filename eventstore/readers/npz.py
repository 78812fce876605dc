"""Read numpy archives (``.npz``): columns ``t x y p``, ``t c`` for audio, or a table ``events``.

Columns may have any of the names of `eventstore.readers.column_names`; a table, under ``events``,
``data`` or ``event_data`` (N-ImageNet), is read as one of a ``.npy`` (`eventstore.readers.npy`).
Scalars ``width`` and ``height`` give the geometry; arrays of other names are left alone. Nothing is
ever unpickled, and deflated arrays are unpacked packet by packet.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from eventstore.errors import FormatError
from eventstore.events import Sensor
from eventstore.readers.column_names import ALIASES, check_order, find_columns
from eventstore.readers.column_rows import Rows, is_table, table_of_columns, table_of_rows
from eventstore.readers.column_table import ColumnTable
from eventstore.readers.column_values import Place, to_size
from eventstore.readers.npz_member import Member, open_members
from eventstore.readers.options import option
from eventstore.readers.protocol import PACKET_EVENTS, ByteSource, OneRecording, Recording

TABLES = ("events", "data", "event_data")
"""Names of arrays that may hold all columns."""

_WANTED = {*TABLES, "width", "height", *(alias for names in ALIASES.values() for alias in names)}
_HINT = (
    "save it as np.savez(path, t=…, x=…, y=…, p=…), or t=…, c=… for audio; "
    "or name a table's order, as in --reader npz:columns=xypt"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NpzReader(OneRecording):
    """Reader of numpy archives.

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
    name: str = "npz"
    suffixes: tuple[str, ...] = (".npz",)

    def __post_init__(self) -> None:
        """Check the order."""
        check_order(self.columns)

    def sniff(self, source: ByteSource) -> bool:
        """Say whether the archive holds columns or a table of events."""
        if source.suffix not in self.suffixes:
            return False
        try:
            members = open_members(source, _WANTED)
        except FormatError:
            return False
        tables = [members[name] for name in TABLES if name in members]
        return bool(find_columns(members)) or any(map(_may_hold_events, tables))

    def read(self, source: ByteSource, *, sensor: Sensor | None = None) -> Recording:
        """Open a recording.

        Raises:
            FormatError: an array is missing, damaged, not plain numbers, or out of range.
        """
        members = open_members(source, _WANTED)
        table = self._table(source, members)
        stated = sensor or _stated_sensor(source.name, members, audio=table.audio)
        return table.record(reader=self.name, stated=stated)

    def _table(self, source: ByteSource, members: Mapping[str, Member]) -> ColumnTable:
        for key in TABLES:
            if key in members and (self.columns or _may_hold_events(members[key])):
                return table_of_rows(
                    source,
                    _rows(members[key]),
                    hint=_HINT,
                    order=self.columns,
                    unit=self.unit,
                    packet_events=self.packet_events,
                )
        found = find_columns(members)
        if not found:
            message, expected = "no event columns", "arrays t, x, y, p"
            shown = [f"{key}{list(member.header.shape)}" for key, member in members.items()]
            raise FormatError(
                message,
                path=source.name,
                expected=expected,
                found=", ".join(shown) or "no arrays",
                hint=_HINT,
            )
        return table_of_columns(
            source,
            {letter: _rows(members[key]) for letter, key in found.items()},
            hint=_HINT,
            unit=self.unit,
            packet_events=self.packet_events,
        )


def _may_hold_events(member: Member) -> bool:
    fields = member.header.dtype.names
    return (
        bool(find_columns(fields)) if fields else is_table(member.header.dtype, member.header.shape)
    )


def _rows(member: Member) -> Rows:
    """Return the rows, one after another; of arrays that lie in columns, all at once."""
    header = member.header
    turned = header.fortran and len(header.shape) > 1
    return member.whole() if turned or not header.shape else member.rows()


def _stated_sensor(name: str, members: Mapping[str, Member], *, audio: bool) -> Sensor | None:
    if "width" not in members or ("height" not in members and not audio):
        return None
    place = Place(name=name, hint=_HINT)
    width = to_size(members["width"].whole(), "width", place)
    if audio:
        return Sensor.audio(width)
    return Sensor(width, to_size(members["height"].whole(), "height", place))


READER = NpzReader()
