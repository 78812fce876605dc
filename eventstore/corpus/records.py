"""Files of plain records: Prophesee DAT, 40-bit ATIS, Event Stream, and lines of text."""

import struct
from collections.abc import Iterator

import numpy as np

from eventstore.corpus.case import Case, Row, draw_events, rows_of, table_of
from eventstore.events import Events, Sensor

VGA, NMNIST = Sensor(640, 480), Sensor(34, 34)


def dat_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Make the cases of DAT; its layout is in `eventstore.readers.dat`."""
    for kind, code in (("cd", 0x0C), ("2d", 0x00)):
        events = draw_events(rng, 300, VGA, t_start=77)
        yield _dat(f"type-{kind}", events, code, f"event type {code:#04x}")
    late = draw_events(rng, 300, VGA, t_start=(1 << 32) - 2_000)
    yield _dat("time-wraps", late, 0x0C, "the 32 bits of time wrap after 71 minutes")


def _dat(name: str, events: Events, code: int, tests: str) -> Case:
    header = b"% Data file containing CD events.\n% Version 2\n% Height 480\n% Width 640\n"
    records = b"".join(
        struct.pack("<II", t & 0xFFFFFFFF, p << 28 | y << 14 | x) for t, x, y, p in rows_of(events)
    )
    data = header + bytes([code, 8]) + records
    return Case(
        format="dat",
        name=name,
        suffix=".dat",
        data=data,
        events=events,
        sensor=VGA,
        tests=tests,
    )


def atis_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Make the cases of ATIS records; their layout is in `eventstore.readers.atis`."""
    events = draw_events(rng, 300, NMNIST)
    yield _atis("single-events", events, b"".join(map(_atis_record, rows_of(events))), "records")
    data, base, rows = b"", 0, []
    for t, x, y, p in rows_of(draw_events(rng, 200, NMNIST, mean_gap_us=6_000.0)):
        while t - base >= 1 << 13:
            data += _atis_record((t - base, 0, 240, 0))
            base += 1 << 13
        data += _atis_record((t - base, x, y, p))
        rows.append((t, x, y, p))
    tests = "a record with y = 240 is no event and adds 2^13 µs to all behind it"
    yield _atis("overflow-records", table_of(rows), data, tests)


def _atis_record(row: Row) -> bytes:
    t, x, y, p = row
    return bytes([x, y, p << 7 | t >> 16, t >> 8 & 255, t & 255])


def _atis(name: str, events: Events, data: bytes, tests: str) -> Case:
    return Case(
        format="atis",
        name=name,
        suffix=".bin",
        data=data,
        events=events,
        sensor=NMNIST,
        tests=tests,
    )


def es_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Make the cases of Event Stream; its layout is in `eventstore.readers.es`."""
    near = draw_events(rng, 300, VGA, mean_gap_us=30.0)
    yield _es("single-events", near, "y runs up in the file, from the lower left corner")
    far = draw_events(rng, 100, VGA, t_start=5_000, mean_gap_us=3_000.0)
    yield _es("long-gaps", far, "a byte 0xff adds 127 µs, as often as it stands")


def _es(name: str, events: Events, tests: str) -> Case:
    data = b"Event Stream" + bytes([2, 0, 0, 1]) + struct.pack("<HH", VGA.width, VGA.height)
    last = 0
    for t, x, y, p in rows_of(events):
        overflows, gap = divmod(t - last, 127)
        data += b"\xff" * overflows + bytes([gap << 1 | p])
        data += struct.pack("<HH", x, VGA.height - 1 - y)
        last = t
    return Case(
        format="es",
        name=name,
        suffix=".es",
        data=data,
        events=events,
        sensor=VGA,
        tests=tests,
    )


def text_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Make the cases of text."""
    events = draw_events(rng, 200, VGA, t_start=1_468_940_293_844_000)
    rows = rows_of(events)
    lines = [f"{t // 10**6}.{t % 10**6:06d} {x} {y} {p}" for t, x, y, p in rows]
    tests = "a double holds such seconds to 0.2 µs: what truncates them loses a µs now and then"
    yield _text("seconds-since-1970", "\n".join(lines), events, tests)
    lines = ["t,x,y,p", *(f"{t},{x},{y},{p}" for t, x, y, p in rows)]
    yield _text("csv-with-a-header", "\r\n".join(lines), events, "whole µs, a line of names, CRLF")
    events = draw_events(rng, 100, VGA)
    lines = [f"0.{t:06d}\t{x}\t{y}\t{2 * p - 1}" for t, x, y, p in rows_of(events)]
    yield _text("polarity-minus-one", "\n".join(lines), events, "OFF is -1; fields end at tabs")


def _text(name: str, text: str, events: Events, tests: str) -> Case:
    return Case(
        format="text",
        name=name,
        suffix=".txt",
        data=text.encode(),
        events=events,
        sensor=VGA,
        tests=tests,
    )
