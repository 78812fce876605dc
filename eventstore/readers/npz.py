"""Read numpy archives (``.npz``): columns ``t x y p``, ``t c`` for audio, or a table ``events``.

Only plain arrays are read, straight from the archive's bytes: nothing is ever unpickled, and an
array may claim no more bytes than it has. Integer times are µs, floating ones seconds. Scalars
``width`` and ``height`` give the geometry; arrays of other names are left alone.
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from tokenize import TokenError

import numpy as np

from eventstore.errors import FormatError
from eventstore.events import Events, Sensor
from eventstore.readers.geometry import KNOWN_COCHLEAS, KNOWN_SENSORS, no_events, settle_sensor
from eventstore.readers.protocol import (
    ORIGIN_LIMIT_US,
    PACKET_EVENTS,
    ByteSource,
    OneRecording,
    Recording,
)
from eventstore.readers.zip_members import list_members, read_member

NAMES = {
    "t": ("t", "ts", "time", "timestamp", "timestamps"),
    "x": ("x", "xs"),
    "y": ("y", "ys"),
    "p": ("p", "ps", "pol", "polarity"),
    "c": ("c", "channel", "units"),
}
"""What archives call the columns."""

_WANTED = {"events", "width", "height", *(alias for names in NAMES.values() for alias in names)}
_TIME_LIMIT = 1 << 62
_COORDINATES = (0, (1 << 16) - 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class NpzReader(OneRecording):
    """Reader of numpy archives.

    Args:
        packet_events: most events in one packet.
    """

    packet_events: int = PACKET_EVENTS
    name: str = "npz"
    suffixes: tuple[str, ...] = (".npz",)
    zero_based: bool = True

    def sniff(self, source: ByteSource) -> bool:
        """Say whether the archive holds arrays of the known names."""
        if source.suffix not in self.suffixes:
            return False
        try:
            members = list_members(io.BytesIO(source.data), source.name)
        except FormatError:
            return False
        stems = {member.name.removesuffix(".npy") for member in members}
        return bool(stems & {"events", *NAMES["t"]})

    def read(self, source: ByteSource, *, sensor: Sensor | None = None) -> Recording:
        """Open a recording.

        Raises:
            FormatError: an array is missing, damaged, not plain numbers, or out of range.
        """
        arrays = read_arrays(source)
        events, audio = _table(source.name, arrays)
        sensor = sensor or _stated_sensor(source.name, arrays, audio=audio)
        sensor, findings = settle_sensor(
            source.name,
            sensor,
            lambda: (int(events.x.max(initial=0)), int(events.y.max(initial=0))),
            KNOWN_COCHLEAS if audio else KNOWN_SENSORS,
        )
        if not len(events):
            findings.append(no_events(source.name))
        return Recording(
            source=source.name,
            sensor=sensor,
            reader=self.name,
            zero_based=len(events) == 0 or 0 <= int(events.t[0]) < ORIGIN_LIMIT_US,
            packets=self._packets(events),
            findings=findings,
        )

    def _packets(self, events: Events) -> Iterator[Events]:
        for start in range(0, len(events), self.packet_events):
            yield events[start : start + self.packet_events]


READER = NpzReader()


def read_arrays(source: ByteSource) -> dict[str, np.ndarray]:
    """Read the arrays of known names in a ``.npz`` without numpy's unpickling.

    Raises:
        FormatError: the archive is damaged or unsafe, or an array is not plain numbers.
    """
    arrays: dict[str, np.ndarray] = {}
    for member in list_members(io.BytesIO(source.data), source.name):
        stem = member.name.removesuffix(".npy")
        if stem in _WANTED:
            name = f"{source.name}:{member.name}"
            arrays[stem] = _array(name, read_member(source.data, member, name).data)
    return arrays


def _array(name: str, data: memoryview) -> np.ndarray:
    """Parse one ``.npy``; see numpy.lib.format for its layout."""
    stream = io.BytesIO(data)
    try:
        version = np.lib.format.read_magic(stream)
        read_header = {
            (1, 0): np.lib.format.read_array_header_1_0,
            (2, 0): np.lib.format.read_array_header_2_0,
        }[version]
        shape, fortran, dtype = read_header(stream)
    except (ValueError, KeyError, SyntaxError, TypeError, TokenError) as error:
        what = "a .npy header"
        raise _error(name, "not a numpy array", what, str(error).split("\n")[0][:80]) from error
    if dtype.hasobject:
        raise _error(name, "array of Python objects is not unpickled", "numbers", str(dtype))
    at = stream.tell()
    wanted = dtype.itemsize
    for length in shape:
        wanted *= length
    if wanted != len(data) - at or min(shape, default=0) < 0:
        raise _error(name, "array of the wrong size", f"{wanted} bytes", f"{len(data) - at}", at)
    if wanted == 0:
        return np.empty(0, dtype)
    flat = np.frombuffer(data[at:], dtype)
    return flat.reshape(shape[::-1]).T if fortran else flat.reshape(shape)


def _table(name: str, arrays: dict[str, np.ndarray]) -> tuple[Events, bool]:
    columns = _columns(arrays)
    audio = "c" in columns and "x" not in columns
    wanted = "tc" if audio else "txyp"
    if any(letter not in columns for letter in wanted):
        hint = "save it as np.savez(path, t=…, x=…, y=…, p=…), or t=…, c=… for audio"
        found = ", ".join(f"{key}{list(a.shape)}" for key, a in arrays.items()) or "no arrays"
        message, expected = "no event columns", "arrays t, x, y, p"
        raise FormatError(message, path=name, expected=expected, found=found, hint=hint)
    lengths = {columns[letter].shape for letter in wanted}
    if len(lengths) != 1 or len(lengths.pop()) != 1:
        found = ", ".join(f"{letter}{list(columns[letter].shape)}" for letter in wanted)
        raise _error(name, "columns differ in length", "one-dimensional columns", found)
    t = _times(name, columns["t"])
    if audio:
        return Events.of(t=t, x=_integers(name, "c", columns["c"], _COORDINATES)), True
    return Events.of(
        t=t,
        x=_integers(name, "x", columns["x"], _COORDINATES),
        y=_integers(name, "y", columns["y"], _COORDINATES),
        p=_integers(name, "p", columns["p"], (-1, 1)) > 0,
    ), False


def _columns(arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    structured = arrays.get("events")
    if structured is not None and structured.dtype.names:
        arrays = {field: structured[field] for field in structured.dtype.names}
    return {
        letter: arrays[alias]
        for letter, aliases in NAMES.items()
        for alias in aliases
        if alias in arrays
    }


def _times(name: str, column: np.ndarray) -> np.ndarray:
    if column.dtype.kind == "f":  # float16 seconds, as in SHD, overflow unless widened first
        with np.errstate(over="ignore"):
            column = np.rint(column.astype(np.float64) * 1e6)
    return _integers(name, "t", column, (-_TIME_LIMIT, _TIME_LIMIT))


def _integers(name: str, letter: str, column: np.ndarray, limits: tuple[int, int]) -> np.ndarray:
    """Return a column as int64, refusing fractions, NaN and values out of range."""
    if column.dtype.kind not in "iubf":
        raise _error(name, f"column {letter} is not numbers", "integers", str(column.dtype))
    if len(column) == 0:
        return np.zeros(0, np.int64)
    low, high = column.min(), column.max()
    if not (low >= limits[0] and high <= limits[1]):  # also refuses NaN
        expected = f"{limits[0]} … {limits[1]}"
        raise _error(name, f"column {letter} out of range", expected, f"{low} … {high}")
    if column.dtype.kind == "f" and bool((column != np.rint(column)).any()):
        raise _error(name, f"column {letter} has fractions", "integers", str(column.dtype))
    return column.astype(np.int64)


def _stated_sensor(name: str, arrays: dict[str, np.ndarray], *, audio: bool) -> Sensor | None:
    sizes = []
    for key in ("width", "height"):
        array = arrays.get(key, np.array(1) if audio and key == "height" else None)
        if array is None:
            return None
        if array.size != 1:
            raise _error(name, f"{key} is no scalar", "one number", str(list(array.shape)))
        sizes.append(int(_integers(name, key, array.reshape(1), (1, 1 << 16))[0]))
    return Sensor.audio(sizes[0]) if audio else Sensor(sizes[0], sizes[1])


def _error(
    name: str, message: str, expected: str, found: str, offset: int | None = None
) -> FormatError:
    hint = "save plain numeric columns with np.savez; times in integer µs or float seconds"
    return FormatError(message, path=name, offset=offset, expected=expected, found=found, hint=hint)
