"""A set of 10² to 10⁵ recordings: open it, choose recordings of it, get the first batch."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from bench_curves import Curve, Line, time_along
from bench_data import Bench, whole
from bench_peers import BATCH, WINDOW_US, WINDOWS, tonic_batches, tonic_nmnist
from bench_timing import Spread
from eventstore.append import StoreWriter
from eventstore.events import Events, Sensor
from eventstore.loader import Loader
from eventstore.selection import Selection
from eventstore.store import EventStore
from eventstore.transforms import FramesByTime, Pipeline

SIZES = (100, 1_000, 10_000, 100_000)
FILES_UP_TO = 10_000
N_EVENTS = 200
SIDE = 34
SPAN_US = 50_000
CLASSES = 10


def measure(bench: Bench) -> list[Curve]:
    """Time ours on stores and Tonic's N-MNIST on files of the same recordings."""
    paths = {n: _store(bench.folder / f"recordings-{n}.zarr", n) for n in SIZES}
    files = {n: _files(bench.folder / f"files-{n}", n) for n in SIZES if n <= FILES_UP_TO}
    stores = {n: EventStore.open(path) for n, path in paths.items()}
    selections = {n: whole(store, CLASSES) for n, store in stores.items()}
    rounds = bench.rounds
    opened = _milliseconds({n: _open(path) for n, path in paths.items()}, rounds)
    chosen = _milliseconds({n: _choose(one) for n, one in selections.items()}, rounds)
    first = _milliseconds({n: _first_batch(path) for n, path in paths.items()}, rounds)
    listed = _milliseconds({n: _tonic(folder) for n, folder in files.items()}, 2)
    theirs = _milliseconds({n: _tonic_batch(folder) for n, folder in files.items()}, 2)
    return [
        _curve("open", "opening a set, its table of recordings read", opened, listed),
        _curve("select", "choosing a shuffled half of all recordings", chosen, None),
        _curve(
            "first-batch", f"opening a set, to its first shuffled batch of {BATCH}", first, theirs
        ),
    ]


def _curve(
    what: str, quantity: str, ours: dict[float, Spread], peer: dict[float, Spread] | None
) -> Curve:
    lines = [Line(name="spikelake", points=ours, ours=True)]
    if peer:
        lines.append(Line(name="Tonic from files", points=peer))
    return Curve(
        name=f"scaling-recordings-{what}",
        quantity=quantity,
        along="recordings in the set",
        unit="ms",
        better="lower",
        lines=tuple(lines),
        note=(
            f"{N_EVENTS} events a recording, as a store and as files of N-MNIST's form; warm page "
            f"cache. Tonic's set lists its files; it is measured up to {FILES_UP_TO:,}."
        ),
    )


def _milliseconds(calls: dict[int, Callable[[], object]], rounds: int) -> dict[float, Spread]:
    seconds = time_along(calls, rounds=rounds)
    return {float(n): spread.scaled(1e3) for n, spread in seconds.items()}


def _open(path: Path) -> Callable[[], object]:
    def run() -> object:
        return EventStore.open(path).recordings.row_size.sum()

    return run


def _choose(selection: Selection) -> Callable[[], object]:
    n = len(selection)
    return lambda: selection.take(np.random.default_rng(0).permutation(n)[: n // 2])


def _first_batch(path: Path) -> Callable[[], object]:
    pipeline = Pipeline(FramesByTime(window_us=WINDOW_US))

    def run() -> object:
        fresh = whole(EventStore.open(path), CLASSES)
        return next(iter(Loader(fresh, pipeline, batch_size=BATCH, dtype="uint8")))

    return run


def _tonic(folder: Path) -> Callable[[], Any]:
    return lambda: tonic_nmnist(folder, frames=WINDOWS)


def _tonic_batch(folder: Path) -> Callable[[], object]:
    return lambda: next(iter(tonic_batches(tonic_nmnist(folder, frames=WINDOWS))))


def _events(n: int) -> list[Events]:
    """Return a few recordings, which are stored over and over."""
    rng = np.random.default_rng(0)
    return [
        Events.of(
            t=np.sort(rng.integers(0, SPAN_US, N_EVENTS)),
            x=rng.integers(0, SIDE, N_EVENTS),
            y=rng.integers(0, SIDE, N_EVENTS),
            p=rng.integers(0, 2, N_EVENTS),
        )
        for _ in range(n)
    ]


def _store(path: Path, n: int) -> Path:
    events = _events(BATCH)
    with StoreWriter.create(path, Sensor(SIDE, SIDE)) as writer:
        for i in range(n):
            writer.append(f"{i:06}", [events[i % BATCH]])
    return path


def _files(root: Path, n: int) -> Path:
    """Write the recordings as N-MNIST has them: 40 bits an event, a folder a digit."""
    encoded = [_nmnist_bytes(events) for events in _events(BATCH)]
    for i in range(n):
        folder = root / "NMNIST" / "Train" / str(i % CLASSES)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{i:06}.bin").write_bytes(encoded[i % BATCH])
    return root


def _nmnist_bytes(events: Events) -> bytes:
    packed = np.empty((len(events), 5), np.uint8)
    packed[:, 0], packed[:, 1] = events.x, events.y
    packed[:, 2] = (events.p << 7) | (events.t >> 16).astype(np.uint8)
    packed[:, 3], packed[:, 4] = (events.t >> 8) & 0xFF, events.t & 0xFF
    return packed.tobytes()
