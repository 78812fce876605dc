"""Read events from HDF5 files of no layout of their own (``.h5``): columns, records, or a table.

Looked for from the outside in: a group with datasets of the names in
`eventstore.readers.column_names`, a dataset of records with such fields, or a table ``events`` of
four columns, whose order its values tell unless ``columns`` gives it (3ET). Several such places in
one file, as in EBSSA, are as many recordings, named by their paths.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Literal, TypeAlias

from eventstore.errors import FormatError
from eventstore.events import Sensor
from eventstore.readers.column_names import check_order, find_columns
from eventstore.readers.column_rows import is_table, table_of_columns, table_of_rows
from eventstore.readers.column_table import ColumnTable
from eventstore.readers.hdf5.columns import packet_rows, stated_sensor, whole_rows
from eventstore.readers.hdf5.dataset import Dataset
from eventstore.readers.hdf5.file import Group, open_hdf5
from eventstore.readers.hdf5.layouts import GROUP_LIMIT, SUFFIXES, has_layout, iter_groups
from eventstore.readers.options import option
from eventstore.readers.protocol import PACKET_EVENTS, ByteSource, Part, Recording, choose_part

_HINT = "name order and unit, as in --reader hdf5:columns=xypt,unit=ms"
_TABLES = ("events", "data")


@dataclass(frozen=True, slots=True, kw_only=True)
class Hdf5Reader:
    """Reader of HDF5 files whose columns have the usual names, or none.

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
    name: str = "hdf5"
    suffixes: tuple[str, ...] = SUFFIXES
    holds_many: bool = True

    def __post_init__(self) -> None:
        """Check the order."""
        check_order(self.columns)

    def sniff(self, source: ByteSource) -> bool:
        """Say whether this is an HDF5 file with events in it, or one that is damaged."""
        if not has_layout(source, self.name):
            return False
        try:
            return any(True for _ in _iter_places(open_hdf5(source), GROUP_LIMIT))
        except FormatError:
            return True

    def parts(self, source: ByteSource) -> Sequence[Part]:
        """List the places of events by their paths, or the one recording without a name."""
        return _parts(_need(source))

    def read(self, source: ByteSource, *, sensor: Sensor | None = None) -> Recording:
        """Open a recording; a cut file gives the events before the cut and a finding.

        Raises:
            FormatError: there are no events, or the order of their columns must be given.
            NotFound: there are none at that path.
        """
        places = _need(source)
        part = choose_part(source, _parts(places))
        group, found = places[part.name] if part.name else next(iter(places.values()))
        table = self._table(source, found)
        return table.record(reader=self.name, stated=sensor or stated_sensor(group))

    def _table(self, source: ByteSource, found: Dataset | Mapping[str, Dataset]) -> ColumnTable:
        datasets = {"events": found} if isinstance(found, Dataset) else found
        n_rows, findings = whole_rows(datasets)
        packet_events = packet_rows(datasets, self.packet_events)
        if isinstance(found, Dataset):
            table = table_of_rows(
                source,
                found,
                hint=_HINT,
                order=self.columns,
                unit=self.unit,
                packet_events=packet_events,
                n_rows=n_rows,
            )
        else:
            table = table_of_columns(
                source,
                found,
                hint=_HINT,
                unit=self.unit,
                packet_events=packet_events,
                n_rows=n_rows,
            )
        table.findings.extend(findings)
        return table


READER = Hdf5Reader()

_Place: TypeAlias = tuple[Group, Dataset | dict[str, Dataset]]


def _need(source: ByteSource) -> dict[str, _Place]:
    root = open_hdf5(source)
    places = dict(_iter_places(root))
    if not places:
        names = ", ".join(sorted(root)[:8]) or "an empty group"
        message = "no columns of events"
        expected = "a group with t, x, y, p, or a table named events"
        raise FormatError(message, path=source.name, expected=expected, found=names, hint=_HINT)
    return places


def _parts(places: Mapping[str, _Place]) -> list[Part]:
    return [Part(name=path) for path in places] if len(places) > 1 else [Part()]


def _iter_places(root: Group, limit: int | None = None) -> Iterator[tuple[str, _Place]]:
    for group in iter_groups(root, limit=limit):
        for path, found in _in_group(group, limit):
            yield path or "root", (group, found)


def _in_group(
    group: Group, limit: int | None
) -> Iterator[tuple[str, Dataset | dict[str, Dataset]]]:
    named = find_columns(group)
    if named:
        columns = {letter: _dataset(group, name) for letter, name in named.items()}
        # MATLAB keeps vectors as matrices of one row or column (EBSSA).
        whole = {letter: c.squeezed() or c for letter, c in columns.items() if c is not None}
        if len(whole) == len(named) and all(len(c.shape) == 1 for c in whole.values()):
            yield group.path, whole
            return
    for name in islice(group, limit):
        dataset = _dataset(group, name)
        if dataset is not None and _holds_events(name, dataset):
            yield dataset.path, dataset


def _dataset(group: Group, name: str) -> Dataset | None:
    try:
        return group.dataset(name)
    except FormatError:
        return None


def _holds_events(name: str, dataset: Dataset) -> bool:
    if dataset.dtype.names:
        return len(dataset.shape) == 1 and bool(find_columns(dataset.dtype.names))
    return is_table(dataset.dtype, dataset.shape) and name.lower() in _TABLES
