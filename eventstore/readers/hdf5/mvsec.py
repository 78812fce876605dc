"""Read MVSEC (``.hdf5``): a stereo pair of DAVIS cameras, with frames and IMU samples.

    davis/left/events          n × 4 floats: x, y, t in s of Unix time, p of -1 and 1
    davis/left/image_raw       n × height × width, 8 bits      image_raw_ts   s
    davis/left/imu             n × 6: acceleration m/s², angular velocity rad/s      imu_ts   s
    davis/right/…

Each camera is a recording. Format: https://daniilidis-group.github.io/mvsec/download.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from eventstore.errors import FormatError
from eventstore.events import Sensor
from eventstore.readers.column_rows import table_of_rows
from eventstore.readers.column_values import Place, to_times
from eventstore.readers.hdf5.columns import packet_rows, whole_rows
from eventstore.readers.hdf5.cursor import HINT
from eventstore.readers.hdf5.dataset import Dataset
from eventstore.readers.hdf5.file import Group, open_hdf5
from eventstore.readers.hdf5.layouts import SUFFIXES, has_layout
from eventstore.readers.protocol import (
    PACKET_EVENTS,
    ByteSource,
    Part,
    Recording,
    SideStreams,
    choose_part,
)
from eventstore.side import SideTable

ORDER = "xytp"

_IMU = ("accel_x", "accel_y", "accel_z", "gyro_x", "gyro_y", "gyro_z")
_IMU_ROWS = 1 << 14
_FRAME_BYTES = 1 << 24


@dataclass(frozen=True, slots=True, kw_only=True)
class MvsecReader:
    """Reader of MVSEC; each camera of the pair is a recording.

    Args:
        packet_events: most events in one packet.
    """

    packet_events: int = PACKET_EVENTS
    name: str = "mvsec"
    suffixes: tuple[str, ...] = SUFFIXES
    holds_many: bool = True

    def sniff(self, source: ByteSource) -> bool:
        """Say whether this is an HDF5 file with events of a DAVIS in it."""
        return has_layout(source, self.name)

    def parts(self, source: ByteSource) -> Sequence[Part]:
        """List the cameras: ``left`` and ``right``."""
        return _parts(open_hdf5(source))

    def read(self, source: ByteSource, *, sensor: Sensor | None = None) -> Recording:
        """Open a recording; a cut file gives the events before the cut and a finding.

        Raises:
            FormatError: the table of events is missing or damaged, or holds no events.
            NotFound: there is no such camera.
        """
        root = open_hdf5(source)
        part = choose_part(source, _parts(root))
        davis = root.group("davis") or root
        events = davis.need(f"{part.name}/events")
        camera = davis.group(part.name) or davis
        n_rows, findings = whole_rows({"events": events})
        table = table_of_rows(
            source,
            events,
            hint=HINT,
            order=ORDER,
            unit="s",
            packet_events=packet_rows({"events": events}, self.packet_events),
            n_rows=n_rows,
        )
        table.findings.extend(findings)
        return table.record(
            reader=self.name,
            stated=sensor or _stated_sensor(camera),
            side=_side(camera),
            own_clock=False,
        )


READER = MvsecReader()


def _parts(root: Group) -> list[Part]:
    davis = root.group("davis")
    sides = [] if davis is None else [s for s in davis if "events" in (davis.group(s) or ())]
    return [Part(name=side) for side in sides] or [Part(name="left")]


def _stated_sensor(camera: Group) -> Sensor | None:
    frames = camera.dataset("image_raw")
    if frames is None or len(frames.shape) != 3 or not 0 < max(frames.shape[1:]) < 1 << 16:
        return None
    return Sensor(width=frames.shape[2], height=frames.shape[1])


def _side(camera: Group) -> SideStreams:
    found: dict[str, Callable[[], Iterator[SideTable]]] = {}
    pairs = {"frames": ("image_raw", "image_raw_ts"), "imu": ("imu", "imu_ts")}
    for kind, names in pairs.items():
        values, times = (camera.dataset(name) for name in names)
        if values is not None and times is not None:
            read = _iter_frames if kind == "frames" else _iter_imu
            found[kind] = partial(read, values, times)
    return found


def _iter_imu(values: Dataset, times: Dataset) -> Iterator[SideTable]:
    _check(values, times, rank=2)
    if values.shape[1] != len(_IMU):
        _refuse(values, f"{len(_IMU)} columns")
    for start, stop in _steps(values, times, _IMU_ROWS):
        with np.errstate(over="ignore", invalid="ignore"):
            rows = values.rows(start, stop).astype(np.float32)
        columns = {name: rows[:, at] for at, name in enumerate(_IMU)}
        yield SideTable.of("imu", {"t": _times(times, start, stop), **columns})


def _iter_frames(values: Dataset, times: Dataset) -> Iterator[SideTable]:
    _check(values, times, rank=3)
    height, width = values.shape[1:]
    if values.dtype != np.uint8 or not height * width:
        _refuse(values, "frames of 8 bits")
    for start, stop in _steps(values, times, max(_FRAME_BYTES // (height * width), 1)):
        n = stop - start
        yield SideTable.of(
            "frames",
            {
                "t": _times(times, start, stop),
                "width": np.full(n, width),
                "height": np.full(n, height),
                "pixels": values.rows(start, stop).ravel(),
            },
        )


def _steps(values: Dataset, times: Dataset, step: int) -> Iterator[tuple[int, int]]:
    n_rows = min(values.whole_rows()[0], times.whole_rows()[0])
    for start in range(0, n_rows, step):
        yield start, min(start + step, n_rows)


def _times(times: Dataset, start: int, stop: int) -> np.ndarray:
    place = Place(name=times.space.source.name, row=start, hint=HINT)
    return to_times(times.rows(start, stop), "s", place)


def _check(values: Dataset, times: Dataset, *, rank: int) -> None:
    if len(values.shape) != rank or len(times.shape) != 1 or values.dtype.kind not in "iuf":
        _refuse(values, f"{rank} axes, and a time for each row")


def _refuse(values: Dataset, expected: str) -> None:
    message = f"{values.path} is not what it is called"
    found = f"{values.dtype}{list(values.shape)}"
    name = values.space.source.name
    raise FormatError(message, path=name, expected=expected, found=found, hint=HINT)
