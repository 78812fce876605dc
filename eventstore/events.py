"""The event table and the sensor it came from.

One table serves both modalities. A camera's events have the columns ``t x y p``; a cochlea's have
``t c``, held in memory with the channel in ``x`` and ``y = 0``, ``p = 1``, so that every kernel is
written once. On disk each modality has just its own columns (`Sensor.columns`).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from jaxtyping import Int64, UInt8, UInt16

from eventstore.errors import InvalidInput
from eventstore.growing import GrowingColumn

Modality: TypeAlias = Literal["vision", "audio"]

COORDINATE_LIMIT = 1 << 16
"""Coordinates are uint16."""


@dataclass(frozen=True, slots=True)
class Sensor:
    """Geometry and modality of a sensor.

    Args:
        width: number of columns (x runs 0 … width-1, to the right), or of channels for audio.
        height: number of rows (y runs 0 … height-1, downwards); 1 for audio.
        modality: ``"vision"`` (columns t x y p) or ``"audio"`` (columns t c).

    Raises:
        InvalidInput: a size is outside 1 … 65,536, or an audio sensor has rows.

    Examples:
        >>> Sensor(34, 34).shape
        (2, 34, 34)
        >>> Sensor.audio(64).columns
        ('t', 'c')
    """

    width: int
    height: int
    modality: Modality = "vision"

    def __post_init__(self) -> None:
        for name, size in (("width", self.width), ("height", self.height)):
            if not 1 <= size <= COORDINATE_LIMIT:
                message = f"sensor {name} {size} is outside 1 … {COORDINATE_LIMIT}"
                raise InvalidInput(message, hint="give width and height in pixels")
        if self.modality not in {"vision", "audio"}:
            message = f"unknown modality {self.modality!r}"
            raise InvalidInput(message, hint="use 'vision' or 'audio'")
        if self.modality == "audio" and self.height != 1:
            message = f"an audio sensor has one row, not {self.height}"
            raise InvalidInput(message, hint="use Sensor.audio(channels)")

    @classmethod
    def audio(cls, channels: int) -> "Sensor":
        """Return an audio sensor of so many channels."""
        return cls(channels, 1, "audio")

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the stored columns, in canonical order."""
        return ("t", "x", "y", "p") if self.modality == "vision" else ("t", "c")

    @property
    def polarities(self) -> int:
        """Number of polarity planes in a frame: 2 for vision, 1 for audio."""
        return 2 if self.modality == "vision" else 1

    @property
    def shape(self) -> tuple[int, int, int]:
        """Shape ``(P, H, W)`` of one frame of counts."""
        return (self.polarities, self.height, self.width)


@dataclass(frozen=True, slots=True, eq=False)
class Events:
    """A table of events: four columns of equal length.

    Args:
        t: time in µs; in a store from the recording's start, as a reader gives it absolute.
        x: column, 0 at the left (channel for audio).
        y: row, 0 at the top (0 for audio).
        p: polarity, 1 = ON, 0 = OFF (1 for audio).

    Raises:
        InvalidInput: columns of different lengths or dtypes; nothing is cast silently.

    Examples:
        >>> e = Events.of(t=[5, 9], x=[1, 2], y=[0, 0], p=[1, 0])
        >>> len(e), int(e.t[1]), len(e[1:])
        (2, 9, 1)
    """

    t: Int64[np.ndarray, " n"]
    x: UInt16[np.ndarray, " n"]
    y: UInt16[np.ndarray, " n"]
    p: UInt8[np.ndarray, " n"]

    def __post_init__(self) -> None:
        for name, column, dtype in zip("txyp", self.arrays(), COLUMN_DTYPES, strict=True):
            if column.dtype != dtype or column.ndim != 1 or len(column) != len(self.t):
                message = (
                    f"column {name} is {column.dtype}{list(column.shape)}, "
                    f"expected {dtype}[{len(self.t)}]"
                )
                raise InvalidInput(message, hint="build tables of other types with Events.of(...)")

    @classmethod
    def of(
        cls,
        *,
        t: Sequence[int] | np.ndarray,
        x: Sequence[int] | np.ndarray,
        y: Sequence[int] | np.ndarray | None = None,
        p: Sequence[int] | np.ndarray | None = None,
    ) -> "Events":
        """Build a table from integers of any type, refusing what a column cannot hold.

        Args:
            t: times in µs.
            x: columns (channels for audio), 0 … 65,535.
            y: rows; zeros where absent.
            p: polarities 0 or 1; ones where absent.

        Raises:
            InvalidInput: a value is not an integer or out of its column's range.
        """
        n = len(t)
        return cls(
            _column("t", t, np.int64, None),
            _column("x", x, np.uint16, COORDINATE_LIMIT - 1),
            np.zeros(n, np.uint16)
            if y is None
            else _column("y", y, np.uint16, COORDINATE_LIMIT - 1),
            np.ones(n, np.uint8) if p is None else _column("p", p, np.uint8, 1),
        )

    @classmethod
    def empty(cls, n: int = 0) -> "Events":
        """Return a table of ``n`` zeroed events to be filled."""
        return cls(*(np.zeros(n, dtype) for dtype in COLUMN_DTYPES))

    @property
    def has_gaps(self) -> bool:
        """Whether a column is not in one piece of memory, as decoders and kernels want it.

        Examples:
            >>> e = Events.of(t=[1, 2, 3], x=[0, 0, 0])
            >>> e[:2].has_gaps, e[::2].has_gaps
            (False, True)
        """
        return not all(column.flags.c_contiguous for column in self.arrays())

    @classmethod
    def blank(cls, n: int) -> "Events":
        """Return a table of ``n`` events of arbitrary contents to be filled.

        Its columns lie behind each other. A page fault every 4 KiB costs as much as decoding; numpy
        asks for large pages from 4 MiB on, which columns of a packet one by one do not reach.

        Examples:
            >>> [column.dtype.name for column in Events.blank(3)]
            ['int64', 'uint16', 'uint16', 'uint8']
        """
        return events_in(np.empty(n * EVENT_BYTES, np.uint8))

    @classmethod
    def concatenate(cls, tables: Sequence["Events"]) -> "Events":
        """Join tables end to end; times are kept as they are."""
        if not tables:
            return cls.empty()
        columns = zip(*(table.arrays() for table in tables), strict=True)
        return cls(*(np.concatenate(column) for column in columns))

    @classmethod
    def gather(cls, packets: Iterable["Events"]) -> "Events":
        """Join packets as they come, in columns that grow; never holds them twice.

        Examples:
            >>> Events.gather(Events.of(t=[i], x=[0]) for i in range(3)).t.tolist()
            [0, 1, 2]
        """
        columns = [GrowingColumn(dtype) for dtype in COLUMN_DTYPES]
        for packet in packets:
            for column, values in zip(columns, packet.arrays(), strict=True):
                column.append(values)
        return cls(*(column.finish() for column in columns))

    def arrays(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Return the columns in the order t, x, y, p."""
        return (self.t, self.x, self.y, self.p)

    def column(self, name: str) -> np.ndarray:
        """Return a column by its stored name: t, x, y, p, or c (the channel of audio)."""
        return dict(zip("txypc", (*self.arrays(), self.x), strict=True))[name]

    def __len__(self) -> int:
        """Return the number of events."""
        return len(self.t)

    def __iter__(self) -> Iterator[np.ndarray]:
        """Iterate over the columns t, x, y, p: ``t, x, y, p = events``."""
        return iter(self.arrays())

    def __getitem__(self, rows: slice | np.ndarray) -> "Events":
        """Return the rows of a slice (views) or of a mask or index array (copies)."""
        return Events(self.t[rows], self.x[rows], self.y[rows], self.p[rows])

    def _repr_html_(self) -> str:
        """Return what a notebook shows."""
        from eventstore.notebook.events_panel import events_html

        return events_html(self)

    def equals(self, other: "Events") -> bool:
        """Say whether both tables hold the same events in the same order."""
        return all(np.array_equal(a, b) for a, b in zip(self.arrays(), other.arrays(), strict=True))

    def shifted(self, offset_us: int) -> "Events":
        """Return the table with ``offset_us`` added to every time."""
        return Events(self.t + np.int64(offset_us), self.x, self.y, self.p)


COLUMN_DTYPES: tuple[np.dtype, ...] = (
    np.dtype(np.int64),
    np.dtype(np.uint16),
    np.dtype(np.uint16),
    np.dtype(np.uint8),
)
"""Dtypes of t, x, y, p."""


EVENT_BYTES = sum(dtype.itemsize for dtype in COLUMN_DTYPES)
"""Bytes of an event in memory: 13."""


def events_in(memory: UInt8[np.ndarray, " bytes"]) -> Events:
    """Return a table whose columns lie in a piece of memory one after the other, as it is.

    Args:
        memory: `EVENT_BYTES` for each event, aligned to 8 bytes.

    Examples:
        >>> events_in(np.zeros(26, np.uint8)).t.tolist()
        [0, 0]
    """
    n = len(memory) // EVENT_BYTES
    columns, at = [], 0
    for dtype in COLUMN_DTYPES:
        columns.append(memory[at : at + n * dtype.itemsize].view(dtype))
        at += n * dtype.itemsize
    return Events(*columns)


def back_steps(t: np.ndarray) -> int:
    """Count the places where time runs backwards."""
    return int(np.count_nonzero(t[1:] < t[:-1]))


def _column(
    name: str, values: Sequence[int] | np.ndarray, dtype: type[np.generic], top: int | None
) -> np.ndarray:
    array = np.asarray(values)
    if array.size == 0:
        return np.zeros(array.shape, dtype)
    if array.dtype.kind not in "iub":
        message = f"column {name} holds {array.dtype}, not integers"
        raise InvalidInput(message, hint="round times to µs and cast to an integer type first")
    if top is not None and (int(array.min()) < 0 or int(array.max()) > top):
        message = f"column {name} runs {array.min()} … {array.max()}, allowed 0 … {top}"
        raise InvalidInput(message, hint="check the units, the polarity coding and the geometry")
    return np.ascontiguousarray(array.astype(dtype))
