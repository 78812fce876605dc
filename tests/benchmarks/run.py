"""Measure spikelake against its peers, in an environment of their own: what ``make bench`` runs.

The peers never enter spikelake's environment: they live in ``.venv-bench``, which this script
makes. The measuring itself is ``bench_all.py``, run there with the same number of threads for all.
"""

import os
import subprocess
import sys
from pathlib import Path

from bench_environment import ROOT, make_environment

THREADS = "2"


def main(arguments: list[str]) -> int:
    """Make the environment if it is missing or out of date, measure in it, return its status."""
    python = make_environment()
    # Passive waiting: a spinning OpenMP barrier slows eager peers 10–20 times on few cores.
    settings = {
        "OMP_NUM_THREADS": THREADS,
        "NUMBA_NUM_THREADS": THREADS,
        "OMP_WAIT_POLICY": "PASSIVE",
        "MPLBACKEND": "agg",
    }
    script = Path(__file__).with_name("bench_all.py")
    command = [str(python), str(script), *arguments]
    return subprocess.run(command, cwd=ROOT, env=os.environ | settings, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
