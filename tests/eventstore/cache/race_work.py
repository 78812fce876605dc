"""Four processes fill one cache, one of them is killed; run by the race trials.

Arguments: a folder, the number of rounds, a seed. Prints a line of JSON a round: the exit statuses,
how often each block was made, whether what the survivors got is right, and what is left behind.
"""

import json
import os
import signal
import sys
import time
from collections import Counter
from pathlib import Path

import numpy as np

from eventstore.cache import CacheEntry, FrameCache
from eventstore.cache.frames import FrameBlock, write_frames
from eventstore.durable import PARTIAL
from eventstore.events import Sensor
from eventstore.sample_batch import read_samples
from eventstore.selection import Selection
from eventstore.testing import tiny_selection
from eventstore.transforms import Denoise, EventBatch, FramesByTime, Pipeline

PIPELINE = Pipeline(Denoise(filter_time_us=500), FramesByTime(window_us=1_000))

N_PROCESSES = 4

N_SAMPLES, BLOCK_SIZE = 60, 3

WRONG = 3
"""Exit status of a process that got other frames than the right ones."""


def frames(entry: CacheEntry, block: int, block_frames: FrameBlock) -> bytes:
    """Return the frames of a block, dense."""
    out = np.empty((len(block_frames), 20, 2, 40, 50), np.uint8)
    write_frames([(block_frames, i) for i in range(len(block_frames))], out)
    return out.tobytes()


def fill(selection: Selection, folder: Path, truth: list[bytes], seed: int) -> None:
    """Load all blocks in an order of one's own; note those that had to be made."""
    entry = FrameCache(folder).entry(selection, PIPELINE, block_size=BLOCK_SIZE)
    log = os.open(folder / "log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    size = entry.key.block_size

    def read(samples: np.ndarray) -> EventBatch:
        os.write(log, f"{int(samples[0]) // size}\n".encode())
        return read_samples(selection, samples)

    for block in np.random.default_rng(seed).permutation(entry.key.n_blocks).tolist():
        found = entry.load(block, read)
        if not isinstance(found, FrameBlock) or frames(entry, block, found) != truth[block]:
            os._exit(WRONG)


def race(
    selection: Selection, folder: Path, truth: list[bytes], rng: np.random.Generator
) -> dict[str, object]:
    """Let four processes fill a cache, and kill one at a random moment."""
    folder.mkdir()
    pids = []
    for seed in rng.integers(0, 1 << 30, N_PROCESSES).tolist():
        pid = os.fork()
        if pid == 0:
            fill(selection, folder, truth, seed)
            os._exit(0)
        pids.append(pid)
    time.sleep(float(rng.uniform(0.0, 0.08)))
    os.kill(pids[int(rng.integers(N_PROCESSES))], signal.SIGKILL)
    statuses = [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in pids]
    made = Counter((folder / "log").read_text("ascii").split())
    cache = FrameCache(folder)
    entry = cache.entry(selection, PIPELINE, block_size=BLOCK_SIZE)
    whole = [entry.get(block) for block in range(entry.key.n_blocks)]
    right = all(
        isinstance(found, FrameBlock) and frames(entry, block, found) == truth[block]
        for block, found in enumerate(whole)
    )
    left = [path.name for path in folder.rglob(f".*{PARTIAL}")]
    n_damaged = len(cache.findings)
    return {
        "statuses": statuses,
        "n_made": sum(made.values()),
        "most": max(made.values()),
        "n_blocks": entry.key.n_blocks,
        "right": right and not n_damaged,
        "left": left,
    }


def main() -> None:
    """Run the rounds."""
    folder, rounds, seed = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    selection = tiny_selection(
        folder / "events.zarr", n_recordings=N_SAMPLES, sensor=Sensor(50, 40), seed=seed
    )
    cache = FrameCache(folder / "truth")
    entry = cache.entry(selection, PIPELINE, block_size=BLOCK_SIZE)
    truth = []
    for block in range(entry.key.n_blocks):
        made = entry.load(block)
        assert isinstance(made, FrameBlock)
        truth.append(frames(entry, block, made))
    rng = np.random.default_rng(seed)
    for i in range(rounds):
        sys.stdout.write(json.dumps(race(selection, folder / str(i), truth, rng)) + "\n")


if __name__ == "__main__":
    main()
