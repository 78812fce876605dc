"""Write the 40-bit ATIS records of N-MNIST; `eventstore.readers.atis` draws the layout."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import UInt8

from eventstore.errors import InvalidInput
from eventstore.events import Events, Sensor
from eventstore.jit import kernel
from eventstore.readers.atis import OVERFLOW_ROW, OVERFLOW_US, RECORD_BYTES, STAMP_LIMIT_US
from eventstore.readers.protocol import SideStreams
from eventstore.writers.protocol import whole_file

OVERFLOW_LIMIT = 1 << 24
"""Most overflow records in one file: 38 hours of gaps."""


@kernel
def plan_overflows(t: np.ndarray, base: int) -> tuple[int, int]:
    """Return the overflow records needed and the first event that time cannot go back to, or -1."""
    overflows = 0
    for i in range(len(t)):
        if t[i] < base:
            return overflows, i
        if t[i] - base >= STAMP_LIMIT_US:
            steps = (t[i] - base - STAMP_LIMIT_US) // OVERFLOW_US + 1
            overflows += steps
            base += steps * OVERFLOW_US
    return overflows, -1


@kernel
def encode_records(
    columns: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray], base: int, raw: np.ndarray
) -> None:
    """Fill ``raw`` with the records of the events and the overflows between them."""
    t, x, y, p = columns
    at = 0
    for i in range(len(t)):
        while t[i] - base >= STAMP_LIMIT_US:
            raw[at : at + 5] = 0
            raw[at + 1] = OVERFLOW_ROW
            base += OVERFLOW_US
            at += 5
        stamp = t[i] - base
        raw[at] = x[i]
        raw[at + 1] = y[i]
        raw[at + 2] = (np.int64(p[i]) << 7) | (stamp >> 16)
        raw[at + 3] = (stamp >> 8) & 255
        raw[at + 4] = stamp & 255
        at += 5


def encode_atis(events: Events) -> UInt8[np.ndarray, " bytes"]:
    """Encode events so that decoding gives exactly them again.

    Args:
        events: times from 0 on, coordinates below 256 and no event in row 240, which the format
            keeps for overflows.

    Raises:
        InvalidInput: the format cannot hold one of the events; names the first.

    Examples:
        >>> encode_atis(Events.of(t=[7], x=[3], y=[4], p=[1])).tolist()
        [3, 4, 128, 0, 7]
    """
    return np.concatenate([np.zeros(0, np.uint8), *_encode_packets([events])])


def write_atis(path: Path, events: Events | Iterable[Events]) -> None:
    """Write a ``.bin`` file whole or not at all, from a table or packets; as `encode_atis`."""
    with whole_file(path) as file:
        for raw in _encode_packets([events] if isinstance(events, Events) else events):
            file.write(raw.data)


def _encode_packets(packets: Iterable[Events]) -> Iterator[np.ndarray]:
    rows, overflows = 0, 0
    for packet in packets:
        _check_coordinates(packet, rows)
        base = overflows * OVERFLOW_US
        more, bad = plan_overflows(packet.t, base)
        if bad >= 0:
            message = f"ATIS records cannot go back to event {rows + bad} at t = {packet.t[bad]} µs"
            raise InvalidInput(message, hint="sort the events by time and count from 0")
        overflows += more
        if overflows > OVERFLOW_LIMIT:
            message = f"gaps need {overflows} overflow records, more than {OVERFLOW_LIMIT}"
            raise InvalidInput(message, hint="count times from the recording's start")
        raw = np.empty((len(packet) + more) * RECORD_BYTES, np.uint8)
        encode_records(packet.arrays(), base, raw)
        rows += len(packet)
        yield raw


@dataclass(frozen=True, slots=True, kw_only=True)
class AtisWriter:
    """Writer of 40-bit ATIS records; states no geometry."""

    name: str = "atis"
    suffixes: tuple[str, ...] = (".bin",)
    side_kinds: tuple[str, ...] = ()

    def write(
        self,
        path: Path,
        packets: Iterable[Events],
        *,
        sensor: Sensor,
        meta: Mapping[str, str] | None = None,  # the format states nothing
        side: SideStreams | None = None,  # nor holds anything but events
    ) -> None:
        """Write a file whole or not at all.

        Raises:
            InvalidInput: the recording is audio, or an event does not fit.
        """
        if sensor.modality != "vision":
            message = "ATIS records hold a camera's events, not audio"
            raise InvalidInput(message, hint="write audio as .npz")
        write_atis(path, packets)


WRITER = AtisWriter()


def _check_coordinates(events: Events, rows: int) -> None:
    bad = (events.x > 255) | (events.y > 255) | (events.y == OVERFLOW_ROW)
    if bad.any():
        i = int(np.argmax(bad))
        message = (
            f"ATIS records cannot hold event {rows + i} at x = {events.x[i]}, y = {events.y[i]}"
        )
        hint = f"crop to 256×{OVERFLOW_ROW} pixels; row {OVERFLOW_ROW} marks overflows"
        raise InvalidInput(message, hint=hint)
