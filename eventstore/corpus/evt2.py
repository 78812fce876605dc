"""EVT2 and EVT2.1 files written word by word.

EVT2 is laid out in `eventstore.readers.evt2`; EVT2.1 in `eventstore.readers.evt21`.
"""

from collections.abc import Iterator

import numpy as np

from eventstore.corpus.case import Case, Row, draw_events, rows_of, table_of
from eventstore.events import Sensor

SENSOR = Sensor(640, 480)
HEADER = b"% evt 2.0\n% format EVT2;height=480;width=640\n% end\n"
HEADER_21 = b"% evt 2.1\n% format EVT21;height=480;width=640;endianness=little\n% end\n"

_HIGH, _TRIGGER, _OTHERS, _CONTINUED = 0x8, 0xA, 0xE, 0xF


def cases(rng: np.random.Generator) -> Iterator[Case]:
    """Make the cases of EVT2."""
    rows = rows_of(draw_events(rng, 400, SENSOR, t_start=913_716_224))
    yield _case("single-events", _words(rows), rows, "events in steps of TIME_HIGH of 64 µs")
    t = (1 << 34) - 3_000
    rows = rows_of(draw_events(rng, 200, SENSOR, t_start=t))
    yield _case("time-wraps", _words(rows), rows, "the 34 bits of time wrap after 4.8 hours")
    rows = rows_of(draw_events(rng, 100, SENSOR, t_start=640))
    words = _words(rows)
    for kind in (_TRIGGER, _OTHERS, _CONTINUED):
        for at in rng.integers(1, len(words), 5).tolist():
            words.insert(at, kind << 28 | int(rng.integers(1 << 28)))
    tests = "EXT_TRIGGER, OTHERS and CONTINUED words between events are no events"
    yield _case("triggers-and-others", words, rows, tests)
    yield _case("begins-in-the-middle", [7 << 11 | 3, *words], rows, "no time, no event")


def cases_21(rng: np.random.Generator) -> Iterator[Case]:
    """Make the cases of EVT2.1."""
    rows: list[Row] = []
    words: list[int] = []
    high = -1
    for step in range(80):
        t, p = 6_400 + 23 * step, int(rng.integers(2))
        x, y = int(rng.integers(20)) * 32, int(rng.integers(480))
        if t >> 6 != high:
            high = t >> 6
            words.append(_HIGH << 60 | high << 32)
        valid = int(rng.integers(1, 1 << 32))
        words.append(p << 60 | (t & 63) << 54 | x << 43 | y << 32 | valid)
        rows += [(t, x + k, y, p) for k in range(32) if valid >> k & 1]
    yield Case(
        format="evt21",
        name="vectors",
        suffix=".raw",
        data=HEADER_21 + np.array(words, "<u8").tobytes(),
        events=table_of(rows),
        sensor=SENSOR,
        tests="an event for each of the 32 valid bits, x counting up from the word's own",
    )


def _words(rows: list[Row]) -> list[int]:
    words, high = [], -1
    for t, x, y, p in rows:
        if t >> 6 != high:
            high = t >> 6
            words.append(_HIGH << 28 | high & 0xFFFFFFF)
        words.append(p << 28 | (t & 63) << 22 | x << 11 | y)
    return words


def _case(name: str, words: list[int], rows: list[Row], tests: str) -> Case:
    data = HEADER + np.array(words, "<u4").tobytes()
    events = table_of(rows)
    return Case(
        format="evt2",
        name=name,
        suffix=".raw",
        data=data,
        events=events,
        sensor=SENSOR,
        tests=tests,
    )
