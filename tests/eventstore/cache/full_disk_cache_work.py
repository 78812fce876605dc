"""Fill a cache on a disk too small for it; run where a small disk is mounted.

Argument: the small disk. Prints a line of JSON: whether all blocks were right, the checks of the
findings, half made files that are left, whether some blocks are there, but not all.
"""

import json
import sys
import tempfile
from pathlib import Path

import numpy as np

from eventstore.cache import FrameCache
from eventstore.cache.frames import FrameBlock, write_frames
from eventstore.durable import PARTIAL
from eventstore.events import Sensor
from eventstore.testing import tiny_selection
from eventstore.transforms import FramesByBins, Pipeline

SENSOR = Sensor(50, 40)


def main() -> None:
    """Fill the cache twice."""
    disk = Path(sys.argv[1])
    pipeline = Pipeline(FramesByBins(n_bins=5))
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        selection = tiny_selection(Path(folder) / "events.zarr", n_recordings=400, sensor=SENSOR)
        cache = FrameCache(disk / "frames")
        entry = cache.entry(selection, pipeline, block_size=2)
        right = True
        for block in 2 * list(range(entry.key.n_blocks)):
            found = entry.load(block)
            assert isinstance(found, FrameBlock)
            for i, row in enumerate(entry.samples(block).tolist()):
                out = np.empty((1, 5, *SENSOR.shape), np.float32)
                write_frames([(found, i)], out)
                stop = int(selection.t_stop[row])
                truth = pipeline.frames(selection.store.read(row), SENSOR, t_stop=stop)
                right &= np.array_equal(out[0], truth)
        report = {
            "right": right,
            "findings": [finding.check for finding in cache.findings],
            "left": [path.name for path in disk.rglob(f".*{PARTIAL}")],
            "some": 0 < entry.n_kept() < entry.key.n_blocks,
        }
    sys.stdout.write(json.dumps(report) + "\n")


if __name__ == "__main__":
    main()
