"""Write the golden stores of the present format version, and the truth of what they hold.

    python tests/golden/make_stores.py [FOLDER]

Run it when a format version is new, never to make a failing test pass: a release must read the
stores of every release before it. Stores are packed as zips; the truth is values, not bytes.
"""

import json
import shutil
import sys
import tempfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from eventstore.append import StoreWriter
from eventstore.codecs import Tier
from eventstore.events import Events, Sensor
from eventstore.schema import FORMAT_VERSION, Layout
from eventstore.side import SideTable

HERE = Path(__file__).parent
LAYOUT = Layout(chunk_events=32, shard_events=128, table_rows=32)
CAMERA = Sensor(1280, 720)
EPOCH = (1980, 1, 1, 0, 0, 0)
"""The time of all members of the zips, so that the same store is the same zip."""


@dataclass(frozen=True, kw_only=True)
class Golden:
    """A golden store: how it is made."""

    sensor: Sensor
    tier: Tier = "archive"
    lengths: tuple[int, ...]
    side: bool = False
    own: Mapping[int, Sensor] = field(default_factory=dict)


STORES: Mapping[str, Golden] = {
    "vision": Golden(sensor=CAMERA, lengths=(3, 0, 200, 61), own={0: Sensor(34, 34)}),
    "audio": Golden(sensor=Sensor.audio(64), lengths=(150, 1)),
    "side": Golden(sensor=CAMERA, lengths=(40, 5, 0), side=True),
    "fast": Golden(sensor=CAMERA, tier="fast", lengths=(3, 0, 200, 61)),
}


class Noise:
    """Numbers that look random and are the same with every version of numpy (splitmix64)."""

    def __init__(self, seed: int) -> None:
        self._state = seed << 32

    def integers(self, low: int, high: int, n: int) -> np.ndarray:
        """Return n integers of low … high - 1."""
        z = np.arange(self._state, self._state + n, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        self._state += n
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return ((z >> np.uint64(33)) % np.uint64(high - low)).astype(np.int64) + low


def noisy_events(noise: Noise, n: int, sensor: Sensor) -> Events:
    """Return events with equal times, long gaps and coordinates at the edges."""
    gaps = np.array([0, 0, 1, 1, 7, 300])[noise.integers(0, 6, n)]
    if n > 50:
        gaps[n // 2] = 1 << 33
    audio = sensor.modality == "audio"
    x, y = noise.integers(0, sensor.width, n), noise.integers(0, sensor.height, n)
    if n:
        x[-1], y[-1] = sensor.width - 1, sensor.height - 1
    p = np.ones(n, int) if audio else noise.integers(0, 2, n)
    return Events.of(t=np.cumsum(gaps), x=x, y=y, p=p)


def noisy_side(noise: Noise, n: int) -> dict[str, SideTable]:
    """Return triggers, IMU samples and frames, some before the first event, some empty."""
    if not n:
        return {}
    t = noise.integers(-1000, 1000, n)
    imu = {name: noise.integers(-(1 << 20), 1 << 20, n) / 77777 for name in ("accel_x", "gyro_z")}
    width, bits = noise.integers(0, 5, 3), np.array([8, 16, 8])
    frames = {"t": t[:3], "t_stop": t[:3] + 9, "width": width, "height": np.full(3, 2)}
    pixels = noise.integers(0, 256, int((2 * width * bits // 8).sum()))
    found = {
        "imu": SideTable.of("imu", {"t": t, **imu}),
        "frames": SideTable.of("frames", {**frames, "bits": bits, "pixels": pixels}),
    }
    if n > 10:
        edges = {"t": t, "channel": noise.integers(-3, 4, n), "edge": noise.integers(-1, 2, n)}
        found["triggers"] = SideTable.of("triggers", edges)
    return found


def make(name: str, path: Path) -> dict[str, object]:
    """Write a golden store and return its truth."""
    golden = STORES[name]
    noise = Noise(sorted(STORES).index(name) + 1)
    recordings = []
    with StoreWriter.create(path, golden.sensor, layout=LAYOUT, tier=golden.tier) as writer:
        for i, n in enumerate(golden.lengths):
            sensor = golden.own.get(i, golden.sensor)
            events = noisy_events(noise, n, sensor)
            side = noisy_side(noise, n) if golden.side else {}
            facts = {"source": f"{i}.raw", "header": {"µ": [i, None]}} if i else {}
            row = writer.append(
                f"{name}/{i}",
                [events],
                t_origin_us=1000 * i,
                source_sha256=bytes([i]) * 32,
                sensor=sensor,
                provenance=facts,
                side={kind: [table.shifted(1000 * i)] for kind, table in side.items()},
            )
            recordings.append(
                {
                    "id": row.recording_id,
                    "t_origin_us": row.t_origin_us,
                    "t_stop": row.t_stop,
                    "sensor": [sensor.width, sensor.height],
                    "digest": row.digest.hex(),
                    "side_digest": row.side_digest.hex(),
                    "source_sha256": row.source_sha256.hex(),
                    "provenance": facts,
                    "events": {c: events.column(c).tolist() for c in sensor.columns},
                    "side": {kind: _listed(table) for kind, table in side.items()},
                }
            )
            writer.publish()
    sensor = golden.sensor
    return {
        "sensor": [sensor.width, sensor.height, sensor.modality],
        "tier": golden.tier,
        "digest": writer.digest,
        "recordings": recordings,
    }


def _listed(table: SideTable) -> dict[str, list[float | None]]:
    """Return columns as lists, NaN as None."""
    return {
        name: [None if value != value else value for value in column.tolist()]  # noqa: PLR0124
        for name, column in table.columns.items()
    }


def pack(folder: Path, file: Path) -> None:
    """Pack a folder as a zip that depends on nothing but the content."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(p for p in folder.rglob("*") if p.is_file()):
            member = zipfile.ZipInfo(path.relative_to(folder).as_posix(), EPOCH)
            member.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(member, path.read_bytes())


def main(folder: Path) -> None:
    """Write all golden stores and their truth."""
    for name in STORES:
        scratch = Path(tempfile.mkdtemp())
        truth = make(name, scratch / "events.zarr")
        stem = f"store-v{FORMAT_VERSION}-{name}"
        pack(scratch / "events.zarr", folder / f"{stem}.zip")
        text = json.dumps(truth, ensure_ascii=False, separators=(",", ":"))
        (folder / f"{stem}.json").write_text(text + "\n", encoding="utf-8")
        shutil.rmtree(scratch)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE)
