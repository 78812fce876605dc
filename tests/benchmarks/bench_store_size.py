"""Bytes an event takes in the store, and how fast a whole store is decoded."""

from pathlib import Path
from typing import Any

import numpy as np

from bench_data import RECORDINGS, Bench
from bench_rows import Row, Target
from bench_timing import Spread, take_turns
from eventstore.store import EventStore

ATIS_BYTES = 5  # a record of 40 bits
SLOTS = 2**22 // 8192  # chunks of a shard
INDEX_BYTES = 16 * SLOTS + 4  # offset and size of each, and a checksum
ABSENT = np.uint64(2**64 - 1)


def measure(bench: Bench) -> list[Row]:
    """Count bytes on recordings of several sensors and on N-MNIST; time decoding of the latter."""
    size = {name: _chunk_bytes_per_event(path) for name, path in bench.recording_stores.items()}
    listed = ", ".join(f"{name} {value:.2f}" for name, value in size.items())
    unread = [name for name in RECORDINGS if name not in size]
    missing = f" Without a reader yet: {', '.join(unread)}." if unread else ""
    return [
        Row(
            name="store-size",
            quantity=f"events of {len(size)} recordings, geometric mean",
            unit="B/event",
            better="lower",
            ours=Spread.exactly(float(np.exp(np.mean(np.log(list(size.values())))))),
            # The target is of all recordings: on some of them it would say nothing.
            target=None if unread else Target(of="ours", bound=2.1),
            note=(
                "encoded chunks of 8,192 events with checksums, all columns, in bytes per event: "
                f"{listed}.{missing}"
            ),
        ),
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


def _chunk_bytes_per_event(path: Path) -> float:
    """Return the size of the encoded events alone, checksums included.

    The index at the end of a shard has a fixed size, which a short recording alone does not fill.
    """
    total = 0
    for shard in (path / "events").rglob("c/*"):
        index = shard.read_bytes()[-INDEX_BYTES:-4]
        sizes = np.frombuffer(index, "<u8").reshape(-1, 2)[:, 1]
        total += int(sizes[sizes != ABSENT].sum())
    return total / EventStore.open(path).n_events
