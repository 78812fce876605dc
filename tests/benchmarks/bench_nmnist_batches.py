"""Batches of N-MNIST in frames of 10 ms a second: ours from the store, the peers' from theirs."""

from collections.abc import Iterable
from typing import Any

from bench_data import Bench
from bench_peers import BATCH, WINDOW_US, WINDOWS, tonic_batches, tonic_nmnist
from bench_rows import Row, Target
from bench_spikingjelly import spikingjelly_batches, spikingjelly_nmnist
from bench_streamers import Counting, faster, litdata_batches, webdataset_batches
from bench_timing import LEAD_S, Spread, epochs, take_turns
from eventstore.loader import Loader
from eventstore.loader.staging import BatchDtype
from eventstore.transforms import Denoise, FramesByTime, Pipeline

FILTER_TIME_US = 10_000
FRAMES = FramesByTime(window_us=WINDOW_US)
DTYPES: tuple[BatchDtype, ...] = ("uint8", "float32")
FAST = ", fast tier"
EPOCHS = 12  # of ours a turn, which takes as long as a turn of the peers
# Tonic's Denoise is a Python loop over events: few samples are enough, and enough to wait for.
N_DENOISE = 64
NOTE = (
    "every event is in a frame, of which a sample has 31 or so; warm page cache. The store is of "
    "the archive tier where no other is named; `spikelake store rewrite --tier fast` makes the "
    "other one of it. The peers' "
    "batches are float32: Tonic's and SpikingJelly's collating functions make them so. WebDataset "
    "and LitData hold columns of events, 13 bytes an event and not compressed, and count them in a "
    "numba loop straight into the batch; SpikingJelly reads frames from its npz files. Of these "
    "three the faster of 0 and 2 worker processes is shown. Tonic's memory cache is several times "
    "slower where malloc gives the memory of past batches back than where it keeps it, which "
    "depends on what ran before. Each turn, of any of them, begins with epochs that are not timed: "
    "streams are long, and after the pause between turns threads must find a core."
)


def measure(bench: Bench) -> list[Row]:
    """Count samples a second of shuffled batches."""
    return [*_plain(bench), *_denoised(bench)]


def _plain(bench: Bench) -> list[Row]:
    selections = {"": bench.nmnist_selection(), FAST: bench.nmnist_selection(tier="fast")}
    loaders = {
        dtype + tier: Loader(selection, Pipeline(FRAMES), batch_size=BATCH, dtype=dtype)
        for tier, selection in selections.items()
        for dtype in DTYPES
    }
    n = len(selections[""])
    tonic, others = _tonic(bench), _others(bench)
    seconds = take_turns(
        {name: epochs(loader, EPOCHS) for name, loader in loaders.items()}
        | {name: epochs(batches) for name, batches in (tonic | others).items()},
        rounds=bench.rounds,
        lead_s=LEAD_S,
    )
    ours = {name: seconds.pop(name).per(EPOCHS * n) for name in loaders}
    rate = {name: spread.per(n) for name, spread in seconds.items()}
    targets = {
        "Tonic DiskCachedDataset (filled)": Target(of="ratio", bound=30),
        "Tonic MemoryCachedDataset (filled)": Target(of="ratio", bound=3.5),
    }
    shown = [*tonic, *(faster(rate, name) for name in ("SpikingJelly", "WebDataset", "LitData"))]
    first = "Tonic from files"
    return [
        _row("uint8", ours["uint8"], rate[first], first, Target(of="ours", bound=20_000)),
        *(_row("float32", ours["float32"], rate[x], x, targets.get(x)) for x in shown),
        *(
            _row(name, ours[name], rate[x], x, target)
            for name in (dtype + FAST for dtype in DTYPES)
            for x, target in targets.items()
        ),
    ]


def _tonic(bench: Bench) -> dict[str, Iterable[Any]]:
    import tonic

    files = tonic_nmnist(bench.nmnist_files, frames=WINDOWS)
    datasets = {
        "Tonic from files": files,
        "Tonic DiskCachedDataset (filled)": tonic.DiskCachedDataset(
            files, cache_path=str(bench.folder / "tonic-nmnist")
        ),
        "Tonic MemoryCachedDataset (filled)": tonic.MemoryCachedDataset(files),
    }
    # First without workers: that fills the memory cache that each worker begins with.
    return {
        name + suffix: tonic_batches(dataset, workers)
        for name, dataset in datasets.items()
        for workers, suffix in ((0, ""), (2, ", 2 workers"))
    }


def _others(bench: Bench) -> dict[str, Iterable[Any]]:
    counting = Counting(height=34, width=34, window_us=WINDOW_US)
    n = len(bench.nmnist_selection())
    frames = spikingjelly_nmnist(bench.nmnist_files / "NMNIST", bench.folder / "spikingjelly")
    return {
        "SpikingJelly": spikingjelly_batches(frames),
        "SpikingJelly, 2 workers": spikingjelly_batches(frames, 2),
        **webdataset_batches(bench.nmnist_samples(), n, bench.folder / "webdataset", counting),
        **litdata_batches(bench.nmnist_samples(), bench.folder / "litdata", counting),
    }


def _denoised(bench: Bench) -> list[Row]:
    import tonic
    from torch.utils.data import Subset

    selection = bench.nmnist_selection()
    pipeline = Pipeline(Denoise(filter_time_us=FILTER_TIME_US), FRAMES)
    denoise = tonic.transforms.Denoise(filter_time=FILTER_TIME_US)
    few = Subset(tonic_nmnist(bench.nmnist_files, denoise, frames=WINDOWS), range(N_DENOISE))
    loader = Loader(selection, pipeline, batch_size=BATCH, dtype="uint8")
    seconds = take_turns(
        {"ours": epochs(loader, EPOCHS), "files": epochs(tonic_batches(few))},
        rounds=bench.rounds,
        lead_s=LEAD_S,
    )
    ours = seconds["ours"].per(EPOCHS * len(selection))
    peer = seconds["files"].per(N_DENOISE)
    return [
        _row("Denoise 10 ms, uint8", ours, peer, "Tonic from files", target)
        for target in (Target(of="ours", bound=12_000), Target(of="ratio", bound=120))
    ]


def _row(what: str, ours: Spread, peer: Spread, peer_name: str, target: Target | None) -> Row:
    return Row(
        name="nmnist-batches",
        quantity=f"N-MNIST batches of {BATCH}, frames of 10 ms, from the store, {what}",
        unit="samples/s",
        better="higher",
        ours=ours,
        peer=peer,
        peer_name=peer_name,
        target=target,
        note=NOTE,
    )
