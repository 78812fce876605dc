"""What ``spikelake doctor`` tries of stores: write events, read them again, compare."""

import tempfile
import time
from pathlib import Path

import numpy as np

from eventstore.append import StoreWriter
from eventstore.events import Events, Sensor
from eventstore.findings import Finding, Severity, finding_at
from eventstore.store import EventStore

CHECK = "store"
N_EVENTS = 1_000_000
SENSOR = Sensor(640, 480)


def check_store() -> list[Finding]:
    """Return how fast a million events go into a store and out of it, or what went wrong."""
    events = _events(N_EVENTS)
    with tempfile.TemporaryDirectory(prefix="spikelake-doctor-") as folder:
        _through_store(Path(folder) / "first.zarr", events)  # compiles kernels, or loads them
        read, write_s, read_s = _through_store(Path(folder) / "second.zarr", events)
    speed = f"{N_EVENTS / write_s / 1e6:,.1f} million events/s written"
    speed += f", {N_EVENTS / read_s / 1e6:,.1f} read"
    return [judge(events, read, speed)]


def _through_store(path: Path, events: Events) -> tuple[Events, float, float]:
    """Return what a store gives back, and the seconds of writing and of reading."""
    start = time.perf_counter()
    with StoreWriter.create(path, SENSOR) as writer:
        writer.append("trial", [events])
    written = time.perf_counter()
    read = EventStore.open(path).read("trial")
    return read, written - start, time.perf_counter() - written


def judge(written: Events, read: Events, speed: str) -> Finding:
    """Return whether the events that came out of a store are those that went in."""
    wrong = [name for name in ("t", "x", "y", "p") if not _same(written, read, name)]
    if wrong:
        message = f"{', '.join(wrong)} of {len(written):,} events came out changed"
        fix = "do not trust this machine with data: check its memory and disk, and report this"
        return finding_at(Severity.ERROR, "store", message, CHECK, fix)
    return finding_at(Severity.INFO, "store", f"{speed}, and all equal", CHECK)


def _events(n: int) -> Events:
    rng = np.random.default_rng(0)
    return Events.of(
        t=np.cumsum(rng.integers(0, 5, n)),
        x=rng.integers(0, SENSOR.width, n),
        y=rng.integers(0, SENSOR.height, n),
        p=rng.integers(0, 2, n),
    )


def _same(written: Events, read: Events, name: str) -> bool:
    return np.array_equal(getattr(written, name), getattr(read, name))
