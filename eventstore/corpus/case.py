"""One file of the conformance corpus, with the events that a right decoder finds in it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from eventstore.events import Events, Sensor


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Case:
    """A file and its truth.

    Args:
        format: name of the format, which is our reader's.
        name: what is special about the file, in a few words with dashes.
        suffix: of the file, with its dot.
        data: the file.
        events: what it holds; times as the file states them.
        sensor: geometry the events lie in.
        tests: what a decoder has to get right, in a sentence.
        reader: the reader with options, where it must be named; else found by looking.
    """

    format: str
    name: str
    suffix: str
    data: bytes
    events: Events
    sensor: Sensor
    tests: str
    reader: str | None = None

    @property
    def file_name(self) -> str:
        """Name of the file in the corpus."""
        return f"{self.format}-{self.name}{self.suffix}"


Cases: TypeAlias = Callable[[np.random.Generator], Iterator[Case]]
"""Makes the cases of one format, the same ones from the same state of the generator."""

Row: TypeAlias = tuple[int, int, int, int]
"""One event: t, x, y, p."""


def draw_events(
    rng: np.random.Generator, n: int, sensor: Sensor, *, t_start: int = 0, mean_gap_us: float = 80.0
) -> Events:
    """Draw events in order of time, some of them at the same µs.

    Args:
        rng: source of chance.
        n: how many.
        sensor: where they lie.
        t_start: time of the first.
        mean_gap_us: mean time between two.

    Examples:
        >>> events = draw_events(np.random.default_rng(0), 5, Sensor(4, 4), t_start=100)
        >>> len(events), int(events.t[0])
        (5, 100)
    """
    gaps = rng.geometric(1 / (mean_gap_us + 1), n) - 1
    gaps[rng.random(n) < 0.3] = 0
    gaps[:1] = 0
    return Events.of(
        t=t_start + np.cumsum(gaps),
        x=rng.integers(0, sensor.width, n),
        y=rng.integers(0, sensor.height, n),
        p=rng.integers(0, 2, n),
    )


def rows_of(events: Events) -> list[Row]:
    """Return the events one by one, as plain integers."""
    return list(zip(*(column.tolist() for column in events), strict=True))


def table_of(rows: list[Row]) -> Events:
    """Return rows as a table."""
    columns = list(zip(*rows, strict=True)) or [(), (), (), ()]
    return Events.of(t=columns[0], x=columns[1], y=columns[2], p=columns[3])
