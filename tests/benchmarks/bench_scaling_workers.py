"""Samples a second by what loads them: threads of ours, worker processes of Tonic's."""

from bench_curves import Curve, Line, time_along
from bench_data import Bench
from bench_peers import BATCH, WINDOW_US, WINDOWS, tonic_batches, tonic_nmnist
from bench_timing import epochs
from eventstore.loader import Loader
from eventstore.transforms import FramesByTime, Pipeline

THREADS = (1, 2, 4)
WORKERS = (0, 1, 2)
EPOCHS = 12


def measure(bench: Bench) -> list[Curve]:
    """Time epochs of N-MNIST in frames of 10 ms."""
    selection = bench.nmnist_selection()
    n = len(selection)
    pipeline = Pipeline(FramesByTime(window_us=WINDOW_US))
    loaders = {
        threads: epochs(
            Loader(selection, pipeline, batch_size=BATCH, dtype="uint8", threads=threads), EPOCHS
        )
        for threads in THREADS
    }
    ours = time_along(loaders, rounds=bench.rounds)
    files = tonic_nmnist(bench.nmnist_files, frames=WINDOWS)
    workers = {count: epochs(tonic_batches(files, count)) for count in WORKERS}
    theirs = time_along(workers, rounds=min(bench.rounds, 2))
    return [
        Curve(
            name="scaling-workers",
            quantity=f"N-MNIST batches of {BATCH} in frames of 10 ms from the store, uint8",
            along="threads of ours, worker processes of Tonic (0: the main process loads)",
            unit="samples/s",
            better="higher",
            lines=(
                Line(
                    name="spikelake, threads",
                    points={float(k): v.per(EPOCHS * n) for k, v in ours.items()},
                    ours=True,
                ),
                Line(
                    name="Tonic from files, worker processes",
                    points={float(k): v.per(n) for k, v in theirs.items()},
                ),
            ),
            note=(
                "two cores, of which batches are collated on one: more threads or processes than "
                "cores cannot help. Tonic's batches are float32."
            ),
        )
    ]
