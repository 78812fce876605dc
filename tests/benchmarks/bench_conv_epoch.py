"""One epoch of one convolutional net: Sinabs on Tonic's cached frames, ours from events."""

import itertools
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

import snn
from bench_data import Bench
from bench_peers import BATCH, N_BINS, sinabs_conv_net, tonic_batches, tonic_nmnist
from bench_rows import Row, Target
from bench_timing import take_turns
from eventstore.loader import Loader
from eventstore.transforms import FramesByBins, Pipeline


def measure(bench: Bench) -> list[Row]:
    """Time whole epochs over 1,000 recordings: batches, forward, backward, optimiser step."""
    torch.manual_seed(0)
    peer = PeerEpoch.make(bench)
    ours = OurEpoch.make(bench, peer.net)
    differing = _differing_spikes(ours, peer)
    seconds = take_turns({"ours": ours, "peer": peer}, rounds=bench.rounds)
    steps = len(ours.loader)
    accuracy = f"{ours.accuracy:.1%} and {peer.accuracy:.1%}"
    epoch = Row(
        name="conv-epoch",
        quantity="epoch of a conv IAF net, N-MNIST, 20 bins, batch 32",
        unit="s",
        better="lower",
        ours=seconds["ours"],
        peer=seconds["peer"],
        peer_name="Sinabs IAFSqueeze, Tonic MemoryCachedDataset (filled)",
        target=Target(of="ratio", bound=3),
        note=(
            "conv 2-8-16-32 (3×3, padding 1), IAF and average pooling 2 after each, linear 10, IAF;"
            f" 1,000 recordings, Adam. From equal weights {differing:.2%} of the output spikes of a"
            f" batch differ. Training accuracy in the last of {bench.rounds + 1} epochs, ours and"
            f" the peer's: {accuracy}."
        ),
    )
    step = Row(
        name="conv-step",
        quantity="the same, one training step with its share of loading",
        unit="ms",
        better="lower",
        ours=seconds["ours"].scaled(1e3 / steps),
        peer=seconds["peer"].scaled(1e3 / steps),
        peer_name="Sinabs, Tonic",
        target=Target(of="ours", bound=210),
    )
    return [epoch, step]


@dataclass
class PeerEpoch:
    """Sinabs on Tonic's frames, cached in memory by the warm-up: the peers' fastest way."""

    net: nn.Sequential
    batches: Any
    optimizer: torch.optim.Optimizer
    accuracy: float = field(default=0, init=False)

    @classmethod
    def make(cls, bench: Bench) -> "PeerEpoch":
        """Set up net and data set."""
        import tonic

        net = sinabs_conv_net()
        cached = tonic.MemoryCachedDataset(tonic_nmnist(bench.nmnist_files))
        return cls(net, tonic_batches(cached), torch.optim.Adam(net.parameters(), 1e-3))

    def forward(self, frames: Tensor) -> Tensor:
        """Return output spikes ``(B, T, 10)`` of a net that starts at rest."""
        import sinabs

        sinabs.reset_states(self.net)
        sinabs.zero_grad(self.net)
        spikes: Tensor = self.net(frames.flatten(0, 1))
        return spikes.view(-1, N_BINS, spikes.shape[-1])

    def __call__(self) -> None:
        """Train for one epoch."""
        right = 0
        for frames, labels in self.batches:
            counts = self.forward(frames).sum(1)
            right += learn(counts, labels, self.optimizer)
        self.accuracy = right / len(self.batches.dataset)


@dataclass
class OurEpoch:
    """Spikelake: events decoded and binned anew in every epoch, fused neurons."""

    net: nn.Module
    loader: Loader
    optimizer: torch.optim.Optimizer
    n_samples: int
    epochs: "itertools.count[int]" = field(default_factory=itertools.count, init=False)
    accuracy: float = field(default=0, init=False)

    @classmethod
    def make(cls, bench: Bench, peer: nn.Module) -> "OurEpoch":
        """Set up net and loader; the net starts with the peer's weights."""
        net = our_conv_net()
        weights = zip(net.parameters(), peer_weights(peer), strict=True)
        with torch.no_grad():
            for ours, theirs in weights:
                ours.copy_(theirs)
        selection = bench.nmnist_selection()
        loader = Loader(selection, Pipeline(FramesByBins(n_bins=N_BINS)), batch_size=BATCH)
        return cls(net, loader, torch.optim.Adam(net.parameters(), 1e-3), len(selection))

    def __call__(self) -> None:
        """Train for one epoch."""
        self.loader.set_epoch(next(self.epochs))
        right = 0
        for batch in self.loader:
            right += learn(self.net(batch.x).sum(1), batch.label, self.optimizer)
        self.accuracy = right / self.n_samples


def our_conv_net() -> snn.SpikingSequential:
    """Return the same net with spikelake's layers, over ``(B, T, C, H, W)``."""
    blocks = [
        module
        for n_in, n_out in ((2, 8), (8, 16), (16, 32))
        for module in (
            nn.Conv2d(n_in, n_out, 3, padding=1, bias=False),
            snn.IAF(),
            nn.AvgPool2d(2),
        )
    ]
    return snn.SpikingSequential(
        *blocks, nn.Flatten(), nn.Linear(32 * 4 * 4, 10, bias=False), snn.IAF()
    )


def peer_weights(net: nn.Module) -> list[Tensor]:
    """Return the weights of convolutions and linear layers; Sinabs' neurons have parameters too."""
    return [m.weight for m in net.modules() if isinstance(m, nn.Conv2d | nn.Linear)]


def learn(counts: Tensor, labels: Tensor, optimizer: torch.optim.Optimizer) -> int:
    """Take one step down the cross-entropy of spike counts; return how many were right."""
    optimizer.zero_grad()
    torch.autograd.backward(nn.functional.cross_entropy(counts, labels))
    optimizer.step()
    return int((counts.argmax(1) == labels).sum())


def _differing_spikes(ours: OurEpoch, peer: PeerEpoch) -> float:
    """Return the share of output spikes that differ between two nets of equal weights."""
    frames = next(iter(ours.loader)).x.float()
    with torch.no_grad():
        a, b = ours.net(frames), peer.forward(frames)
    return float((a != b).float().mean())
