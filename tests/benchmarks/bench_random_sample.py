"""A random sample of 5,000 events, all columns: our reader and zarr-python on the same store."""

from collections.abc import Callable
from typing import Any

import numpy as np

from bench_data import Bench
from bench_rows import Row, Target
from bench_timing import Spread, take_turns
from eventstore.store import EventStore

N_EVENTS = 5_000
N_SAMPLES = 100  # a turn: the first few find caches that the other's turn has filled


def measure(bench: Bench) -> list[Row]:
    """Time one sample at a random place of the N-MNIST store, from a warm page cache."""
    import zarr

    store = EventStore.open(bench.nmnist_store)
    group: Any = zarr.open_group(str(bench.nmnist_store), mode="r")
    columns = {name: group[f"events/{name}"] for name in ("t", "x", "y", "p")}

    def with_zarr(start: int) -> None:
        for column in columns.values():
            column[start : start + N_EVENTS]

    seconds = take_turns(
        {
            "ours": _at_random(store, lambda start: store.read_rows(start, start + N_EVENTS)),
            "zarr": _at_random(store, with_zarr),
        },
        rounds=4 * bench.rounds,
        warmup=2,
    )
    return [
        _row(store, seconds, Target(of="ours", bound=250)),
        _row(store, seconds, Target(of="ratio", bound=30)),
    ]


def _row(store: EventStore, seconds: dict[str, Spread], target: Target) -> Row:
    return Row(
        name="random-sample",
        quantity=f"random sample of {N_EVENTS:,} events, all columns",
        unit="µs",
        better="lower",
        ours=seconds["ours"].scaled(1e6 / N_SAMPLES),
        peer=seconds["zarr"].scaled(1e6 / N_SAMPLES),
        peer_name="zarr-python, arrays already open",
        target=target,
        note=(
            f"from {store.n_events / 1e6:.1f} million events, warm page cache; mean of "
            f"{N_SAMPLES} samples a turn."
        ),
    )


def _at_random(store: EventStore, read: Callable[[int], object]) -> Callable[[], None]:
    rng = np.random.default_rng(0)

    def run() -> None:
        for start in rng.integers(store.n_events - N_EVENTS, size=N_SAMPLES):
            read(int(start))

    return run
