"""Wall time from events to a trained net: ours, and Sinabs on Tonic's cached frames.

The same net, weights, optimiser, batch size and held-out recordings; each trains until it
classifies a share of those right.
"""

import copy
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.data import Subset

import snn
from bench_conv_epoch import learn, our_conv_net
from bench_data import Bench
from bench_peers import BATCH, tonic_batches, tonic_nmnist
from bench_rows import Row, Target
from bench_timing import Spread
from eventstore.loader import Loader
from eventstore.selection import Selection
from eventstore.transforms import FramesByBins, Pipeline
from snn.models.vision import conv_net

N_HELD_OUT, CLASSES = 200, 10
ACCURACY = 0.9
MOST_EPOCHS = 25
LEARNING_RATE, WEIGHT_DECAY = 3e-3, 1e-2

Batches = Callable[[int], Iterable[tuple[Tensor, Tensor]]]
"""From the number of an epoch to frames ``(B, T, C, H, W)`` and labels."""


@dataclass(frozen=True, kw_only=True)
class Course:
    """A net that both are to train, and how often.

    Args:
        net: what it is, in words.
        n_bins: frames of a recording.
        seeds: most seeds.
        ours: builds our net.
        spiking: builds the peer's neurons.
    """

    net: str
    n_bins: int
    seeds: int
    ours: Callable[[], snn.SpikingSequential]
    spiking: Callable[[], nn.Module]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What one training came to.

    Args:
        seconds: wall time, all loading and evaluation included.
        epochs: how many it took.
        accuracy: share of held-out recordings right in the end.
    """

    seconds: float
    epochs: int
    accuracy: float


@dataclass(frozen=True, kw_only=True)
class Trainee:
    """A net under training.

    Args:
        module: what is trained.
        scores: from frames to spikes of each class.
        train: batches to train on.
        held_out: batches to evaluate on.
    """

    module: nn.Module
    scores: Callable[[Tensor], Tensor]
    train: Batches
    held_out: Batches

    def run(self, most_epochs: int = MOST_EPOCHS) -> Found:
        """Train until the held-out recordings are classified well enough."""
        began = time.perf_counter()
        optimizer = torch.optim.AdamW(
            self.module.parameters(), LEARNING_RATE, weight_decay=WEIGHT_DECAY
        )
        accuracy, epoch = 0.0, 0
        while accuracy < ACCURACY and epoch < most_epochs:
            for frames, labels in self.train(epoch):
                learn(self.scores(frames), labels, optimizer)
            accuracy = self.accuracy()
            epoch += 1
        return Found(seconds=time.perf_counter() - began, epochs=epoch, accuracy=accuracy)

    @torch.no_grad()
    def accuracy(self) -> float:
        """Return the share of held-out recordings that are classified right."""
        right = [self.scores(frames).argmax(1) == labels for frames, labels in self.held_out(0)]
        return int(sum(map(torch.sum, right))) / sum(map(len, right))


def measure(bench: Bench) -> list[Row]:
    """Train with a few seeds, ours and the peer's in turn."""
    return [_row(course, _found(bench, course)) for course in _courses()]


def _courses() -> tuple[Course, ...]:
    return (
        Course(
            net="the net of the recipe nmnist-conv",
            n_bins=10,
            seeds=3,
            ours=lambda: conv_net(CLASSES, (2, 34, 34), paddings=(1, 1, 1)),
            spiking=lambda: _sinabs_iaf(10, min_v_mem=-1.0, heaviside=True),
        ),
        Course(
            net="the net of conv-epoch",
            n_bins=20,
            seeds=1,
            ours=our_conv_net,
            spiking=lambda: _sinabs_iaf(20),
        ),
    )


def _sinabs_iaf(
    n_bins: int, *, min_v_mem: float | None = None, heaviside: bool = False
) -> nn.Module:
    from sinabs import activation
    from sinabs.layers import IAFSqueeze

    slope = activation.Heaviside(window=1.0) if heaviside else activation.SingleExponential()
    layer: nn.Module = IAFSqueeze(
        num_timesteps=n_bins, min_v_mem=min_v_mem, surrogate_grad_fn=slope
    )
    return layer


def _found(bench: Bench, course: Course) -> dict[str, list[Found]]:
    selection = bench.nmnist_selection()
    found: dict[str, list[Found]] = {"ours": [], "peer": []}
    for seed in range(min(bench.rounds, course.seeds)):
        shuffled = np.random.default_rng(seed).permutation(len(selection))
        parts = shuffled[N_HELD_OUT:], np.sort(shuffled[:N_HELD_OUT])
        if seed == 0:  # compile, and warm the page cache
            few = parts[0][:BATCH], parts[1][:BATCH]
            for trainee in _trainees(bench, course, few, seed).values():
                trainee.run(most_epochs=1)
        for name, trainee in _trainees(bench, course, parts, seed).items():
            found[name].append(trainee.run())
    return found


def _row(course: Course, found: dict[str, list[Found]]) -> Row:
    seconds = {name: Spread.of([one.seconds for one in many]) for name, many in found.items()}
    reached = "; ".join(
        f"{name} {', '.join(f'{one.accuracy:.1%} after {one.epochs}' for one in many)}"
        for name, many in found.items()
    )
    return Row(
        name="to-accuracy",
        quantity=(
            f"from events to {ACCURACY:.0%} of {N_HELD_OUT} held-out N-MNIST recordings, "
            f"{course.net}"
        ),
        unit="s",
        better="lower",
        ours=seconds["ours"],
        peer=seconds["peer"],
        peer_name="Sinabs IAFSqueeze, Tonic MemoryCachedDataset",
        target=Target(of="ratio", bound=4),
        note=(
            f"at least {ACCURACY:.0%} or {MOST_EPOCHS} epochs; 800 recordings to train on, AdamW "
            f"at {LEARNING_RATE:g}, batch {BATCH}, no augmentation, equal first weights for each "
            "seed. Loading, the first filling of the peer's cache and an evaluation an epoch "
            f"count. {course.net}, {course.n_bins} bins: accuracy and epochs by seed: {reached}."
        ),
    )


def _trainees(
    bench: Bench, course: Course, parts: tuple[np.ndarray, np.ndarray], seed: int
) -> dict[str, Trainee]:
    """Return both with the same first weights."""
    torch.manual_seed(seed)
    net = course.ours()
    selection = bench.nmnist_selection()
    train, held_out = (_our_loader(selection.take(rows), course, seed) for rows in parts)
    ours = Trainee(
        module=net,
        scores=lambda frames: net(frames).sum(1),
        train=lambda epoch: _our_batches(train, epoch),
        held_out=lambda epoch: _our_batches(held_out, epoch),
    )
    return {"ours": ours, "peer": _peer(bench, course, net, parts)}


def _our_loader(selection: Selection, course: Course, seed: int) -> Loader:
    pipeline = Pipeline(FramesByBins(n_bins=course.n_bins))
    return Loader(selection, pipeline, batch_size=BATCH, shuffle=True, seed=seed)


def _our_batches(loader: Loader, epoch: int) -> Iterator[tuple[Tensor, Tensor]]:
    loader.set_epoch(epoch)
    for batch in loader:
        yield batch.x.float(), batch.label


def _peer(
    bench: Bench, course: Course, ours: nn.Sequential, parts: tuple[np.ndarray, np.ndarray]
) -> Trainee:
    """Return the same net of Sinabs' layers, and Tonic's frames of the same recordings."""
    import sinabs
    import tonic

    net = nn.Sequential(
        *(course.spiking() if isinstance(m, snn.IAF) else copy.deepcopy(m) for m in ours)
    )
    dataset = tonic_nmnist(bench.nmnist_files, frames={"n_time_bins": course.n_bins})
    cached = tonic.MemoryCachedDataset(dataset)
    train, held_out = (
        tonic_batches(Subset(cached, rows))
        for rows in _rows_in_tonic(dataset, bench.nmnist_selection(), parts)
    )

    def scores(frames: Tensor) -> Tensor:
        sinabs.reset_states(net)
        sinabs.zero_grad(net)
        spikes: Tensor = net(frames.flatten(0, 1))
        return spikes.view(-1, course.n_bins, CLASSES).sum(1)

    return Trainee(module=net, scores=scores, train=lambda _: train, held_out=lambda _: held_out)


def _rows_in_tonic(
    dataset: Any, selection: Selection, parts: tuple[np.ndarray, np.ndarray]
) -> list[list[int]]:
    """Return where Tonic has the recordings, by digit and number in their names."""
    at = {tuple(Path(path).with_suffix("").parts[-2:]): i for i, path in enumerate(dataset.data)}
    ids = selection.store.recordings.ids
    names = [Path(ids[recording]).with_suffix("").parts[-2:] for recording in selection.recording]
    return [[at[names[row]] for row in rows] for rows in parts]
