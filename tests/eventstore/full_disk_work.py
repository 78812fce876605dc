"""Do pieces of work on a disk with less and less room; run where a small disk is mounted.

Arguments: a folder with the store of a trial and its sources, the small disk, and the work. Prints
for each amount of room a line of JSON: the exit status, the digest of the store, what is beside it.
"""

import json
import os
import runpy
import shutil
import sys
from pathlib import Path

from eventstore.findings import has_errors
from eventstore.store import EventStore
from eventstore.verify import check_store

STEP = 64 << 10
"""Bytes of room more in each trial."""


def leave_room(disk: Path, n_bytes: int) -> None:
    """Fill the disk up to some bytes."""
    stat = os.statvfs(disk)
    ballast = max(0, stat.f_bavail * stat.f_frsize - n_bytes)
    with (disk / "ballast").open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, max(1, ballast))


def attempt(template: Path, disk: Path, what: str, n_bytes: int) -> int:
    """Do the work with so much room; print how it went and return the exit status."""
    trial = disk / "trial"
    trial.mkdir()
    shutil.copytree(template / "events.zarr", trial / "events.zarr")
    for name in ("other.zarr", "sources"):
        (trial / name).symlink_to(template / name)
    leave_room(disk, n_bytes)
    pid = os.fork()
    if pid == 0:
        go_on = runpy.run_path(str(Path(__file__).with_name("killed_work.py")))["go_on"]
        go_on(json.dumps({"do": what, "path": str(trial / "events.zarr")}))
        os._exit(0)
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    (disk / "ballast").unlink()
    with EventStore.open(trial / "events.zarr") as store:
        digest = "damaged" if has_errors(check_store(store)) else store.digest
    beside = sorted(p.name for p in trial.rglob(".*"))
    sys.stdout.write(json.dumps([status, digest, beside]) + "\n")
    shutil.rmtree(trial)
    return status


def main() -> None:
    """Give the work more and more room until it comes to its end."""
    template, disk, what = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
    n_bytes = 0
    while attempt(template, disk, what, n_bytes):
        n_bytes += STEP


if __name__ == "__main__":
    main()
