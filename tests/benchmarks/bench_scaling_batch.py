"""Time by size of batch: a layer of LIF, a training step of a conv net, a loader."""

from collections.abc import Callable
from typing import Any

import torch

from bench_conv_step import STEPS, conv_nets, conv_step
from bench_curves import Curve, Line, time_along
from bench_data import Bench
from bench_lif_rivals import NAMES, rival
from bench_peers import WINDOW_US, WINDOWS, tonic_nmnist
from bench_timing import Spread, epochs
from eventstore.loader import Loader
from eventstore.transforms import FramesByBins, FramesByTime, Pipeline

BATCHES = (1, 4, 16, 64, 128)
PEER_CONV = (1, 4, 16)
LOADER_BATCHES = (1, 4, 16, 64, 256)
EPOCHS = 6
LIF_STEPS, LIF_NEURONS = 100, 256
ALONG = "samples in a batch"


def measure(bench: Bench) -> list[Curve]:
    """Time all three at each size of batch."""
    return [_lif(bench), _conv(bench), _loader(bench)]


def _lif(bench: Bench) -> Curve:
    ours, peer = (
        _scaled(time_along(_lif_calls(name), rounds=rounds), 1e3)
        for name, rounds in (("ours", 2 * bench.rounds), ("sinabs", bench.rounds))
    )
    return _curve(
        "lif", f"LIF (B, {LIF_STEPS}, {LIF_NEURONS}) forward and backward", "ms", ours, peer
    )


def _lif_calls(name: str) -> dict[int, Callable[[], object]]:
    calls: dict[int, Callable[[], object]] = {}
    for batch in BATCHES:
        generator = torch.Generator().manual_seed(0)
        x = 4 * torch.rand((batch, LIF_STEPS, LIF_NEURONS), generator=generator)
        calls[batch] = rival(name, x, torch.ones_like(x))
    return calls


def _conv(bench: Bench) -> Curve:
    pipeline = Pipeline(FramesByBins(n_bins=STEPS))
    loader = Loader(bench.nmnist_selection(), pipeline, batch_size=max(BATCHES))
    whole = next(iter(loader))
    frames, labels = whole.x.float(), whole.label
    nets = conv_nets()
    calls = {
        name: {n: conv_step(nets[name], frames[:n].contiguous(), labels[:n]) for n in sizes}
        for name, sizes in (("ours", BATCHES), ("sinabs", PEER_CONV))
    }
    ours = time_along(calls["ours"], rounds=bench.rounds)
    peer = time_along(calls["sinabs"], rounds=min(bench.rounds, 2))
    quantity = f"forward and backward of a conv LIF net, N-MNIST, {STEPS} bins"
    return _curve("conv", quantity, "ms", _scaled(ours, 1e3), _scaled(peer, 1e3))


def _loader(bench: Bench) -> Curve:
    selection = bench.nmnist_selection()
    n = len(selection)
    pipeline = Pipeline(FramesByTime(window_us=WINDOW_US))
    loaders = {
        size: epochs(Loader(selection, pipeline, batch_size=size, dtype="uint8"), EPOCHS)
        for size in LOADER_BATCHES
    }
    files = tonic_nmnist(bench.nmnist_files, frames=WINDOWS)
    theirs = {size: epochs(_tonic_batches(files, size)) for size in LOADER_BATCHES}
    ours = time_along(loaders, rounds=bench.rounds)
    peer = time_along(theirs, rounds=min(bench.rounds, 2))
    return _curve(
        "loader",
        "N-MNIST in frames of 10 ms from the store, uint8",
        "samples/s",
        {float(size): spread.per(EPOCHS * n) for size, spread in ours.items()},
        {float(size): spread.per(n) for size, spread in peer.items()},
    )


def _tonic_batches(dataset: Any, size: int) -> Any:
    import tonic
    from torch.utils.data import DataLoader

    collate = tonic.collation.PadTensors(batch_first=True)
    return DataLoader(dataset, batch_size=size, shuffle=True, collate_fn=collate)


def _curve(
    what: str, quantity: str, unit: str, ours: dict[float, Spread], peer: dict[float, Spread]
) -> Curve:
    loads = what == "loader"
    return Curve(
        name=f"scaling-batch-{what}",
        quantity=quantity,
        along=ALONG,
        unit=unit,
        better="higher" if loads else "lower",
        lines=(
            Line(name="spikelake", points=ours, ours=True),
            Line(name="Tonic from files" if loads else NAMES["sinabs"], points=peer),
        ),
        note="Tonic loads in the main process, float32." if loads else "",
    )


def _scaled(seconds: dict[int, Spread], factor: float) -> dict[float, Spread]:
    return {float(size): spread.scaled(factor) for size, spread in seconds.items()}
