"""Bytes an event takes in the store, and how fast a whole store is decoded."""

from pathlib import Path
from typing import Any

from bench_data import Bench
from bench_rows import Row, Target
from bench_timing import Spread, take_turns
from eventstore.store import EventStore

ATIS_BYTES = 5  # a record of 40 bits


def measure(bench: Bench) -> list[Row]:
    """Count bytes and time decoding of N-MNIST."""
    return [
        Row(
            name="store-size",
            quantity="the whole store of 1,000 N-MNIST recordings",
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
    """Return the size of all files of a store."""
    files = (p for p in path.rglob("*") if p.is_file())
    return sum(p.stat().st_size for p in files) / EventStore.open(path).n_events
