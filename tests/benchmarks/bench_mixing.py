"""What it costs to mix samples: batches of N-MNIST with and without, in turns."""

from bench_data import Bench
from bench_rows import Row
from bench_timing import epochs, take_turns
from eventstore.loader import CutMix, EventMix, Loader
from eventstore.transforms import FramesByTime, Pipeline

BATCH = 32
EPOCHS = 4
ROUNDS = 5  # turns of each for every round of slow rivals: ours are short, and others use the cores


def measure(bench: Bench) -> list[Row]:
    """Count samples a second of shuffled batches of samples mixed of two."""
    selection = bench.nmnist_selection()
    pipeline = Pipeline(FramesByTime(window_us=10_000))
    mixers = {
        "as they are": None,
        "CutMix": CutMix(),
        "half by CutMix": CutMix(probability=0.5),
        "EventMix": EventMix(),
        "half by EventMix": EventMix(probability=0.5),
    }
    loaders = {
        name: Loader(selection, pipeline, batch_size=BATCH, dtype="uint8", mix=mix)
        for name, mix in mixers.items()
    }
    seconds = take_turns(
        {name: epochs(loader, EPOCHS) for name, loader in loaders.items()},
        rounds=ROUNDS * bench.rounds,
        warmup=2,
    )
    return [
        Row(
            name="mixing",
            quantity=f"N-MNIST batches of {BATCH}, frames of 10 ms, uint8: samples {name}",
            unit="samples/s",
            better="higher",
            ours=spread.per(EPOCHS * len(selection)),
            note="all five in turns; a mixed sample takes two samples' events and their merge",
        )
        for name, spread in seconds.items()
    ]
