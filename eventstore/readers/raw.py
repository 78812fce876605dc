"""The reader of Prophesee's ``.raw`` files; an encoding gives it a word and two passes."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from eventstore.events import Events, Sensor
from eventstore.readers.prophesee import Scan, make_recording, parse_header, unknown_word
from eventstore.readers.protocol import PACKET_EVENTS, ByteSource, OneRecording, Recording


@dataclass(frozen=True, slots=True, kw_only=True)
class RawReader(OneRecording):
    """Reader of one encoding of ``.raw`` files.

    Args:
        name: name of the reader, which is the encoding that a header states.
        word: type of a word; its highest four bits are its type.
        known: the word types of the encoding, for messages.
        scan_words: first pass: events, largest x and y, timeless events, other words, and the
            first unknown word or -1.
        iter_packets: second pass: words and most events in one packet → packets.
        packet_events: most events in one packet.
    """

    name: str
    word: np.dtype
    known: str
    scan_words: Callable[[np.ndarray], tuple[int, int, int, int, int, int]]
    iter_packets: Callable[[np.ndarray, int], Iterator[Events]]
    packet_events: int = PACKET_EVENTS
    suffixes: tuple[str, ...] = (".raw",)
    zero_based: bool = False

    def sniff(self, source: ByteSource) -> bool:
        """Say whether the suffix is .raw and the header names this encoding."""
        return source.suffix in self.suffixes and parse_header(source.data).encoding == self.name

    def read(self, source: ByteSource, *, sensor: Sensor | None = None) -> Recording:
        """Open a recording; a cut file gives the words before the cut and a finding.

        Raises:
            FormatError: a word is none of the format's, or an event lies outside the sensor.
        """
        header = parse_header(source.data)
        rest = (len(source.data) - header.size) % self.word.itemsize
        words = np.frombuffer(source.data[header.size : len(source.data) - rest], self.word)
        events, x_max, y_max, timeless, others, unknown = self.scan_words(words)
        if unknown >= 0:
            offset = header.size + self.word.itemsize * unknown
            kind = int(words[unknown]) >> (8 * self.word.itemsize - 4)
            raise unknown_word(source, offset, f"type {kind:#x}", self.known)
        scan = Scan(events=events, x_max=x_max, y_max=y_max, timeless=timeless, others=others)
        packets = self.iter_packets(words, self.packet_events)
        return make_recording(
            source, header, scan, packets, reader=self.name, sensor=sensor, rest=rest
        )
