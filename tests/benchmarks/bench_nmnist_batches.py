"""Batches of frames a second: ours from the event store, Tonic's from files and from memory."""

from collections.abc import Callable, Iterable

from bench_data import Bench
from bench_peers import BATCH, N_BINS, tonic_batches, tonic_nmnist
from bench_rows import Row, Target
from bench_timing import Spread, take_turns
from eventstore.loader import Loader
from eventstore.transforms import Denoise, FramesByBins, Pipeline

FILTER_TIME_US = 10_000
# Tonic's Denoise is a Python loop over events: few samples are enough, and enough to wait for.
N_DENOISE = 64


def measure(bench: Bench) -> list[Row]:
    """Count samples a second of shuffled float32 batches with 20 time bins."""
    return [*_plain(bench), _denoised(bench)]


def _plain(bench: Bench) -> list[Row]:
    import tonic

    selection = bench.nmnist_selection()
    frames = Pipeline(FramesByBins(n_bins=N_BINS))
    files = tonic_nmnist(bench.nmnist_files)
    seconds = take_turns(
        {
            "ours": _epoch(Loader(selection, frames, batch_size=BATCH)),
            "uint8": _epoch(Loader(selection, frames, batch_size=BATCH, dtype="uint8")),
            "files": _epoch(tonic_batches(files)),
            "memory": _epoch(tonic_batches(tonic.MemoryCachedDataset(files))),
        },
        rounds=2 * bench.rounds,
    )
    rate = {name: value.per(len(selection)) for name, value in seconds.items()}
    target = Target(of="ours", bound=20_000)
    return [
        _row("from the store, uint8", rate["uint8"], rate["files"], "Tonic from files", target),
        _row("from the store, float32", rate["ours"], rate["files"], "Tonic from files"),
        _row(
            "from the store, float32",
            rate["ours"],
            rate["memory"],
            "Tonic MemoryCachedDataset (filled)",
        ),
    ]


def _denoised(bench: Bench) -> Row:
    import tonic
    from torch.utils.data import Subset

    selection = bench.nmnist_selection()
    pipeline = Pipeline(Denoise(filter_time_us=FILTER_TIME_US), FramesByBins(n_bins=N_BINS))
    denoise = tonic.transforms.Denoise(filter_time=FILTER_TIME_US)
    few = Subset(tonic_nmnist(bench.nmnist_files, denoise), range(N_DENOISE))
    seconds = take_turns(
        {
            "ours": _epoch(Loader(selection, pipeline, batch_size=BATCH, dtype="uint8")),
            "files": _epoch(tonic_batches(few)),
        },
        rounds=bench.rounds,
    )
    ours, peer = seconds["ours"].per(len(selection)), seconds["files"].per(N_DENOISE)
    target = Target(of="ours", bound=12_000)
    return _row("from the store, Denoise 10 ms, uint8", ours, peer, "Tonic from files", target)


def _epoch(batches: Iterable[object]) -> Callable[[], None]:
    def run() -> None:
        for _ in batches:
            pass

    return run


def _row(
    what: str, ours: Spread, peer: Spread, peer_name: str, target: Target | None = None
) -> Row:
    return Row(
        name="nmnist-batches",
        quantity=f"N-MNIST batches of {BATCH} × {N_BINS} frames, {what}",
        unit="samples/s",
        better="higher",
        ours=ours,
        peer=peer,
        peer_name=peer_name,
        target=target,
        note="Tonic's batches are float32.",
    )
