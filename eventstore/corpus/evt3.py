"""EVT3 files written word by word from the layout in `eventstore.readers.evt3`."""

from collections.abc import Iterator

import numpy as np

from eventstore.corpus.case import Case, Row, draw_events, rows_of, table_of
from eventstore.events import Sensor

SENSOR = Sensor(640, 480)
HEADER = b"% evt 3.0\n% format EVT3;height=480;width=640\n% geometry 640x480\n% end\n"

_Y, _X, _BASE, _VECT_12, _VECT_8, _LOW, _HIGH = 0x0, 0x2, 0x3, 0x4, 0x5, 0x6, 0x8
_CONTINUED_4, _TRIGGER, _OTHERS, _CONTINUED_12 = 0x7, 0xA, 0xE, 0xF


class Words:
    """A stream of 16-bit words, written one after the other.

    Args:
        every_high: write every value the high part goes through, as sensors do, not just the last.
    """

    def __init__(self, *, every_high: bool = False) -> None:
        self.words: list[int] = []
        self._every_high = every_high
        self._high, self._low, self._row = -1, 0, -1

    def put(self, kind: int, content: int) -> None:
        """Write a word."""
        self.words.append(kind << 12 | content & 0xFFF)

    def time(self, t: int) -> None:
        """State a time: the high part where it changed, which makes the low part 0."""
        high, low = t >> 12, t & 0xFFF
        if high != self._high:
            first = self._high + 1 if self._every_high and self._high >= 0 else high
            for value in range(first, high + 1):
                self.put(_HIGH, value)
            self._high, self._low = high, 0
        if low != self._low:
            self.put(_LOW, low)
            self._low = low

    def row(self, y: int) -> None:
        """State a row."""
        if y != self._row:
            self.put(_Y, y)
            self._row = y

    def event(self, row: Row) -> None:
        """Write one event by itself."""
        t, x, y, p = row
        self.time(t)
        self.row(y)
        self.put(_X, p << 11 | x)

    def data(self) -> bytes:
        """Return the file."""
        return HEADER + np.array(self.words, "<u2").tobytes()


def cases(rng: np.random.Generator) -> Iterator[Case]:
    """Make the cases of EVT3."""
    yield _singles(rng, "single-events", "ADDR_X words, times with repeated stamps")
    tests = "the 24 bits of time wrap after 16.8 s, again and again"
    yield _singles(rng, "time-wraps", tests, gap=150_000.0, every_high=True)
    yield _singles(
        rng, "sparse", "gaps of many TIME_HIGH steps; TIME_LOW is 0 after each", gap=9_000.0
    )
    yield _low_zero()
    yield _vectors(rng)
    yield _others(rng)
    yield _middle_of_a_stream(rng)
    yield _repeated_high(rng)
    yield Case(
        format="evt3",
        name="no-events",
        suffix=".raw",
        data=HEADER,
        events=table_of([]),
        sensor=SENSOR,
        tests="a header and nothing behind it",
    )


def _case(name: str, words: Words, rows: list[Row], tests: str) -> Case:
    events = table_of(rows)
    return Case(
        format="evt3",
        name=name,
        suffix=".raw",
        data=words.data(),
        events=events,
        sensor=SENSOR,
        tests=tests,
    )


def _singles(
    rng: np.random.Generator, name: str, tests: str, *, gap: float = 80.0, every_high: bool = False
) -> Case:
    rows = rows_of(draw_events(rng, 400, SENSOR, t_start=5_000, mean_gap_us=gap))
    words = Words(every_high=every_high)
    for row in rows:
        words.event(row)
    return _case(name, words, rows, tests)


def _low_zero() -> Case:
    """Two events just before and just after a step of the high part, at low part 0."""
    words = Words()
    rows = [(4095, 1, 1, 1), (4096, 2, 1, 0), (3 * 4096, 3, 1, 1), (3 * 4096 + 1, 4, 1, 0)]
    for row in rows:
        words.event(row)
    tests = "no TIME_LOW word follows a TIME_HIGH that changed: the low part is 0, not the last one"
    return _case("low-is-zero-after-high", words, rows, tests)


def _vectors(rng: np.random.Generator) -> Case:
    words, rows = Words(), []
    for step in range(60):
        t, y, p = 10_000 + 37 * step, int(rng.integers(480)), int(rng.integers(2))
        base = int(rng.integers(0, 640 - 32))
        words.time(t)
        words.row(y)
        words.put(_BASE, p << 11 | base)
        for width in (12, 12, 8):
            mask = int(rng.integers(0, 1 << width))
            words.put(_VECT_12 if width == 12 else _VECT_8, mask)
            rows += [(t, base + k, y, p) for k in range(width) if mask >> k & 1]
            base += width
    tests = "VECT_12 and VECT_8 words give an event a bit and move the base on, empty ones too"
    return _case("vectors", words, rows, tests)


def _others(rng: np.random.Generator) -> Case:
    rows, words = rows_of(draw_events(rng, 200, SENSOR, t_start=70_000)), Words()
    for i, row in enumerate(rows):
        words.event(row)
        if i % 7 == 0:
            words.put(_TRIGGER, 1 << 8 | i // 7 & 1)
        if i % 11 == 0:
            for kind in (_OTHERS, _CONTINUED_4, _CONTINUED_12):
                words.put(kind, int(rng.integers(1 << 12)))
    tests = "EXT_TRIGGER, OTHERS and CONTINUED words between events are no events"
    return _case("triggers-and-others", words, rows, tests)


def _middle_of_a_stream(rng: np.random.Generator) -> Case:
    words = Words()
    words.put(_LOW, 77)
    words.put(_Y, 3)
    words.put(_X, 5)  # no time is known yet: not an event
    rows = rows_of(draw_events(rng, 100, SENSOR, t_start=1 << 20))
    for row in rows:
        words.event(row)
    tests = "events before the first TIME_HIGH have no time and are left out"
    return _case("begins-in-the-middle", words, rows, tests)


def _repeated_high(rng: np.random.Generator) -> Case:
    rows, words = rows_of(draw_events(rng, 200, SENSOR, t_start=9_000)), Words()
    for row in rows:
        words.event(row)
        words.put(_HIGH, row[0] >> 12)
    tests = "TIME_HIGH repeated without a change leaves the low part alone"
    return _case("high-repeated", words, rows, tests)
