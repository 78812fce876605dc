"""What a loader holds is bounded by what it was told, however large the data."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from eventstore.append import StoreWriter
from eventstore.events import EVENT_BYTES, Events, Sensor

N, EACH, BATCH = 3_200, 1_000, 8
DATA = N * EACH * EVENT_BYTES

# Peak of what numpy and Python allocate in an epoch, and of what the process holds of its own.
MEASURE = """
import json, re, sys, tracemalloc
from pathlib import Path
import numpy as np
from eventstore.loader import Loader
from eventstore.selection import Selection
from eventstore.store import EventStore
from eventstore.transforms import FramesByBins, Pipeline

def own():
    return int(re.search(r"RssAnon:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) << 10

store = EventStore.open(sys.argv[1])
n = store.n_recordings
zeros = np.zeros(n, np.int64)
selection = Selection(
    store=store, recording=np.arange(n), t_start=zeros, t_stop=store.recordings.t_stop,
    label=zeros, label_names=("one",),
)
loader, warm = (
    Loader(
        selection, Pipeline(FramesByBins(n_bins=2)), batch_size=8, dtype="uint8",
        memory_bytes=int(sys.argv[2]),
    )
    for _ in range(2)
)
next(iter(warm))
before = own()
tracemalloc.start()
held = max(own() for _ in loader) - before
print(json.dumps([tracemalloc.get_traced_memory()[1], held]))
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("large") / "events.zarr"
    rng = np.random.default_rng(0)
    with StoreWriter.create(path, Sensor(32, 32)) as writer:
        for i in range(N):
            x, y = rng.integers(0, 32, (2, EACH))
            t = np.sort(rng.integers(0, 10_000, EACH))
            writer.append(f"r{i}", [Events.of(t=t, x=x, y=y, p=rng.integers(0, 2, EACH))])
    return path


def measured(place: Path, memory_bytes: int) -> tuple[int, int]:
    """Return both, of a process of its own.

    ``tracemalloc.stop`` in a process that goes on may crash kernels that allocate (python/cpython,
    issue 128679, mended in 3.12.9 and 3.13.2), and a loader's threads read ahead between epochs.
    """
    command = [sys.executable, "-c", MEASURE, str(place), str(memory_bytes)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=100)
    peak, held = json.loads(done.stdout)
    return peak, held


def test_an_epoch_over_twenty_times_the_memory_stays_within_it(place: Path) -> None:
    memory = DATA // 20
    peak, held = measured(place, memory)
    unbounded, _ = measured(place, 2 * DATA)
    threads, prefetch = 2, 2
    # A batch and what it is made of: its events as they lie and as they are gathered, its frames.
    batch = BATCH * (2 * EACH * EVENT_BYTES + 2 * 2 * 32 * 32)
    bound = memory + threads * (3 << 19) + (prefetch + threads + 1) * batch
    assert peak < bound < DATA / 5
    assert unbounded > 4 * bound  # the measure sees what is held
    assert held < DATA / 4
