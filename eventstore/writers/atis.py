"""Write the 40-bit ATIS records of N-MNIST; `eventstore.readers.atis` draws the layout."""

from pathlib import Path

import numpy as np
from jaxtyping import UInt8

from eventstore.errors import InvalidInput
from eventstore.events import Events
from eventstore.jit import kernel
from eventstore.readers.atis import OVERFLOW_ROW, OVERFLOW_US, RECORD_BYTES, STAMP_LIMIT_US

OVERFLOW_LIMIT = 1 << 24
"""Most overflow records in one file: 38 hours of gaps."""


@kernel
def plan_overflows(t: np.ndarray) -> tuple[int, int]:
    """Return the overflow records needed and the first event that time cannot go back to, or -1."""
    base, overflows = 0, 0
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
    columns: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray], raw: np.ndarray
) -> None:
    """Fill ``raw`` with the records of the events and the overflows between them."""
    t, x, y, p = columns
    base, at = 0, 0
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
    _check_coordinates(events)
    overflows, bad = plan_overflows(events.t)
    if bad >= 0:
        message = f"ATIS records cannot go back to event {bad} at t = {events.t[bad]} µs"
        raise InvalidInput(message, hint="sort the events by time and count from 0")
    if overflows > OVERFLOW_LIMIT:
        message = f"gaps need {overflows} overflow records, more than {OVERFLOW_LIMIT}"
        raise InvalidInput(message, hint="count times from the recording's start")
    raw = np.empty((len(events) + overflows) * RECORD_BYTES, np.uint8)
    encode_records(events.arrays(), raw)
    return raw


def write_atis(path: Path, events: Events) -> None:
    """Write a ``.bin`` file whole or not at all; raises as `encode_atis`."""
    raw = encode_atis(events)
    partial = path.with_name(f".{path.name}.partial")
    partial.write_bytes(raw.data)
    partial.replace(path)


def _check_coordinates(events: Events) -> None:
    bad = (events.x > 255) | (events.y > 255) | (events.y == OVERFLOW_ROW)
    if bad.any():
        i = int(np.argmax(bad))
        message = f"ATIS records cannot hold event {i} at x = {events.x[i]}, y = {events.y[i]}"
        hint = f"crop to 256×{OVERFLOW_ROW} pixels; row {OVERFLOW_ROW} marks overflows"
        raise InvalidInput(message, hint=hint)
