"""Records a made-up source into a dataset and is killed at one of its changes of the disk."""

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from catalog.dataset import Dataset
from devices.monitor import OutputSpikes
from devices.monitor_recording import record_monitor


class Clockwork:
    """Two cores of 3 × 1 × 1 and 1 × 2 × 2 neurons; a spike every 10 µs, 50 a read."""

    chip = "speck2f"
    config_digest = "00ff"
    shapes = {2: (3, 1, 1), 4: (1, 2, 2)}  # noqa: RUF012  (a test's source, never changed)

    def __init__(self, n_reads: int, first: int = 0) -> None:
        self.reads = iter(range(first, first + n_reads))

    def read(self) -> OutputSpikes | None:
        at = next(self.reads, None)
        if at is None:
            return None
        n = np.arange(50 * at, 50 * at + 50)
        core = np.where(n % 2, 4, 2)
        rows = [10 * n, core, np.where(n % 2, 0, n % 3), n % 2 * (n // 2 % 2), n % 2 * (n // 4 % 2)]
        return OutputSpikes.of(np.stack(rows, axis=1))


def main(root: str, die_at: int) -> None:
    """Record 10 parts of 100 spikes; die at the so many-th rename."""
    left = [die_at]
    rename = os.replace

    def counted(*arguments: Any, **options: Any) -> None:
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        rename(*arguments, **options)

    replaced: Callable[..., None] = counted
    os.replace = replaced
    record_monitor(Clockwork(20), Dataset.open(Path(root)), "run", part_us=1000)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
