"""A store of 10⁵ to 10⁸ events: open it, take a slice of it, decode all of it."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from bench_curves import Curve, Line, time_along
from bench_data import Bench
from bench_timing import Spread
from eventstore.append import StoreWriter
from eventstore.events import Events, Sensor
from eventstore.store import EventStore

Read: TypeAlias = Callable[[int, int], object]

SIZES = (100_000, 1_000_000, 10_000_000, 100_000_000)
ZARR_UP_TO = 10_000_000
PACKET = 1_000_000
SLICE_EVENTS = 5_000
N_SLICES, N_SLICES_ZARR, N_OPENED = 100, 10, 20
SIDE = 256
DECODED_AT_ONCE = 1_000_000
NOTE = (
    "one recording of a 256 × 256 sensor at a million events a second, noise and a bar that moves; "
    "archive tier, warm page cache, all columns. zarr-python reads the same store."
)


def measure(bench: Bench) -> list[Curve]:
    """Time ours at all sizes, and zarr-python beside it."""
    paths = {n: _generate(bench.folder / f"scaling-{n}.zarr", n) for n in SIZES}
    return [_open(paths, bench), _slice(paths, bench), _decode(paths, bench)]


def _open(paths: dict[int, Path], bench: Bench) -> Curve:
    ours, peer = (
        _scaled(
            {n: _repeat(partial(call, path)) for n, path in paths.items()}, bench, 1e3 / N_OPENED
        )
        for call in (EventStore.open, _zarr_columns)
    )
    return _curve("open", "opening a store", "ms", ours, peer)


def _slice(paths: dict[int, Path], bench: Bench) -> Curve:
    quantity = f"a slice of {SLICE_EVENTS:,} events at a random place of a store"
    ours, peer = (
        _scaled({n: _slices(n, count, read(path)) for n, path in paths.items()}, bench, 1e6 / count)
        for count, read in ((N_SLICES, _our_reads), (N_SLICES_ZARR, _zarr_reads))
    )
    return _curve("slice", quantity, "µs", ours, peer)


def _decode(paths: dict[int, Path], bench: Bench) -> Curve:
    few = {n: path for n, path in paths.items() if n <= ZARR_UP_TO}
    ours = {n: _whole(n, _our_reads(path)) for n, path in paths.items()}
    peer = {n: _whole(n, _zarr_reads(path)) for n, path in few.items()}
    return _curve(
        "decode",
        "decoding a whole store, a million events at a time",
        "million events/s",
        _rates(time_along(ours, rounds=min(bench.rounds, 3))),
        _rates(time_along(peer, rounds=1)),
    )


def _curve(
    what: str, quantity: str, unit: str, ours: dict[int, Spread], peer: dict[int, Spread]
) -> Curve:
    return Curve(
        name=f"scaling-events-{what}",
        quantity=quantity,
        along="events in the store",
        unit=unit,
        better="higher" if unit.endswith("/s") else "lower",
        lines=(
            Line(name="spikelake", points=_floats(ours), ours=True),
            Line(name="zarr-python", points=_floats(peer)),
        ),
        note=NOTE,
    )


def _generate(path: Path, n: int) -> Path:
    with StoreWriter.create(path, Sensor(SIDE, SIDE)) as writer:
        writer.append("long", _packets(n))
    return path


def _packets(n: int) -> Iterator[Events]:
    rng = np.random.default_rng(0)
    for first in range(0, n, PACKET):
        size = min(PACKET, n - first)
        t = first + np.sort(rng.integers(0, size, size))
        noisy = rng.random(size) < 0.2
        bar = (t // 2_000 + rng.integers(0, 4, size)) % SIDE
        x = np.where(noisy, rng.integers(0, SIDE, size), bar)
        yield Events.of(t=t, x=x, y=rng.integers(0, SIDE, size), p=rng.integers(0, 2, size))


def _slices(n: int, count: int, read: Read) -> Callable[[], None]:
    rng = np.random.default_rng(0)

    def run() -> None:
        for start in rng.integers(n - SLICE_EVENTS, size=count).tolist():
            read(start, start + SLICE_EVENTS)

    return run


def _whole(n: int, read: Read) -> Callable[[], None]:
    def run() -> None:
        for start in range(0, n, DECODED_AT_ONCE):
            read(start, min(start + DECODED_AT_ONCE, n))

    return run


def _repeat(call: Callable[[], object]) -> Callable[[], None]:
    def run() -> None:
        for _ in range(N_OPENED):
            call()

    return run


def _our_reads(path: Path) -> Read:
    return EventStore.open(path).read_rows


def _zarr_reads(path: Path) -> Read:
    columns = _zarr_columns(path)
    return lambda start, stop: [column[start:stop] for column in columns]


def _zarr_columns(path: Path) -> list[Any]:
    import zarr

    group: Any = zarr.open_group(str(path), mode="r")
    return [group[f"events/{name}"] for name in "txyp"]


def _scaled(calls: dict[int, Callable[[], None]], bench: Bench, factor: float) -> dict[int, Spread]:
    seconds = time_along(calls, rounds=bench.rounds)
    return {n: spread.scaled(factor) for n, spread in seconds.items()}


def _rates(seconds: dict[int, Spread]) -> dict[int, Spread]:
    return {n: spread.per(n / 1e6) for n, spread in seconds.items()}


def _floats(points: dict[int, Spread]) -> dict[float, Spread]:
    return {float(n): spread for n, spread in points.items()}
