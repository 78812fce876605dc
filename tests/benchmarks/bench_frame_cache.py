"""Batches from the cache of an expensive pipeline: Denoise and frames, ours and Tonic's."""

from bench_data import Bench
from bench_nmnist_batches import EPOCHS, FILTER_TIME_US, FRAMES, N_DENOISE
from bench_peers import BATCH, WINDOWS, tonic_batches, tonic_nmnist
from bench_rows import Row, Target
from bench_timing import epochs, take_turns
from eventstore.cache import FrameCache
from eventstore.loader import Loader
from eventstore.transforms import Denoise, Pipeline


def measure(bench: Bench) -> list[Row]:
    """Count samples a second of shuffled batches from filled caches."""
    import tonic
    from torch.utils.data import Subset

    selection = bench.nmnist_selection()
    pipeline = Pipeline(Denoise(filter_time_us=FILTER_TIME_US), FRAMES)
    cache = FrameCache(bench.folder / "frames")
    ours = Loader(selection, pipeline, batch_size=BATCH, dtype="uint8", cache=cache)
    denoise = tonic.transforms.Denoise(filter_time=FILTER_TIME_US)
    few = Subset(tonic_nmnist(bench.nmnist_files, denoise, frames=WINDOWS), range(N_DENOISE))
    cached = tonic.DiskCachedDataset(few, cache_path=str(bench.folder / "tonic-denoised"))
    seconds = take_turns(
        {"ours": epochs(ours, EPOCHS), "tonic": epochs(tonic_batches(cached), EPOCHS)},
        rounds=bench.rounds,
    )
    return [
        Row(
            name="frame-cache",
            quantity=f"N-MNIST batches of {BATCH}, Denoise 10 ms and frames, from the cache, uint8",
            unit="samples/s",
            better="higher",
            ours=seconds["ours"].per(EPOCHS * len(selection)),
            peer=seconds["tonic"].per(EPOCHS * N_DENOISE),
            peer_name="Tonic DiskCachedDataset (filled)",
            target=Target(of="ours", bound=20_000),
            note=(
                f"both caches are filled before, Tonic's with {N_DENOISE} samples, since that "
                "takes long; its batches are float32. The loader's own trial: "
                f"{ours.explain_cache().splitlines()[-1]}."
            ),
        )
    ]
