"""What a run began with, how long it took, and what others had of the machine meanwhile."""

import os
import resource
import subprocess
import time
from pathlib import Path

from bench_environment import ROOT


class Watch:
    """Started before the first measurement; ``commit`` is what was checked out then."""

    def __init__(self) -> None:
        self.commit = _commit()
        self._start = time.perf_counter()
        self._machine, self._ours = _machine_seconds(), _own_seconds()

    def seconds(self) -> float:
        """Return the time since the start."""
        return time.perf_counter() - self._start

    def others(self) -> float:
        """Return how many cores other programs used since the start, on average."""
        machine, ours = _machine_seconds() - self._machine, _own_seconds() - self._ours
        return max(0.0, machine - ours) / self.seconds()


def _machine_seconds() -> float:
    """Return the seconds all cores were busy since the machine started; 0 where it doesn't tell."""
    stat = Path("/proc/stat")
    if not stat.is_file():
        return 0
    user, nice, system, _idle, _wait, irq, softirq, steal, *_ = (
        int(ticks) for ticks in stat.read_text().split("\n", 1)[0].split()[1:]
    )
    return (user + nice + system + irq + softirq + steal) / os.sysconf("SC_CLK_TCK")


def _own_seconds() -> float:
    """Return the processor time of this process and of the children it waited for."""
    spent = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in spent)


def _commit() -> str:
    command = ["git", "describe", "--always", "--dirty", "--exclude=*"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip() or "unknown"
