"""Messages of encoded events: ``event_camera_msgs/EventPacket`` (once ``event_array_msgs/EventArray``).

``header, height u32, width u32, seq u64, time_base u64, encoding, is_bigendian u8, events u8[]``.
Encodings, 64-bit words but for the first::

    evt3      16-bit words of EVT3; one stream over all messages, stamped by the sensor's clock
    mono      bits 63 on, 62–48 y, 47–32 x, 31–0 ns after time_base
    libcaer   bits 63–32 µs after time_base, 31–17 x, 16–2 y, 1 on
"""  # noqa: E501 # two names of one type

from collections.abc import Iterator

import numpy as np

from eventstore.events import Events, Sensor
from eventstore.findings import Finding
from eventstore.readers.evt3 import START, State, decode_triggers, decode_words
from eventstore.readers.prophesee import leftovers
from eventstore.readers.ros.arrays import stated_sensor
from eventstore.readers.ros.fields import Fields
from eventstore.side import SideTable, side_columns

TYPES = ("event_camera_msgs/EventPacket", "event_array_msgs/EventArray")
WORDS: dict[str, np.dtype] = {
    "evt3": np.dtype("<u2"),
    "mono": np.dtype("<u8"),
    "libcaer": np.dtype("<u8"),
}
"""The words of each encoding."""

PACKET_EVENTS = 1 << 17
NEARLY_FULL = PACKET_EVENTS // 16
TRIGGER_ROWS = 1024

_WRAP_US = 1 << 31


class PacketDecoder:
    """Decodes messages of encoded events."""

    def sensor(self, fields: Fields) -> Sensor | None:
        """Return the sensor that a message states."""
        fields.header()
        return stated_sensor(fields)

    def events(self, messages: Iterator[Fields], findings: list[Finding]) -> Iterator[Events]:
        """Decode messages one after the other; at the end, say what in them gave no events.

        Raises:
            FormatError: an unknown encoding, or a message that is none of its words.
        """
        state, packet, n = START, Events.empty(PACKET_EVENTS), 0
        where = ""
        for fields in messages:
            encoding, base_ns, words = _payload(fields)
            where = fields.path
            if encoding != "evt3":
                yield _mono(words, base_ns) if encoding == "mono" else _libcaer(words, base_ns)
                continue
            used = 0
            while used < len(words):
                t, x, y, p = packet
                columns = t[n:], x[n:], y[n:], p[n:]
                got, taken, state = decode_words(words[used:], state, columns)
                _check_known(fields, words[used:], state)
                n, used = n + got, used + taken
                if PACKET_EVENTS - n < NEARLY_FULL:
                    yield packet[:n]
                    packet, n = Events.empty(PACKET_EVENTS), 0
        if n:
            yield packet[:n]
        findings += leftovers(where, state.timeless, state.others)

    def triggers(self, messages: Iterator[Fields]) -> Iterator[SideTable]:
        """Decode the triggers among the words of EVT3."""
        state = START
        for fields in messages:
            encoding, _, words = _payload(fields)
            used = len(words) if encoding != "evt3" else 0
            while used < len(words):
                rows = {k: np.empty(TRIGGER_ROWS, d) for k, d in side_columns("triggers").items()}
                t, channel, edge = rows.values()
                n, taken, state = decode_triggers(words[used:], state, (t, channel, edge))
                used += taken
                if n:
                    yield SideTable("triggers", rows).rows(0, n)


def _payload(fields: Fields) -> tuple[str, int, np.ndarray]:
    """Return a message's encoding, its time base in ns, and its words."""
    fields.header()
    fields.numbers("I", 2)  # height, width
    _, base_ns = fields.numbers("Q", 2)
    encoding, big_endian = fields.text(), fields.number("B")
    payload = fields.block()
    if encoding not in WORDS or big_endian:
        found = repr(encoding) + (" big-endian" if big_endian else "")
        wanted = f"events in the encoding {' or '.join(WORDS)}"
        raise fields.damaged(wanted, found)
    word = WORDS[encoding]
    if len(payload) % word.itemsize:
        wanted, found = f"words of {word.itemsize} bytes", f"{len(payload)} bytes"
        raise fields.damaged(wanted, found)
    return encoding, int(base_ns), np.frombuffer(payload, word)


def _check_known(fields: Fields, words: np.ndarray, state: State) -> None:
    if state.unknown >= 0:
        wanted, found = "words of EVT3", f"a word {int(words[state.unknown]):#06x}"
        raise fields.damaged(wanted, found)


def _mono(words: np.ndarray, base_ns: int) -> Events:
    t_ns = np.int64(base_ns) + (words & 0xFFFFFFFF).astype(np.int64)
    x, y = (words >> 32) & 0xFFFF, (words >> 48) & 0x7FFF
    return _events((t_ns + 500) // 1_000, x, y, words >> 63)


def _libcaer(words: np.ndarray, base_ns: int) -> Events:
    low_us = (words >> 32).astype(np.int64)
    wraps = np.concatenate([[0], np.cumsum(low_us[1:] < low_us[:-1])])
    t_us = (base_ns + 500) // 1_000 + low_us + wraps * _WRAP_US
    return _events(t_us, (words >> 17) & 0x7FFF, (words >> 2) & 0x7FFF, (words >> 1) & 1)


def _events(t: np.ndarray, x: np.ndarray, y: np.ndarray, p: np.ndarray) -> Events:
    return Events(t.astype(np.int64), x.astype(np.uint16), y.astype(np.uint16), p.astype(np.uint8))
