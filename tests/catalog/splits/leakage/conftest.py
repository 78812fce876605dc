"""Recordings of moving digits, altered copies of them, and stores that hold both."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from eventstore.append import StoreWriter
from eventstore.events import Events, Sensor
from eventstore.ingest import ingest
from eventstore.store import EventStore

Alteration = Callable[[Events, Sensor, np.random.Generator], Events]


def _build(t: np.ndarray, x: np.ndarray, y: np.ndarray, p: np.ndarray) -> Events:
    order = np.argsort(t, kind="stable")
    return Events.of(t=t[order], x=x[order], y=y[order], p=p[order])


def shift(e: Events, _: Sensor, rng: np.random.Generator) -> Events:
    return e.shifted(int(rng.integers(1_000, 200_000)))


def drop(e: Events, _: Sensor, rng: np.random.Generator) -> Events:
    return e[rng.random(len(e)) >= 0.2]


def jitter(e: Events, sensor: Sensor, rng: np.random.Generator) -> Events:
    n = len(e)
    t = np.maximum(e.t + rng.normal(0, 1000, n).astype(np.int64), 0)
    x = np.clip(e.x.astype(int) + rng.integers(-1, 2, n), 0, sensor.width - 1)
    y = np.clip(e.y.astype(int) + rng.integers(-1, 2, n), 0, sensor.height - 1)
    return _build(t, x, y, e.p)


def round_ms(e: Events, _: Sensor, rng: np.random.Generator) -> Events:
    return Events.of(t=e.t // 1000 * 1000, x=e.x, y=e.y, p=e.p)


def noise(e: Events, sensor: Sensor, rng: np.random.Generator) -> Events:
    n = round(0.3 * len(e))
    highs = (int(e.t[-1]) + 1, sensor.width, sensor.height, 2)
    columns = zip(e, highs, strict=True)
    return _build(*(np.concatenate((column, rng.integers(0, high, n))) for column, high in columns))


def flip(e: Events, sensor: Sensor, rng: np.random.Generator) -> Events:
    return Events.of(t=e.t, x=sensor.width - 1 - e.x.astype(int), y=e.y, p=e.p)


def swap(e: Events, _: Sensor, rng: np.random.Generator) -> Events:
    return Events.of(t=e.t, x=e.x, y=e.y, p=1 - e.p)


def first_part(e: Events, _: Sensor, rng: np.random.Generator) -> Events:
    return e[e.t < 0.8 * e.t[-1]]


def part_of_area(e: Events, sensor: Sensor, rng: np.random.Generator) -> Events:
    width, height = round(0.8 * sensor.width), round(0.8 * sensor.height)
    left = int(rng.integers(0, sensor.width - width + 1))
    top = int(rng.integers(0, sensor.height - height + 1))
    inside = (e.x >= left) & (e.x < left + width) & (e.y >= top) & (e.y < top + height)
    kept = e[inside]
    return Events.of(t=kept.t, x=kept.x - left, y=kept.y - top, p=kept.p)


ALTERATIONS: dict[str, Alteration] = {
    f.__name__: f
    for f in (shift, drop, jitter, round_ms, noise, flip, swap, first_part, part_of_area)
}


@pytest.fixture(scope="session")
def alterations() -> dict[str, Alteration]:
    """The ways in which copies are altered: as issue bars and papers on augmentation name them."""
    return ALTERATIONS


def moving_digit(seed: int, n: int = 3000) -> Events:
    """Return events along a stroke of its own that moves as all others do."""
    rng = np.random.default_rng(seed)
    t = np.sort(rng.integers(0, 300_000, n))
    along, bend = rng.random(n), rng.uniform(-8, 8, 2)
    sway = 4 * np.sin(t / 300_000 * 6 * np.pi)
    x = 17 + bend[0] * np.sin(3 * along) + sway + rng.normal(0, 0.6, n)
    y = 5 + 24 * along + bend[1] * along * (1 - along) + rng.normal(0, 0.6, n)
    column, row = (np.clip(np.rint(c), 0, 33).astype(int) for c in (x, y))
    return Events.of(t=t, x=column, y=row, p=rng.integers(0, 2, n))


@pytest.fixture(scope="session")
def digits() -> list[Events]:
    """Recordings of different writers, alike in all but the details."""
    return [moving_digit(seed) for seed in range(40)]


@pytest.fixture(scope="session")
def sensor() -> Sensor:
    return Sensor(34, 34)


@pytest.fixture
def store_of(tmp_path: Path, sensor: Sensor) -> Callable[[list[Events]], EventStore]:
    """A function that writes recordings, named by their number, into a store."""

    def write(recordings: list[Events]) -> EventStore:
        path = tmp_path / f"{len(list(tmp_path.iterdir()))}.zarr"
        with StoreWriter.create(path, sensor) as writer:
            for number, events in enumerate(recordings):
                writer.append(f"{number:05}", [events])
        return EventStore.open(path)

    return write


@pytest.fixture(scope="session")
def nmnist(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> EventStore:
    """The 1,100 recordings of N-MNIST."""
    folder = shared_data / "nmnist-small"
    if not folder.is_dir():
        pytest.skip("no shared/data/nmnist-small here")
    path = tmp_path_factory.mktemp("nmnist") / "events.zarr"
    ingest([folder / "Train.zip", folder / "Test.zip"], path, sensor=Sensor(34, 34))
    return EventStore.open(path)
