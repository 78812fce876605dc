"""Read Prophesee's HDF5 files (``.hdf5``), with or without its packing ECF.

    CD/events               records x u2, y u2, p i2, t i8 µs, packed with ECF or anything else
    CD/indexes              not needed to read
    EXT_TRIGGER/events      records p i2, t i8 µs, id i2
    attributes of the root  geometry, such as 1280x720, and other facts

ECF is decoded here (`eventstore.readers.hdf5.ecf_codec`): no plug-in of HDF5 is needed. Format:
https://docs.prophesee.ai/stable/data/file_formats/hdf5.html.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import NoReturn

import numpy as np

from eventstore.events import COORDINATE_LIMIT, Events, Sensor
from eventstore.readers.column_names import find_columns
from eventstore.readers.column_rows import table_of_rows
from eventstore.readers.column_values import Place, to_times
from eventstore.readers.hdf5.columns import packet_rows, whole_rows
from eventstore.readers.hdf5.cursor import HINT
from eventstore.readers.hdf5.dataset import Dataset
from eventstore.readers.hdf5.ecf_codec import OK, REASONS, count_events, decode_chunk
from eventstore.readers.hdf5.file import Group, open_hdf5
from eventstore.readers.hdf5.filters import ECF
from eventstore.readers.hdf5.layouts import SUFFIXES, has_layout
from eventstore.readers.protocol import (
    PACKET_EVENTS,
    ByteSource,
    OneRecording,
    Recording,
    SideStreams,
)
from eventstore.side import SideTable

_GEOMETRY = re.compile(r"^\s*(\d{1,5})\s*[xX]\s*(\d{1,5})\s*$")
_TRIGGER_ROWS = 1 << 16
_FACTS, _FACT_LENGTH = 32, 200


@dataclass(frozen=True, slots=True, kw_only=True)
class EcfReader(OneRecording):
    """Reader of Prophesee's HDF5 files; external triggers are a side stream.

    Args:
        packet_events: most events in one packet.
    """

    packet_events: int = PACKET_EVENTS
    name: str = "ecf"
    suffixes: tuple[str, ...] = SUFFIXES

    def sniff(self, source: ByteSource) -> bool:
        """Say whether this is an HDF5 file with ``CD/events``."""
        return has_layout(source, self.name)

    def read(self, source: ByteSource, *, sensor: Sensor | None = None) -> Recording:
        """Open a recording; a cut file gives the chunks before the cut and a finding.

        Raises:
            FormatError: the records are missing, or no events; while packets are read, a chunk is
                damaged.
        """
        root = open_hdf5(source)
        events = root.need("CD/events")
        n_rows, findings = whole_rows({"events": events})
        packed = [step.number for step in events.filters] == [ECF]
        table = table_of_rows(
            source,
            events,
            hint=HINT,
            unit="us",
            packet_events=packet_rows({"events": events}, self.packet_events),
            n_rows=n_rows,
        )
        if packed:
            table = replace(table, take=EcfColumns(events).take)
        table.findings.extend(findings)
        facts = {name: text for name, text in root.attributes().items() if isinstance(text, str)}
        return table.record(
            reader=self.name,
            stated=sensor or _stated_sensor(facts.pop("geometry", "")),
            meta={name: text[:_FACT_LENGTH] for name, text in list(facts.items())[:_FACTS]},
            side=_side(root),
        )


READER = EcfReader()


@dataclass(frozen=True, slots=True, eq=False)
class EcfColumns:
    """Columns of a dataset whose chunks are packed with ECF.

    Args:
        events: the dataset.
    """

    events: Dataset
    _kept: dict[int, Mapping[str, np.ndarray]] = field(default_factory=dict, repr=False)

    def take(self, letters: str, start: int, stop: int) -> Mapping[str, np.ndarray]:
        """Return some of the columns ``t x y p``, from one row to another.

        Raises:
            FormatError: a chunk is damaged, or not there.
        """
        height = self._height()
        pieces = [
            {name: column[max(start - at, 0) : stop - at] for name, column in chunk.items()}
            for at in range(start // height * height, stop, height)
            for chunk in [self._chunk(at // height)]
        ]
        if not pieces:
            return {letter: np.zeros(0, np.int64) for letter in letters}
        return {letter: np.concatenate([piece[letter] for piece in pieces]) for letter in letters}

    def _height(self) -> int:
        chunks = self.events.chunks
        return 1 if chunks is None else chunks.shape[0]

    def _chunk(self, number: int) -> Mapping[str, np.ndarray]:
        if number not in self._kept:
            columns = self._decode(number)
            self._kept.clear()
            self._kept[number] = columns
        return self._kept[number]

    def _decode(self, number: int) -> Mapping[str, np.ndarray]:
        stored, filters, address = self.events.stored_chunk(number)
        first = number * self._height()
        wanted = min(self._height(), self.events.n_rows - first)
        if not filters:  # a chunk that ECF was left out of
            records = self.events.rows(first, first + wanted)
            names = find_columns(records.dtype.names or ())
            return {letter: records[name] for letter, name in names.items()}
        raw = np.frombuffer(stored, np.uint8)
        n = int(count_events(raw))
        if n < wanted:
            self._fail(address, f"{wanted} events", str(max(n, 0)))
        events = Events.empty(n)
        code, at = decode_chunk(raw, events.arrays())
        if code != OK:
            self._fail(address + at, "an ECF chunk", REASONS[code])
        return {letter: events.column(letter)[:wanted] for letter in "txyp"}

    def _fail(self, address: int, expected: str, found: str) -> NoReturn:
        self.events.space.fail(address, "a damaged chunk of events", expected, found)


def _stated_sensor(geometry: str) -> Sensor | None:
    found = _GEOMETRY.match(geometry)
    sizes = [int(size) for size in found.groups()] if found else []
    if not sizes or not all(1 <= size <= COORDINATE_LIMIT for size in sizes):
        return None
    return Sensor(sizes[0], sizes[1])


def _side(root: Group) -> SideStreams:
    triggers = root.dataset("EXT_TRIGGER/events")
    if triggers is None or not {"p", "t", "id"} <= set(triggers.dtype.names or ()):
        return {}
    return {"triggers": partial(_iter_triggers, triggers)}


def _iter_triggers(triggers: Dataset) -> Iterator[SideTable]:
    n_rows, _ = triggers.whole_rows()
    for start in range(0, n_rows, _TRIGGER_ROWS):
        rows = triggers.rows(start, min(start + _TRIGGER_ROWS, n_rows))
        place = Place(name=triggers.space.source.name, row=start, hint=HINT)
        columns = {"channel": rows["id"].astype(np.int16), "edge": np.where(rows["p"] > 0, 1, 0)}
        yield SideTable.of("triggers", {"t": to_times(rows["t"], "us", place), **columns})
