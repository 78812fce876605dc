"""What a recording holds beside its events: triggers, IMU samples, frames, each kept exactly.

    triggers   t, channel, edge
    imu        t, accel_{x,y,z} m/s², gyro_{x,y,z} rad/s, mag_{x,y,z} µT, temperature °C
    frames     t, t_stop, x, y, width, height, channels, bits, start | pixels

Times are int64 µs as those of events: absolute as a reader gives them, from the recording's start
in a store, where they may be negative. Rows keep the order of the source.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

import numpy as np
from jaxtyping import Int64, Shaped

from eventstore.errors import InvalidInput, NotFound

SideKind: TypeAlias = Literal["frames", "imu", "triggers"]
"""The kinds of side streams."""

_I64, _U16, _U8, _F32 = (np.dtype(d) for d in (np.int64, np.uint16, np.uint8, np.float32))

_AXES = [f"{what}_{axis}" for what in ("accel", "gyro", "mag") for axis in "xyz"]

SIDE_COLUMNS: Mapping[str, Mapping[str, np.dtype]] = {
    "frames": {
        "t": _I64, "t_stop": _I64, "x": _U16, "y": _U16, "width": _U16, "height": _U16,
        "channels": _U8, "bits": _U8, "start": _I64, "pixels": _U8,
    },
    "imu": {"t": _I64, **dict.fromkeys(_AXES, _F32), "temperature": _F32},
    "triggers": {"t": _I64, "channel": np.dtype(np.int16), "edge": np.dtype(np.int8)},
}  # fmt: skip
"""Columns of each kind, in order, with their dtypes."""

PIXELS = "pixels"
"""The one column whose length is not the number of rows: bytes of all frames end to end."""

TIMES = ("t", "t_stop")
"""Columns that hold times."""

_ABSENT: Mapping[str, int] = {"channels": 1, "bits": 8, "edge": -1}


@dataclass(frozen=True, slots=True, eq=False)
class SideTable:
    """Some rows of one side stream; build one with `of`.

    Args:
        kind: ``"frames"``, ``"imu"`` or ``"triggers"``.
        columns: exactly the kind's columns, of exactly its dtypes (`SIDE_COLUMNS`).

            **triggers**: ``channel`` is the input's number, or the format's code of the source;
            ``edge`` is 1 rising, 0 falling, -1 neither.

            **imu**: NaN where the device has no such axis.

            **frames**: ``t`` is the start of exposure, or the frame's one stamp; ``t_stop`` the end
            of exposure, or ``t``; ``x, y`` the place of its upper left corner on the sensor;
            ``bits`` 8 or 16. The bytes of frame ``i`` begin at ``pixels[start[i]]``: rows from the
            top, in each row pixels from the left, in each pixel its channels (1 grey, 3 blue green
            red, 4 with alpha last), 16-bit values little-endian. Frames lie end to end.

    Raises:
        InvalidInput: an unknown kind, columns of other names, dtypes or lengths, or frames whose
            pixels do not fit their sizes.

    Examples:
        >>> table = SideTable.of("imu", {"t": [10, 20], "gyro_z": [0.5, -0.5]})
        >>> len(table), table.columns["gyro_z"].tolist(), table.columns["mag_x"].tolist()
        (2, [0.5, -0.5], [nan, nan])
    """

    kind: str
    columns: Mapping[str, Shaped[np.ndarray, " _"]]

    def __post_init__(self) -> None:
        schema = side_columns(self.kind)
        if tuple(self.columns) != tuple(schema):
            message = f"{self.kind} with the columns {' '.join(self.columns)}"
            raise InvalidInput(message, hint=f"the columns are {' '.join(schema)}, in that order")
        n = len(self.columns["t"])
        for name, dtype in schema.items():
            column = self.columns[name]
            fits = name == PIXELS or len(column) == n
            if column.dtype != dtype or column.ndim != 1 or not fits:
                message = (
                    f"column {name} of {self.kind} is {column.dtype}{list(column.shape)}, "
                    f"expected {dtype}[{n}]"
                )
                raise InvalidInput(message, hint="build tables with SideTable.of(kind, columns)")
        if self.kind == "frames":
            _check_frames(self.columns)

    @classmethod
    def of(cls, kind: str, columns: Mapping[str, Sequence[float] | np.ndarray]) -> "SideTable":
        """Build a table from columns of any type that fits, the rest filled in.

        Absent columns are NaN (imu), ``t`` (t_stop), 8 (bits), 1 (channels), -1 (edge), from the
        frames' sizes (start), and 0 otherwise.

        Args:
            kind: ``"frames"``, ``"imu"`` or ``"triggers"``.
            columns: at least ``t``; for frames ``width``, ``height`` and ``pixels`` too.

        Raises:
            InvalidInput: a column the kind has not, or a value that its dtype cannot hold.

        Examples:
            >>> one = SideTable.of(
            ...     "frames", {"t": [5], "width": [2], "height": [1], "pixels": [7, 8]})
            >>> one.image(0).tolist(), one.columns["t_stop"].tolist()
            ([[[7], [8]]], [5])
        """
        schema = side_columns(kind)
        unknown = sorted(set(columns) - set(schema))
        if unknown or "t" not in columns:
            message = f"{kind} with {'the column ' + unknown[0] if unknown else 'no column t'}"
            raise InvalidInput(message, hint=f"the columns are {' '.join(schema)}")
        made = {k: _cast(kind, k, v, schema[k]) for k, v in columns.items()}
        n = len(made["t"])
        for name, dtype in schema.items():
            if name not in made and name != "start":
                absent = np.nan if dtype.kind == "f" else _ABSENT.get(name, 0)
                size = 0 if name == PIXELS else n
                made[name] = made["t"] if name == "t_stop" else np.full(size, absent, dtype)
        if kind == "frames" and "start" not in made:
            sizes = frame_bytes(made)
            made["start"] = np.cumsum(sizes) - sizes
        return cls(kind, {name: made[name] for name in schema})

    @classmethod
    def empty(cls, kind: str) -> "SideTable":
        """Return a table of no rows."""
        return cls.of(kind, {"t": []})

    @classmethod
    def concatenate(cls, kind: str, tables: Sequence["SideTable"]) -> "SideTable":
        """Join tables of one kind end to end.

        Examples:
            >>> a = SideTable.of("triggers", {"t": [1], "channel": [2]})
            >>> SideTable.concatenate("triggers", [a, a]).columns["t"].tolist()
            [1, 1]
        """
        names = [name for name in side_columns(kind) if name != "start"]
        if not tables:
            return cls.empty(kind)
        return cls.of(kind, {k: np.concatenate([t.columns[k] for t in tables]) for k in names})

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.columns["t"])

    def rows(self, start: int, stop: int) -> "SideTable":
        """Return rows ``start … stop - 1`` as views, the pixels with them."""
        part = {name: column[start:stop] for name, column in self.columns.items()}
        if self.kind == "frames":
            ends = np.append(self.columns["start"], len(self.columns[PIXELS]))
            first, last = (int(ends[min(max(row, 0), len(self))]) for row in (start, stop))
            part[PIXELS] = self.columns[PIXELS][first : max(first, last)]
            part["start"] = part["start"] - first
        return SideTable(self.kind, part)

    def shifted(self, offset_us: int) -> "SideTable":
        """Return the table with ``offset_us`` added to every time."""
        times = {k: self.columns[k] + np.int64(offset_us) for k in TIMES if k in self.columns}
        return SideTable(self.kind, {**self.columns, **times})

    def image(self, row: int) -> Shaped[np.ndarray, "h w c"]:
        """Return the pixels of a frame, uint8 or uint16, ``(height, width, channels)``.

        Raises:
            InvalidInput: these are no frames, or there is no such row.
        """
        if self.kind != "frames" or not 0 <= row < len(self):
            message = f"no frame {row} in {len(self)} rows of {self.kind}"
            raise InvalidInput(message, hint="frames have pixels, and rows run from 0")
        names = ("height", "width", "channels", "bits", "start")
        height, width, channels, bits, start = (int(self.columns[k][row]) for k in names)
        stop = start + height * width * channels * bits // 8
        pixels = np.ascontiguousarray(self.columns[PIXELS][start:stop])
        return pixels.view("<u2" if bits == 16 else "u1").reshape(height, width, channels)

    def equals(self, other: "SideTable") -> bool:
        """Say whether both hold the same bytes: NaN equals NaN."""
        return self.kind == other.kind and all(
            a.tobytes() == b.tobytes()
            for a, b in zip(self.columns.values(), other.columns.values(), strict=True)
        )


def side_columns(kind: str) -> Mapping[str, np.dtype]:
    """Return the columns of a kind, with their dtypes.

    Raises:
        NotFound: there is no such kind.

    Examples:
        >>> list(side_columns("triggers"))
        ['t', 'channel', 'edge']
    """
    if kind not in SIDE_COLUMNS:
        missing = NotFound.among("kind of side stream", kind, get_args(SideKind))
        raise missing
    return SIDE_COLUMNS[kind]


def frame_bytes(columns: Mapping[str, np.ndarray]) -> Int64[np.ndarray, " n"]:
    """Return how many bytes of pixels each frame has.

    Examples:
        >>> one = {"width": np.array([3]), "height": np.array([2])}
        >>> frame_bytes(one | {"channels": np.array([1]), "bits": np.array([16])}).tolist()
        [12]
    """
    width, height = columns["width"].astype(np.int64), columns["height"].astype(np.int64)
    values: np.ndarray = width * height * columns["channels"]
    return values * (columns["bits"].astype(np.int64) // 8)


def _check_frames(columns: Mapping[str, np.ndarray]) -> None:
    odd = ~np.isin(columns["bits"], (8, 16))
    if odd.any():
        message = f"frame {int(np.argmax(odd))} has {columns['bits'][odd][0]} bits a value"
        raise InvalidInput(message, hint="frames hold 8 or 16 bits: convert others")
    sizes = frame_bytes(columns)
    ends = np.cumsum(sizes)
    wrong = columns["start"] != ends - sizes
    if wrong.any():
        row = int(np.argmax(wrong))
        message = (
            f"frame {row} starts at byte {columns['start'][row]}, those before it end at "
            f"{(ends - sizes)[row]}"
        )
        raise InvalidInput(message, hint="leave start out: SideTable.of computes it")
    if len(columns[PIXELS]) != int(sizes.sum()):
        message = f"{len(columns[PIXELS])} bytes of pixels for frames of {int(sizes.sum())}"
        raise InvalidInput(message, hint="give height · width · channels · bits / 8 bytes a frame")


def _cast(
    kind: str, name: str, values: Sequence[float] | np.ndarray, dtype: np.dtype
) -> np.ndarray:
    array = np.asarray(values)
    if not array.size:
        return np.zeros(array.shape, dtype)
    if dtype.kind == "f":
        return np.ascontiguousarray(array, dtype)
    limits = np.iinfo(dtype)
    low, high = array.min(), array.max()
    if array.dtype.kind not in "iub" or int(low) < limits.min or int(high) > limits.max:
        message = f"column {name} of {kind} runs {low} … {high} ({array.dtype}), it is {dtype}"
        raise InvalidInput(message, hint="round to integers and check the unit")
    return np.ascontiguousarray(array, dtype)
