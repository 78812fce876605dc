"""Made-up recordings with all that a store can hold, for tests: the same number, the same one."""

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import numpy as np

from eventstore.append import StoreWriter
from eventstore.codecs import Tier
from eventstore.events import Events, Sensor
from eventstore.schema import Layout
from eventstore.side import SideTable

SAMPLE_SENSOR = Sensor(34, 20)
"""Sensor of stores of sample recordings; some recordings are of a smaller one."""

SAMPLE_LAYOUT = Layout(chunk_events=16, shard_events=64, table_rows=4)
"""Tiny chunks, so that small recordings cross chunks, shards and chunks of tables."""


class SampleRecording(NamedTuple):
    """One made-up recording, in the words of `StoreWriter.append`."""

    recording_id: str
    events: Events
    t_origin_us: int
    source_sha256: bytes
    sensor: Sensor
    provenance: dict[str, object]
    side: dict[str, list[SideTable]]


def sample_recording(number: int) -> SampleRecording:
    """Return the recording of a number: every fifth is empty, some have side streams.

    Examples:
        >>> sample_recording(3).recording_id, len(sample_recording(4).events)
        ('r3', 0)
    """
    rng = np.random.default_rng(number)
    n = 0 if number % 5 == 4 else int(rng.integers(10, 90))
    sensor = SAMPLE_SENSOR if number % 2 else Sensor(20, 12)
    origin = 1_000_000 * number
    events = Events.of(
        t=np.sort(rng.integers(0, 4 * n + 1, n)),
        x=rng.integers(0, sensor.width, n),
        y=rng.integers(0, sensor.height, n),
        p=rng.integers(0, 2, n),
    )
    return SampleRecording(
        recording_id=f"r{number}",
        events=events,
        t_origin_us=origin,
        source_sha256=bytes([number % 256]) * 32,
        sensor=sensor,
        provenance={"source": f"file-{number}.raw"} if number % 3 else {},
        side=_side(number, origin, rng),
    )


def _side(number: int, origin: int, rng: np.random.Generator) -> dict[str, list[SideTable]]:
    side = {}
    if number % 4 == 1:
        t = origin + np.arange(-5, 20) * 100
        gyro = rng.normal(size=len(t)).astype(np.float32)
        side["imu"] = [SideTable.of("imu", {"t": t, "gyro_z": gyro})]
    if number % 4 in {1, 2}:
        t = origin + np.arange(3 + number % 7)
        side["triggers"] = [SideTable.of("triggers", {"t": t, "edge": t % 2})]
    if number % 3 == 1:
        shape = {"t": [origin, origin + 40], "width": [4, 3], "height": [2, 3]}
        pixels = rng.integers(0, 256, 4 * 2 + 3 * 3)
        side["frames"] = [SideTable.of("frames", {**shape, "pixels": pixels})]
    return side


def write_samples(
    path: Path,
    numbers: Iterable[int],
    *,
    layout: Layout = SAMPLE_LAYOUT,
    tier: Tier = "archive",
) -> str:
    """Append the recordings of some numbers to a store, made where it is absent; return its digest.

    Args:
        path: the store's folder.
        numbers: which recordings.
        layout: how a new store is cut.
        tier: tier of a new store.

    Examples:
        >>> from tempfile import mkdtemp
        >>> from eventstore.store import EventStore
        >>> path = Path(mkdtemp()) / "events.zarr"
        >>> digest = write_samples(path, range(3))
        >>> EventStore.open(path).recordings.ids
        ['r0', 'r1', 'r2']
    """
    if path.exists():
        opened = StoreWriter.open(path)
    else:
        opened = StoreWriter.create(path, SAMPLE_SENSOR, layout=layout, tier=tier)
    with opened as writer:
        append_samples(writer, numbers)
    return writer.digest


def append_samples(writer: StoreWriter, numbers: Iterable[int]) -> None:
    """Append the recordings of some numbers to an open store.

    Examples:
        >>> from tempfile import mkdtemp
        >>> with StoreWriter.create(Path(mkdtemp()) / "events.zarr", SAMPLE_SENSOR) as writer:
        ...     append_samples(writer, [7, 9])
        >>> list(writer.recording_ids)
        ['r7', 'r9']
    """
    for number in numbers:
        made = sample_recording(number)
        writer.append(
            made.recording_id,
            [made.events],
            t_origin_us=made.t_origin_us,
            source_sha256=made.source_sha256,
            sensor=made.sensor,
            provenance=made.provenance,
            side=made.side,
        )
