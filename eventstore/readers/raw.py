"""The reader of Prophesee's ``.raw`` files; an encoding gives it a word and how to decode words."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, cast, get_args

import numpy as np

from eventstore.errors import FormatError
from eventstore.events import Events, Sensor
from eventstore.findings import Finding
from eventstore.readers.geometry import cut_file, extent_of, no_events, settle_sensor
from eventstore.readers.mapped import iter_pieces
from eventstore.readers.options import option
from eventstore.readers.prophesee import (
    Header,
    leftovers,
    parse_header,
    sensor_of_system,
    unknown_word,
)
from eventstore.readers.protocol import PACKET_EVENTS, ByteSource, OneRecording, Recording
from eventstore.side import SideTable, side_columns

Order: TypeAlias = Literal["little", "big", "legacy"]
"""Byte order of words; ``legacy`` is little-endian with the halves of 64-bit words exchanged."""

DecodeWords: TypeAlias = Callable[..., tuple[int, int, Any]]
"""Words, state, columns → rows, words used, state; see `eventstore.readers.evt3.decode_words`."""

PIECE_BYTES = 1 << 18
"""Bytes decoded at once; they fit in a core's own cache."""

TRIGGER_ROWS = 1 << 12


@dataclass(frozen=True, slots=True, kw_only=True)
class RawReader(OneRecording):
    """Reader of one encoding of ``.raw`` files.

    Args:
        name: name of the reader, which is the encoding that a header states.
        word: type of a word; its highest four bits are its type.
        widest_word: most events in one word.
        known: the word types of the encoding, for messages.
        start: state before the first word; states have the fields ``timeless``, ``others`` and
            ``unknown`` of `eventstore.readers.evt3.State`.
        decode_words: how to decode events.
        decode_triggers: how to decode the columns t, channel and edge of triggers.
        guess_order: byte order by header and first bytes, where the header does not state it.
        order: byte order of the words; ``auto`` takes the header's, or else guesses.
        packet_events: most events in one packet, or in one word if that is more.
    """

    name: str
    word: np.dtype
    widest_word: int
    known: str
    start: Any
    decode_words: DecodeWords
    decode_triggers: DecodeWords
    guess_order: Callable[[Header, memoryview], Order] = lambda _header, _data: "little"
    order: Literal["auto", "little", "big", "legacy"] = option(
        "auto", "byte order of the words; legacy: 64-bit words with their halves exchanged"
    )
    packet_events: int = PACKET_EVENTS
    suffixes: tuple[str, ...] = (".raw",)

    def sniff(self, source: ByteSource) -> bool:
        """Say whether the suffix is .raw and the header names this encoding."""
        return source.suffix in self.suffixes and parse_header(source.data).encoding == self.name

    def read(self, source: ByteSource, *, sensor: Sensor | None = None) -> Recording:
        """Open a recording; its words are decoded, and judged, while packets are read.

        Raises:
            FormatError: a word is none of the format's: while packets are read, or here where the
                file has to be gone through for its geometry.
        """
        header = parse_header(source.data)
        words = _Words(self, source, header, self._order_of(source, header))
        findings = [*header.conflicts(source.name, self.name), *words.cut()]
        stated = sensor or header.sensor
        if stated is None:
            stated, assumed = sensor_of_system(source.name, header)
            findings += assumed
        sensor, assumed = settle_sensor(source.name, stated, words.extent)
        findings += assumed
        return Recording(
            source=source.name,
            sensor=sensor,
            reader=self.name,
            zero_based=False,
            packets=words.packets(findings),
            meta={**header.fields, **header.options},
            side={"triggers": words.triggers},
            findings=findings,
        )

    def _order_of(self, source: ByteSource, header: Header) -> Order:
        if self.order != "auto":
            return self.order
        if header.order in get_args(Order):
            return cast("Order", header.order)
        return self.guess_order(header, source.data[header.size : header.size + PIECE_BYTES])


@dataclass(frozen=True, slots=True)
class _Words:
    """The words of one file, and what they hold."""

    reader: RawReader
    source: ByteSource
    header: Header
    order: Order

    @property
    def stop(self) -> int:
        """Place behind the last whole word."""
        size = len(self.source.data) - self.header.size
        return len(self.source.data) - size % self.reader.word.itemsize

    def cut(self) -> list[Finding]:
        """Say whether the file ends inside a word."""
        rest = len(self.source.data) - self.stop
        return [cut_file(self.source.name, self.stop, rest, "word")] if rest else []

    def extent(self) -> tuple[int, int]:
        """Return the largest x and y of all events, -1 without any."""
        return extent_of(self.packets([]))

    def packets(self, findings: list[Finding]) -> Iterator[Events]:
        """Decode all words; at the end, add findings about those that gave no events."""
        reader, state, before = self.reader, self.reader.start, 0
        most = max(reader.packet_events, reader.widest_word)
        packet, n = self._columns(most), 0
        for offset, words in self._pieces():
            used = 0
            while used < len(words):
                columns = packet[n:].arrays()
                got, taken, state = reader.decode_words(words[used:], state, columns)
                if state.unknown >= 0:
                    raise self._unknown(offset, words, used + state.unknown)
                n, used = n + got, used + taken
                if len(packet) - n < max(reader.widest_word, len(packet) // 16):
                    yield self._absolute(packet[:n])
                    before += n
                    packet, n = self._columns(most), 0
        if n:
            yield self._absolute(packet[:n])
        findings += leftovers(self.source.name, state.timeless, state.others)
        if not before + n:
            findings.append(no_events(self.source.name))

    def triggers(self) -> Iterator[SideTable]:
        """Decode the triggers alone, from the beginning."""
        state = self.reader.start
        for _, words in self._pieces():
            used = 0
            while used < len(words):
                rows = {k: np.empty(TRIGGER_ROWS, d) for k, d in side_columns("triggers").items()}
                columns = tuple(rows.values())
                n, taken, state = self.reader.decode_triggers(words[used:], state, columns)
                used += taken
                if n:
                    yield SideTable("triggers", rows).rows(0, n).shifted(self.header.t0_us)

    def _columns(self, most: int) -> Events:
        """Return rows for a packet, no more than the file can fill."""
        words = (self.stop - self.header.size) // self.reader.word.itemsize
        return Events.blank(min(most, max(1, words) * self.reader.widest_word))

    def _pieces(self) -> Iterator[tuple[int, np.ndarray]]:
        """Iterate over places and the words there, in one array that is used again."""
        word = self.reader.word
        array = np.empty(PIECE_BYTES // word.itemsize, word)
        for at, data in iter_pieces(self.source, self.header.size, self.stop, PIECE_BYTES):
            words = array[: len(data) // word.itemsize]
            copy_words(data, self.order, words)
            yield at, words

    def _absolute(self, packet: Events) -> Events:
        if self.header.t0_us:
            np.add(packet.t, self.header.t0_us, out=packet.t)
        return packet

    def _unknown(self, offset: int, words: np.ndarray, at: int) -> FormatError:
        kind = int(words[at]) >> (8 * words.itemsize - 4)
        offset += at * words.itemsize
        return unknown_word(self.source, offset, f"type {kind:#x}", self.reader.known)


def copy_words(data: memoryview, order: Order, words: np.ndarray) -> None:
    """Copy words in the byte order of a file into an array in the machine's own.

    Args:
        data: as many bytes as ``words`` has.
        order: how they lie there.
        words: unsigned integers; ``legacy`` concerns those of 64 bits only.

    Examples:
        >>> words = np.empty(1, np.uint64)
        >>> copy_words(memoryview(bytes([5, 0, 0, 0x80, 7, 0, 0, 0])), "legacy", words)
        >>> hex(words[0])
        '0x8000000500000007'
    """
    if order == "legacy" and words.itemsize == 8:
        halves = np.frombuffer(data, "<u4").reshape(-1, 2)
        np.copyto(words, halves[:, 0].astype(np.uint64) << np.uint64(32) | halves[:, 1])
    else:
        np.copyto(words, np.frombuffer(data, f"{'>' if order == 'big' else '<'}u{words.itemsize}"))
