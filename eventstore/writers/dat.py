"""Write Prophesee's DAT files (``.dat``), event type CD; `eventstore.readers.dat` draws the layout.

Stamps are 32 bits of µs. Times that begin from 0 on and below 2^32 µs are written as they are;
beyond, as of Unix time, whole seconds are subtracted and stated in a line ``% T0``: readers that do
not know it see times from the file's own start.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from eventstore.errors import InvalidInput
from eventstore.events import Events, Sensor
from eventstore.jit import kernel
from eventstore.readers.dat import RECORD_BYTES, WRAP_US
from eventstore.readers.protocol import SideStreams
from eventstore.writers.prophesee import check_camera, check_events, choose_t0, header_lines
from eventstore.writers.protocol import whole_file

COORDINATE_BITS = 14
KIND = 0x0C

_INT: Any = np.int64


@kernel
def encode_records(
    columns: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray],
    clock: tuple[int, int],
    words: np.ndarray,
) -> tuple[tuple[int, int], int]:
    """Encode events into two uint32 each.

    Args:
        columns: t, x, y, p.
        clock: time base and last stamp of a decoder after the records before.
        words: receives the records.

    Returns the clock, and the first event whose time a decoder would not find, or -1.
    """
    t, x, y, p = columns
    base, last = clock
    for i in range(len(t)):
        stamp = t[i] & (WRAP_US - 1)
        if last - stamp > WRAP_US // 2:
            base += WRAP_US
        if base + stamp != t[i]:
            return (base, last), i
        last = stamp
        words[2 * i] = stamp
        address = _INT(x[i]) | (_INT(y[i]) << 14)
        words[2 * i + 1] = address | (_INT(p[i]) << 28)
    return (base, last), -1


@dataclass(frozen=True, slots=True, kw_only=True)
class DatWriter:
    """Writer of DAT files."""

    name: str = "dat"
    suffixes: tuple[str, ...] = (".dat",)
    side_kinds: tuple[str, ...] = ()

    def write(
        self,
        path: Path,
        packets: Iterable[Events],
        *,
        sensor: Sensor,
        meta: Mapping[str, str] | None = None,
        side: SideStreams | None = None,  # the format holds nothing but events
    ) -> None:
        """Write a file whole or not at all, in memory that does not grow with its length.

        Raises:
            InvalidInput: the recording is audio, an event has coordinates beyond 16,383, or its
                time is more than 35 minutes behind or before the one before over a wrap.
        """
        check_camera(sensor, "DAT")
        clock, rows, t0_us = (0, 0), 0, 0
        with whole_file(path) as file:
            for packet in packets:
                if not rows and len(packet):
                    t0_us = choose_t0(int(packet.t[0]), WRAP_US)
                    file.write(_header(sensor, t0_us, meta))
                check_events(packet, rows, 1 << COORDINATE_BITS, "DAT")
                words = np.empty(len(packet) * RECORD_BYTES // 4, "<u4")
                clock, bad = encode_records(packet.shifted(-t0_us).arrays(), clock, words)
                if bad >= 0:
                    message = f"DAT files cannot go to event {rows + bad} at t = {packet.t[bad]} µs"
                    hint = "sort the events by time; gaps of more than 35 minutes want two files"
                    raise InvalidInput(message, hint=hint)
                file.write(words.data)
                rows += len(packet)
            if not rows:
                file.write(_header(sensor, 0, meta))


WRITER = DatWriter()


def _header(sensor: Sensor, t0_us: int, meta: Mapping[str, str] | None) -> bytes:
    lines = {
        "Data file containing": "CD events",
        "Version": 2,
        "Width": sensor.width,
        "Height": sensor.height,
    }
    offset = {"T0": t0_us} if t0_us else {}
    return header_lines({**lines, **offset}, meta) + bytes([KIND, RECORD_BYTES])
