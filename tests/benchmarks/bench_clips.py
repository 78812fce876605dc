"""Clips of 128×128 pixels in 25 frames: events a second from the store, bytes a second cached."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from bench_data import DATA, Bench, whole
from bench_peers import tonic_batches
from bench_rows import Row, Target
from bench_timing import Spread, epochs, take_turns
from eventstore.append import StoreWriter
from eventstore.cache import FrameCache
from eventstore.loader import Loader
from eventstore.selection import Selection
from eventstore.store import EventStore
from eventstore.transforms import FramesByBins, Pipeline

N_BINS = 25
BATCH = 8
COPIES = 32  # of each of the four clips, each stored on its own: four alone take 4 ms
EPOCHS = 12  # a turn: of two, 35 ms from the cache, the cold start is much
COPIES_A_TURN = 16  # of memory: about as long as a turn from the cache
FILES = [DATA / "recordings" / "clips-128x128" / f"{i}.bin" for i in (1, 2, 3, 4)]
COPY_BYTES = 1 << 28


def measure(bench: Bench) -> list[Row]:
    """Time batches from the store and from the cache, Tonic's beside, and plain copies."""
    selection = _clips(bench)
    pipeline = Pipeline(FramesByBins(n_bins=N_BINS))
    n_events = int(selection.store.n_events)
    dense = len(selection) * N_BINS * 2 * 128 * 128
    cache = FrameCache(bench.folder / "clip-frames")
    cached = Loader(selection, pipeline, batch_size=BATCH, dtype="uint8", cache=cache)
    store = Loader(selection, pipeline, batch_size=BATCH, dtype="uint8")
    files, disk = _tonic(bench)
    seconds = take_turns(
        {
            "store": epochs(store, EPOCHS),
            "cache": epochs(cached, EPOCHS),
            "tonic files": epochs(files, EPOCHS),
            "tonic disk": epochs(disk, EPOCHS),
            "copy": _copy(1),
            "copy, 2 threads": _copy(2),
        },
        rounds=2 * bench.rounds,
    )
    tonic_events = n_events // COPIES
    tonic_dense = dense // COPIES
    return [
        _from_store(
            seconds["store"].per(EPOCHS * n_events / 1e6),
            seconds["tonic files"].per(EPOCHS * tonic_events / 1e6),
        ),
        *_from_cache(
            seconds["cache"].per(EPOCHS * dense / 1e9),
            {
                "copying 256 MiB of memory": min(
                    seconds["copy"], seconds["copy, 2 threads"], key=lambda s: s.median
                ).per(COPIES_A_TURN * COPY_BYTES / 1e9),
                "Tonic DiskCachedDataset (filled), counted as uint8": seconds["tonic disk"].per(
                    EPOCHS * tonic_dense / 1e9
                ),
            },
            cached.explain_cache().splitlines()[-1],
        ),
    ]


def _from_store(ours: Spread, tonic: Spread) -> Row:
    return Row(
        name="clips",
        quantity=f"128×128 clips in {N_BINS} bins, decoded and binned from the store, uint8",
        unit="million events/s",
        better="higher",
        ours=ours,
        peer=tonic,
        peer_name="Tonic from files",
        target=Target(of="ours", bound=100),
        note=(
            f"whole clips of 103,000 events on average, batches of {BATCH}, two threads; the four "
            f"clips are stored {COPIES} times over, and each copy is decoded. Tonic reads the four "
            "files, in one process."
        ),
    )


def _from_cache(ours: Spread, peers: dict[str, Spread], trial: str) -> list[Row]:
    return [
        Row(
            name="clips-cache",
            quantity=f"128×128 clips in {N_BINS} bins from the frame cache, dense uint8",
            unit="GB/s",
            better="higher",
            ours=ours,
            peer=peer,
            peer_name=name,
            target=Target(of="ratio", bound=0.3) if "memory" in name else None,
            note=(
                "bytes of dense uint8 frames written, two threads; a copy counts each byte once, "
                "by one or two threads, whichever is faster. Tonic's samples are counted with the "
                f"bytes they would take in uint8. The loader's own trial: {trial}."
            ),
        )
        for name, peer in peers.items()
    ]


def _clips(bench: Bench) -> Selection:
    """Store the clips many times over, and select each copy whole."""
    clips = EventStore.open(bench.store(FILES, "clips"))
    offsets = clips.recordings.offsets.tolist()
    path = bench.folder / "many-clips.zarr"
    with StoreWriter.create(path, clips.sensor) as writer:
        for copy in range(COPIES):
            for clip, (start, stop) in enumerate(pairwise(offsets)):
                writer.append(f"{copy}-{clip}", [clips.read_rows(start, stop)])
    return whole(EventStore.open(path), len(FILES))


def _tonic(bench: Bench) -> tuple[Any, Any]:
    """Return batches from the files, and from a disk cache."""
    import tonic

    to_frame = tonic.transforms.ToFrame(sensor_size=(128, 128, 2), n_time_bins=N_BINS)
    clips = TonicClips(FILES, to_frame)
    cached = tonic.DiskCachedDataset(clips, cache_path=str(bench.folder / "tonic-clips"))
    return tonic_batches(clips), tonic_batches(cached)


class TonicClips:
    """The clips as Tonic's own data sets read files of this format."""

    def __init__(self, files: list[Path], transform: Callable[[Any], Any]) -> None:
        self._files = files
        self._transform = transform

    def __len__(self) -> int:
        """Return the number of clips."""
        return len(self._files)

    def __getitem__(self, item: int) -> tuple[Any, int]:
        """Read and bin a clip."""
        import tonic

        dtype = tonic.datasets.NMNIST.dtype
        events = tonic.io.read_mnist_file(str(self._files[item]), dtype=dtype)
        return self._transform(events), item


def _copy(threads: int) -> Callable[[], None]:
    source = np.ones(COPY_BYTES, np.uint8)
    parts = [np.array_split(array, threads) for array in (np.empty_like(source), source)]

    def run() -> None:
        with ThreadPoolExecutor(threads) as pool:
            for _ in range(COPIES_A_TURN):
                list(pool.map(np.copyto, *parts))

    return run
