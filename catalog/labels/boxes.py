"""Boxes: where objects are on the sensor at an instant, one row each, linked into tracks.

A label kind of its own, as text beside the intervals: ``labels/boxes/<set>.tsv``. In memory a table
is columns, as it may have 10⁵ rows and more. Numbers are written as short as they read back to the
very same ones; ``label_id``, ``track_id`` and ``confidence`` are columns only where a box has them.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from typing import TypeAlias

import numpy as np
from jaxtyping import Float64, Int64

from eventstore.errors import InvalidInput

BOX_COLUMNS = ("recording_id", "t_us", "x", "y", "w", "h", "label")

BOX_EXTRAS = ("label_id", "track_id", "confidence")
"""Columns that may follow, in this order."""

BOXES_PREFIX = "spikelake-boxes-1\n"
"""Names the algorithm inside the digest."""

NO_ID = -1
"""Stands for the track or class number that a box has not."""

Rows: TypeAlias = Int64[np.ndarray, " k"]
"""Numbers of some rows."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Boxes:
    """A table of boxes, sorted by recording and time; build one with `Boxes.of`.

    Args:
        recording_ids: the recordings that have boxes, sorted.
        recording: each box's recording, an index into ``recording_ids``.
        t: µs from the recording's start.
        x: left edge in pixels; may lie off the sensor.
        y: upper edge.
        w: width in pixels.
        h: height.
        label_names: the classes that boxes have, sorted.
        label: each box's class, an index into ``label_names``.
        label_id: the class as its source numbers it; -1 where it does not.
        track_id: the object that a box shows, within its recording; -1 where that is not known.
        confidence: from 0 to 1; NaN where none is given.

    Examples:
        >>> boxes = Boxes.of(recording_id="a", t=[9, 2], x=1, y=1, w=3, h=2, label="car")
        >>> boxes.t.tolist(), boxes.label_names
        ([2, 9], ('car',))
    """

    recording_ids: tuple[str, ...]
    recording: Int64[np.ndarray, " n"]
    t: Int64[np.ndarray, " n"]
    x: Float64[np.ndarray, " n"]
    y: Float64[np.ndarray, " n"]
    w: Float64[np.ndarray, " n"]
    h: Float64[np.ndarray, " n"]
    label_names: tuple[str, ...]
    label: Int64[np.ndarray, " n"]
    label_id: Int64[np.ndarray, " n"]
    track_id: Int64[np.ndarray, " n"]
    confidence: Float64[np.ndarray, " n"]

    @classmethod
    def of(
        cls,
        *,
        recording_id: str | Sequence[str],
        t: object,
        x: object,
        y: object,
        w: object,
        h: object,
        label: str | Sequence[str],
        label_id: object = NO_ID,
        track_id: object = NO_ID,
        confidence: object = np.nan,
    ) -> "Boxes":
        """Build a table from columns in any order of rows; a single value stands for all rows.

        Raises:
            InvalidInput: columns of different lengths, a time before the recording's start, a
                number that is not finite, a negative width or height, a confidence beyond 0 to 1.

        Examples:
            >>> boxes = Boxes.of(recording_id="a", t=[9, 2], x=1, y=1, w=3, h=2.5, label="car")
            >>> boxes.t.tolist(), boxes.label_names
            ([2, 9], ('car',))
        """
        n = len(np.atleast_1d(np.asarray(t)))
        recording_ids, recording = _coded(recording_id, n)
        label_names, labels = _coded(label, n)
        whole = {"t": t, "label_id": label_id, "track_id": track_id}
        real = {"x": x, "y": y, "w": w, "h": h, "confidence": confidence}
        columns = {k: _column(k, v, n, np.dtype(np.int64)) for k, v in whole.items()}
        columns |= {k: _column(k, v, n, np.dtype(np.float64)) for k, v in real.items()}
        _check(columns)
        columns |= {"recording": recording, "label": labels}
        keys = ("confidence", "h", "w", "y", "x", "label_id", "label", "track_id", "t", "recording")
        order = np.lexsort([columns[key] for key in keys])
        columns = {name: column[order] for name, column in columns.items()}
        return cls(recording_ids=recording_ids, label_names=label_names, **columns)

    @classmethod
    def joined(cls, tables: Sequence["Boxes"]) -> "Boxes":
        """Return all boxes of some tables as one.

        Examples:
            >>> one = Boxes.of(recording_id="a", t=[9], x=1, y=1, w=3, h=2, label="car")
            >>> len(Boxes.joined([one, one]))
            2
        """
        columns = {
            name: np.concatenate([getattr(x, name) for x in (_EMPTY, *tables)])
            for name in ("t", "x", "y", "w", "h", "label_id", "track_id", "confidence")
        }
        ids = [x.recording_ids[i] for x in tables for i in x.recording.tolist()]
        labels = [x.label_names[i] for x in tables for i in x.label.tolist()]
        return cls.of(recording_id=ids, label=labels, **columns)

    def __len__(self) -> int:
        """Return the number of boxes."""
        return len(self.t)

    def __repr__(self) -> str:
        """Return how many boxes of how many recordings there are."""
        return f"<Boxes {len(self):,} of {len(self.recording_ids):,} recordings>"

    def take(self, rows: Rows) -> "Boxes":
        """Return some rows, in the order of the table."""
        taken = {f.name: getattr(self, f.name) for f in fields(self)}
        rows = np.sort(rows)
        taken |= {k: v[rows] for k, v in taken.items() if isinstance(v, np.ndarray)}
        for names, codes in (("recording_ids", "recording"), ("label_names", "label")):
            used, taken[codes] = np.unique(taken[codes], return_inverse=True)
            taken[names] = tuple(taken[names][i] for i in used.tolist())
        return Boxes(**taken)

    def rows_of(self, recording_id: str, t_start_us: int = 0, t_stop_us: int | None = None) -> Rows:
        """Return the rows of a recording, or of a time slice ``[start, stop)`` of it.

        None where the recording has no boxes, so it need not be known here.
        """
        if recording_id not in self.recording_ids:
            return np.zeros(0, np.int64)
        at = self.recording_ids.index(recording_id)
        low, high = (int(np.searchsorted(self.recording, at, side)) for side in ("left", "right"))
        times = self.t[low:high]
        first = low + int(np.searchsorted(times, t_start_us))
        last = high if t_stop_us is None else low + int(np.searchsorted(times, t_stop_us))
        return np.arange(first, max(first, last))

    def of_recording(
        self, recording_id: str, t_start_us: int = 0, t_stop_us: int | None = None
    ) -> "Boxes":
        """Return the boxes of a recording, or of a time slice ``[start, stop)`` of it.

        Examples:
            >>> boxes = Boxes.of(recording_id="a", t=[2, 9], x=1, y=1, w=3, h=2, label="car")
            >>> len(boxes.of_recording("a", 0, 9)), len(boxes.of_recording("b"))
            (1, 0)
        """
        return self.take(self.rows_of(recording_id, t_start_us, t_stop_us))

    def without(self, recording_ids: Collection[str]) -> "Boxes":
        """Return the boxes of all other recordings."""
        gone = [i for i, name in enumerate(self.recording_ids) if name in recording_ids]
        return self.take(np.flatnonzero(~np.isin(self.recording, gone)))


def _coded(names: str | Sequence[str], n: int) -> tuple[tuple[str, ...], Int64[np.ndarray, " n"]]:
    if isinstance(names, str):
        return ((names,) if n else ()), np.zeros(n, np.int64)
    if len(names) != n:
        message = f"{len(names)} names for {n} boxes"
        raise InvalidInput(message, hint="give a name for each box, or one for all")
    found = sorted(set(names))
    index = {name: i for i, name in enumerate(found)}
    return tuple(found), np.array([index[name] for name in names], np.int64)


def _column(name: str, values: object, n: int, dtype: np.dtype) -> np.ndarray:
    column = np.asarray(values)
    if column.ndim > 1 or (column.ndim == 1 and len(column) != n):
        message = f"{name} has {column.size} values for {n} boxes"
        raise InvalidInput(message, hint="give a value for each box, or one for all")
    with np.errstate(invalid="ignore"):
        cast = np.broadcast_to(column, n).astype(dtype)
    if dtype.kind == "i" and column.size and not np.array_equal(cast, np.broadcast_to(column, n)):
        message = f"{name} of a box is no whole number of 64 bits"
        raise InvalidInput(message, hint="µs, class and track numbers are whole")
    return cast


def _check(columns: dict[str, np.ndarray]) -> None:
    confidence = columns["confidence"]
    wrong = {
        "t": (columns["t"] < 0, "lies before the recording's start"),
        "w": (columns["w"] < 0, "is negative"),
        "h": (columns["h"] < 0, "is negative"),
        "label_id": (columns["label_id"] < NO_ID, "is negative"),
        "track_id": (columns["track_id"] < NO_ID, "is negative"),
        "confidence": (~np.isnan(confidence) & ~((confidence >= 0) & (confidence <= 1)), "is none"),
    }
    unknown = {k: (~np.isfinite(columns[k]), "is no number") for k in ("x", "y", "w", "h")}
    for table in (unknown, wrong):
        for name, (bad, said) in table.items():
            if bad.any():
                first = int(np.argmax(bad))
                value = columns[name][first].item()
                more = f" (and {int(bad.sum()) - 1:,} more)" if bad.sum() > 1 else ""
                message = f"{name} of box {first} {said}: {value}{more}"
                raise InvalidInput(message, hint="correct the box, or leave it out")


_EMPTY = Boxes.of(recording_id="", t=[], x=[], y=[], w=[], h=[], label="")
