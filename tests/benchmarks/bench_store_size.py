"""Bytes an event takes in the store, and how fast a whole store is decoded."""

from pathlib import Path
from typing import Any

import numpy as np
from bench_data import Bench
from bench_rows import Row, Target
from bench_timing import Spread, take_turns

from eventstore.store import EventStore

ATIS_BYTES = 5  # a record of 40 bits


def measure(bench: Bench) -> list[Row]:
    """Count bytes on nine recordings and on N-MNIST; time decoding of the latter."""
    each = [_bytes_per_event(path) for path in bench.recording_stores.values()]
    nine = float(np.exp(np.mean(np.log(each))))
    listed = ", ".join(
        f"{name} {size:.2f}" for name, size in zip(bench.recording_stores, each, strict=True)
    )
    return [
        Row(
            name="store-size",
            quantity="event columns of nine recordings, geometric mean",
            unit="B/event",
            better="lower",
            ours=Spread.exactly(nine),
            target=Target(of="ours", bound=2.1),
            note=f"{listed}.",
        ),
        Row(
            name="store-size",
            quantity="event columns of 1,000 N-MNIST recordings",
            unit="B/event",
            better="lower",
            ours=Spread.exactly(_bytes_per_event(bench.nmnist_store)),
            peer=Spread.exactly(ATIS_BYTES),
            peer_name="the public files",
        ),
        _decode(bench),
    ]


def _decode(bench: Bench) -> Row:
    import zarr

    store = EventStore.open(bench.nmnist_store)
    n = store.n_events
    group: Any = zarr.open_group(str(bench.nmnist_store), mode="r")

    def with_zarr() -> None:
        for name in ("t", "x", "y", "p"):
            group[f"events/{name}"][:]

    seconds = take_turns(
        {"ours": lambda: store.read_rows(0, n), "zarr": with_zarr}, rounds=2 * bench.rounds
    )
    return Row(
        name="decode",
        quantity="decoding of the whole N-MNIST store, all columns",
        unit="Mev/s",
        better="higher",
        ours=seconds["ours"].per(n / 1e6),
        peer=seconds["zarr"].per(n / 1e6),
        peer_name="zarr-python",
        target=Target(of="ours", bound=110),
        note=f"{n / 1e6:.2f} million events into new arrays; wall time, warm page cache.",
    )


def _bytes_per_event(path: Path) -> float:
    shards = [p for p in (path / "events").rglob("*") if p.is_file() and p.name != "zarr.json"]
    return sum(p.stat().st_size for p in shards) / EventStore.open(path).n_events
