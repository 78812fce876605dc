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
from eventstore.readers.evt3 import START, WIDEST_WORD, State, decode_words
from eventstore.readers.ros.arrays import stated_sensor
from eventstore.readers.ros.fields import Fields

TYPES = ("event_camera_msgs/EventPacket", "event_array_msgs/EventArray")
ENCODINGS = ("evt3", "mono", "libcaer")

_WRAP_US = 1 << 31


class PacketDecoder:
    """Decodes messages of encoded events one after the other."""

    def __init__(self) -> None:
        self._state: State = START

    def sensor(self, fields: Fields) -> Sensor | None:
        """Return the sensor that a message states."""
        fields.header()
        return stated_sensor(fields)

    def decode(self, fields: Fields) -> Iterator[Events]:
        """Iterate over the events of a message.

        Raises:
            FormatError: an unknown encoding, or a message that ends inside a word.
        """
        fields.header()
        fields.numbers("I", 2)  # height, width
        _, base_ns = (int(value) for value in fields.numbers("Q", 2))
        encoding, big_endian = fields.text(), fields.number("B")
        payload = fields.block()
        if encoding not in ENCODINGS or big_endian:
            found = repr(encoding) + (" big-endian" if big_endian else "")
            wanted = f"events in the encoding {' or '.join(ENCODINGS)}"
            raise fields.damaged(wanted, found)
        word = np.dtype("<u2" if encoding == "evt3" else "<u8")
        if len(payload) % word.itemsize:
            found = f"{len(payload)} bytes"
            wanted = f"words of {word.itemsize} bytes"
            raise fields.damaged(wanted, found)
        words = np.frombuffer(payload, word)
        if encoding == "evt3":
            yield from self._evt3(words)
        elif len(words):
            yield _mono(words, base_ns) if encoding == "mono" else _libcaer(words, base_ns)

    def _evt3(self, words: np.ndarray) -> Iterator[Events]:
        at = 0
        while at < len(words):
            packet = Events.empty(max(len(words), WIDEST_WORD))
            n, used, self._state = decode_words(words[at:], self._state, packet.arrays())
            at += used
            if n:
                yield packet[:n]


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
