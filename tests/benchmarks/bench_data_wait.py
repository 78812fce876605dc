"""The share of a training epoch spent waiting for data: ours, and Tonic's under the same net."""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from bench_conv_epoch import learn, our_conv_net
from bench_data import Bench
from bench_peers import BATCH, N_BINS, tonic_batches, tonic_nmnist
from bench_rows import Row, Target
from bench_timing import Spread, take_turns
from eventstore.loader import Loader
from eventstore.transforms import FramesByBins, Pipeline

MAX_ROUNDS = 2  # of training: an epoch takes seconds, and its share varies little
EPOCHS = 3  # of a turn: training goes on from epoch to epoch, and only the first begins cold


def measure(bench: Bench) -> list[Row]:
    """Train the net of conv-epoch on each of the ways to load."""
    epochs = {"ours": _ours(bench)} | _tonic(bench)
    seconds = take_turns(epochs, rounds=min(bench.rounds, MAX_ROUNDS))
    waited = {name: Spread.of(epoch.shares[1:]) for name, epoch in epochs.items()}
    times = ", ".join(f"{name} {spread.median:.2f} s" for name, spread in seconds.items())
    return [
        Row(
            name="data-wait",
            quantity=(
                f"share of a training epoch spent waiting for data, N-MNIST, {N_BINS} bins, "
                f"batch {BATCH}"
            ),
            unit="%",
            better="lower",
            ours=waited["ours"].scaled(100),
            peer=waited[name].scaled(100),
            peer_name=name,
            target=Target(of="ours", bound=3) if i == 0 else None,
            note=(
                "the net of conv-epoch with our layers on both sides, so that a slow net hides "
                "nothing: loader.profile() of ours, time inside iter() and next() of the peer's. "
                "Loading beside it also takes time from the net on two cores. "
                f"{EPOCHS} epochs of 1,000 recordings in a row: {times}."
            ),
        )
        for i, name in enumerate(name for name in epochs if name != "ours")
    ]


@dataclass
class Epochs:
    """Trains for some epochs each time it is called, and notes the share that it waited.

    Args:
        batches: frames and labels.
        waited: returns the seconds of the last epoch that were waited; None measures them.
    """

    batches: Iterable[tuple[Tensor, Tensor]]
    waited: Callable[[], float] | None = None
    shares: list[float] = field(default_factory=list, init=False)

    def __post_init__(self) -> None:
        torch.manual_seed(0)
        self._net = our_conv_net()
        self._optimizer = torch.optim.Adam(self._net.parameters(), 1e-3)

    def __call__(self) -> None:
        """Train, and note the share."""
        started = time.perf_counter()
        waited = sum(self._epoch() for _ in range(EPOCHS))
        self.shares.append(waited / (time.perf_counter() - started))

    def _epoch(self) -> float:
        """Train for an epoch, and return the seconds that it waited."""
        waited, before = 0.0, time.perf_counter()
        for frames, labels in self.batches:
            waited += time.perf_counter() - before
            learn(self._net(frames).sum(1), labels, self._optimizer)
            before = time.perf_counter()
        waited += time.perf_counter() - before
        return waited if self.waited is None else self.waited()


@dataclass
class Ours:
    """A loader's batches as pairs of frames and labels."""

    loader: Loader

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        """Iterate over an epoch."""
        return ((batch.x, batch.label) for batch in self.loader)


def _ours(bench: Bench) -> Epochs:
    pipeline = Pipeline(FramesByBins(n_bins=N_BINS))
    loader = Loader(bench.nmnist_selection(), pipeline, batch_size=BATCH)
    return Epochs(Ours(loader), lambda: loader.profile().wait_s)


def _tonic(bench: Bench) -> dict[str, Epochs]:
    import tonic

    files = tonic_nmnist(bench.nmnist_files)
    disk: Any = tonic.DiskCachedDataset(files, cache_path=str(bench.folder / "tonic-bins"))
    memory: Any = tonic.MemoryCachedDataset(files)
    return {
        "Tonic DiskCachedDataset (filled)": Epochs(tonic_batches(disk)),
        "Tonic DiskCachedDataset (filled), 2 workers": Epochs(tonic_batches(disk, 2)),
        "Tonic MemoryCachedDataset (filled)": Epochs(tonic_batches(memory)),
    }
