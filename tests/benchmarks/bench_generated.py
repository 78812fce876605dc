"""A generated set of 10⁸ events, larger than caches: samples a second, ours and the streamers'."""

import itertools
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import torch

from bench_data import Bench, recordings, size_on_disk, whole
from bench_peers import BATCH
from bench_rows import Row
from bench_streamers import Counting, faster, litdata_batches, webdataset_batches
from bench_timing import epochs, take_turns
from eventstore.append import StoreWriter
from eventstore.codecs import Tier
from eventstore.events import Events, Sensor
from eventstore.loader import Loader
from eventstore.selection import Selection
from eventstore.store import EventStore
from eventstore.transforms import FramesByTime, Pipeline

N_SAMPLES = 20_000
N_EVENTS = 5_000
N_PEER = 2_000  # of the samples: the peers take 14 bytes an event
TOGETHER = 500  # samples made at a time
SIDE = 128
SAMPLE_US = 100_000
WINDOW_US = 10_000
NOISE = 0.1
TIERS: tuple[Tier, ...] = ("archive", "fast")


def measure(bench: Bench) -> list[Row]:
    """Count samples a second of shuffled uint8 batches in ten frames of 10 ms."""
    selections = _generate(bench)
    pipeline = Pipeline(FramesByTime(window_us=WINDOW_US))
    loaders = {
        tier: Loader(selection, pipeline, batch_size=BATCH, dtype="uint8")
        for tier, selection in selections.items()
    }
    peers = _peers(bench, selections["archive"])
    seconds = take_turns(
        {name: epochs(batches) for name, batches in (loaders | peers).items()},
        rounds=min(bench.rounds, 3),
    )
    ours = {tier: seconds.pop(tier).per(N_SAMPLES) for tier in TIERS}
    rate = {name: spread.per(N_PEER) for name, spread in seconds.items()}
    sizes = [size_on_disk(_place(bench, tier)) / (N_SAMPLES * N_EVENTS) for tier in TIERS]
    return [
        Row(
            name="generated-set",
            quantity=(
                f"10⁸ generated events, batches of {BATCH} × 10 frames of 128×128, {tier} tier, "
                "uint8"
            ),
            unit="samples/s",
            better="higher",
            ours=ours[tier],
            peer=rate[peer],
            peer_name=peer,
            note=(
                f"{N_SAMPLES:,} samples of {N_EVENTS:,} events: a bar that moves, and noise. Ours "
                f"serves all of them and takes {sizes[0]:.2f} (archive) and {sizes[1]:.2f} (fast) "
                f"bytes an event on the disk. The peers serve the first {N_PEER:,}, 13 bytes an "
                "event, not compressed, all of it in the page cache; the faster of 0 and 2 worker "
                "processes."
            ),
        )
        for tier in TIERS
        for peer in (faster(rate, "WebDataset"), faster(rate, "LitData"))
    ]


def _peers(bench: Bench, selection: Selection) -> dict[str, Iterable[Any]]:
    counting = Counting(height=SIDE, width=SIDE, window_us=WINDOW_US, dtype=torch.uint8)
    few = list(itertools.islice(recordings(selection), N_PEER))
    return {
        **webdataset_batches(few, N_PEER, bench.folder / "generated-webdataset", counting),
        **litdata_batches(few, bench.folder / "generated-litdata", counting),
    }


def _place(bench: Bench, tier: Tier) -> Path:
    return bench.folder / f"generated-{tier}.zarr"


def _generate(bench: Bench) -> dict[Tier, Selection]:
    """Write the set as stores of both tiers."""
    with ExitStack() as stack:
        writers = [
            stack.enter_context(
                StoreWriter.create(_place(bench, tier), Sensor(SIDE, SIDE), tier=tier)
            )
            for tier in TIERS
        ]
        for i, events in enumerate(_samples()):
            for writer in writers:
                writer.append(f"{i:05}", [events], t_origin_us=0)
    return {tier: whole(EventStore.open(_place(bench, tier)), 4) for tier in TIERS}


def _samples() -> Iterator[Events]:
    """Make each sample: ON events before a moving bar, OFF events behind it, noise anywhere."""
    rng = np.random.default_rng(0)
    for _ in range(0, N_SAMPLES, TOGETHER):
        shape = (TOGETHER, N_EVENTS)
        t = np.sort(rng.integers(SAMPLE_US, size=shape, dtype=np.int32))
        p = rng.integers(2, size=shape, dtype=np.uint8)
        start = rng.integers(SIDE, size=(TOGETHER, 1), dtype=np.int32)
        along = (start + t * SIDE // SAMPLE_US + p * 3) % SIDE
        across = rng.integers(SIDE, size=shape, dtype=np.uint16)
        noisy = rng.random(shape, np.float32) < NOISE
        along = np.where(noisy, rng.integers(SIDE, size=shape, dtype=np.int32), along)
        for i in range(TOGETHER):
            x, y = (along[i].astype(np.uint16), across[i])[:: 1 if i % 2 == 0 else -1]
            yield Events.of(t=t[i], x=x, y=y, p=p[i])
