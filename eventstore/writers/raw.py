"""The writer of Prophesee's ``.raw`` files; an encoding gives it a word and how to encode events.

A file's clock starts at 0 and is a few bits wide, but has no end: wraps that pass without an event
are written out. Times from 0 to 2^40 µs (13 days) are written as they are, so that every decoder
finds them. Beyond, as of Unix time, whole seconds are subtracted and stated in a line ``% t0``:
readers that do not know it see times from the file's own start.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, TypeAlias

import numpy as np

from eventstore.errors import InvalidInput
from eventstore.events import Events, Sensor
from eventstore.readers.protocol import SideStreams
from eventstore.side import SideTable
from eventstore.writers.prophesee import check_camera, check_events, choose_t0, header_lines
from eventstore.writers.protocol import whole_file

COORDINATE_BITS = 11

BUFFER_WORDS = 1 << 16
"""Words encoded at once."""

LOOP_LIMIT = 1 << 22
"""Most wraps of the clock between two events: years, and tens of MiB of nothing."""

DONE, FULL, STUCK = 0, 1, 2
"""How encoding ended: nothing left, no room left, a time that the clock cannot go to."""

EncodeWords: TypeAlias = Callable[..., tuple[int, int, int, int, Any]]
"""Columns, triggers, state, (until, width), words → how it ended, events, triggers and words done,
state; see `eventstore.writers.evt3.encode_words`."""

Triggers: TypeAlias = tuple[np.ndarray, np.ndarray, np.ndarray]

NEVER, ALWAYS = -(1 << 62), 1 << 62


@dataclass(frozen=True, slots=True, kw_only=True)
class RawWriter:
    """Writer of one encoding of ``.raw`` files.

    Triggers stand where they happened; those that the encoding has no bits for (more channels, no
    edge), or that run back too far, are left out.

    Args:
        name: name of the writer, and of the reader of its files.
        version: what the line ``% evt`` says.
        word: type of a word.
        channels: number of trigger inputs that the encoding can tell apart.
        start: state before the first word.
        encode_words: how to encode.
    """

    name: str
    version: str
    word: np.dtype
    channels: int
    start: Any
    encode_words: EncodeWords
    suffixes: tuple[str, ...]
    side_kinds: tuple[str, ...] = ("triggers",)

    def write(
        self,
        path: Path,
        packets: Iterable[Events],
        *,
        sensor: Sensor,
        meta: Mapping[str, str] | None = None,
        side: SideStreams | None = None,
    ) -> None:
        """Write a file whole or not at all, in memory that does not grow with its length.

        Raises:
            InvalidInput: the recording is audio, an event has coordinates beyond 2,047, or its
                time runs back by more than half the range of the clock, or over one of its wraps.
        """
        check_camera(sensor, self.name)
        tables = side["triggers"]() if side and "triggers" in side else iter(())
        events = _filled(packets)
        with whole_file(path) as file:
            first, ahead = next(events, None), _Ahead(self._statable(tables))
            t0_us = choose_t0(_first_time(first, ahead.first))
            file.write(self._header(sensor, t0_us, meta))
            encoder = _Encoder(self, file, sensor.width, t0_us, ahead)
            if first is not None:
                encoder.encode(first)
            for packet in events:
                encoder.encode(packet)
            encoder.finish()

    def _header(self, sensor: Sensor, t0_us: int, meta: Mapping[str, str] | None) -> bytes:
        size = f"height={sensor.height};width={sensor.width}"
        lines = {
            "evt": self.version,
            "format": f"{self.name.upper()};{size}",
            "geometry": f"{sensor.width}x{sensor.height}",
        }
        offset = {"t0": t0_us} if t0_us else {}
        return header_lines({**lines, **offset}, meta) + b"% end\n"

    def _statable(self, tables: Iterable[SideTable]) -> Iterator[Triggers]:
        """Keep the triggers that the encoding has bits for."""
        for table in tables:
            t, channel, edge = table.columns.values()
            fits = (channel >= 0) & (channel < self.channels) & (edge >= 0)
            if fits.any():
                yield t[fits], channel[fits], edge[fits]


class _Ahead:
    """Triggers that are not written yet: one table of them, read when the one before is done."""

    def __init__(self, tables: Iterator[Triggers]) -> None:
        self._tables = tables
        self.rows: Triggers = next(tables, _NO_TRIGGERS)

    @property
    def first(self) -> int | None:
        """Time of the next trigger."""
        return int(self.rows[0][0]) if len(self.rows[0]) else None

    def drop(self, n: int) -> None:
        """Take so many off."""
        rest = tuple(column[n:] for column in self.rows)
        self.rows = (
            (rest[0], rest[1], rest[2]) if len(rest[0]) else next(self._tables, _NO_TRIGGERS)
        )


_NO_TRIGGERS: Triggers = (np.zeros(0, np.int64), np.zeros(0, np.int16), np.zeros(0, np.int8))


class _Encoder:
    """Encodes packets one after the other into an open file."""

    def __init__(
        self, writer: RawWriter, file: BinaryIO, width: int, t0_us: int, ahead: _Ahead
    ) -> None:
        self._writer, self._file, self._width = writer, file, width
        self._t0, self._ahead, self._state, self._rows = t0_us, ahead, writer.start, 0
        self._words = np.empty(BUFFER_WORDS, writer.word)

    def encode(self, packet: Events) -> None:
        """Write a packet, and the triggers before its last event."""
        check_events(packet, self._rows, 1 << COORDINATE_BITS, self._writer.name.upper())
        events, done = packet.shifted(-self._t0), 0
        while done < len(events):
            ended, n = self._step(events[done:], NEVER)
            done += n
            if ended == STUCK:
                row, t = self._rows + done, packet.t[done]
                message = f"{self._writer.name.upper()} cannot go to event {row} at t = {t} µs"
                hint = "sort the events by time; gaps of years want a recording each"
                raise InvalidInput(message, hint=hint)
        self._rows += len(packet)

    def finish(self) -> None:
        """Write the triggers behind the last event."""
        while self._ahead.first is not None:
            self._step(Events.empty(), ALWAYS)

    def _step(self, events: Events, until: int) -> tuple[int, int]:
        t, channel, edge = self._ahead.rows
        triggers = (t - self._t0, channel, edge)
        ended, n_events, n_triggers, n_words, self._state = self._writer.encode_words(
            events.arrays(), triggers, self._state, (until, self._width), self._words
        )
        self._file.write(self._words[:n_words].data)
        self._ahead.drop(n_triggers)
        return ended, n_events


def _filled(packets: Iterable[Events]) -> Iterator[Events]:
    return (packet for packet in packets if len(packet))


def _first_time(first: Events | None, trigger: int | None) -> int:
    """Return the earliest time a file has to hold."""
    if first is None:
        return 0 if trigger is None else trigger
    begins = int(first.t[0])
    # A trigger on another clock is no reason to begin the file there.
    return begins if trigger is None or abs(begins - trigger) > 1 << 36 else min(begins, trigger)
