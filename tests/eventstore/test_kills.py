"""Killed at any moment, or with a full disk, a store is as before or as after, never between."""

import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from errno import EFBIG, ENOSPC
from pathlib import Path
from typing import NamedTuple, Protocol, TypeAlias

import numpy as np
import pytest

from eventstore.append import StoreWriter
from eventstore.events import Sensor
from eventstore.findings import has_errors
from eventstore.readers.conformance import sample_events
from eventstore.recordings import store_digest
from eventstore.sample_stores import write_samples
from eventstore.store import EventStore
from eventstore.verify import check_store
from eventstore.writers.atis import write_atis

WORK = (
    "ingest",
    "append",
    "remove",
    "remove first",
    "edit",
    "rechunk",
    "recode",
    "join",
    "join anew",
    "salvage",
)

ANEW = ("join anew", "salvage")
"""What makes another store, beside that of the trial."""

SOME = ("append", "remove")
"""What is tried in a hurry; all are by `make test-slow`."""

N = 7
"""Recordings in the store of a trial."""

CODE = Path(__file__).with_name("killed_work.py")

KILLED = -signal.SIGKILL

State: TypeAlias = list[object] | None


class End(NamedTuple):
    """How a piece of work comes to its end."""

    states: list[State]
    """What the store is before, perhaps between, and after it."""
    changes: int
    """How often it changes the disk."""
    took_s: float
    seen: list[State]
    """What a reader found before each change, where it had looked."""


class Server(Protocol):
    """What the fixture fork_server starts."""

    def write(self, path: str, kill_after_s: float | None = None) -> int: ...


class Trials:
    """Copies of one store, each with a piece of work done to it that may not come to its end."""

    def __init__(self, server: Server, folder: Path) -> None:
        self._server = server
        self.folder = folder
        write_samples(folder / "events.zarr", range(N))
        write_samples(folder / "other.zarr", range(30, 32))
        (folder / "sources").mkdir()
        for i in range(2):
            write_atis(folder / "sources" / f"{i}.bin", sample_events(Sensor(34, 20), 60, seed=i))
        self.before = self.state("", folder)
        self._done: set[str] = set()

    def fresh(self) -> Path:
        """Return the folder of a new trial."""
        folder = self.folder / "trial"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        shutil.copytree(self.folder / "events.zarr", folder / "events.zarr")
        for name in ("other.zarr", "sources"):
            (folder / name).symlink_to(self.folder / name)
        return folder

    def run(
        self, what: str, folder: Path, kill_after_s: float | None = None, /, **order: object
    ) -> int:
        """Do a piece of work; return the exit status, -9 where it was killed."""
        whole = {"do": what, "path": str(folder / "events.zarr"), **order}
        return self._server.write(json.dumps(whole), kill_after_s)

    def end(self, what: str, *, look: bool = False) -> End:
        """Do a piece of work to its end; say what it goes through."""
        if what not in self._done:  # once uncounted: kernels are compiled then, and kept on disk
            assert self.run(what, self.fresh()) == 0
            self._done.add(what)
        folder = self.fresh()
        watched = folder / ("joined.zarr" if what in ANEW else "events.zarr")
        order = {"report": str(folder / "report")} | ({"look_at": str(watched)} if look else {})
        started = time.monotonic()
        assert self.run(what, folder, **order) == 0
        took_s = time.monotonic() - started
        report = json.loads((folder / "report").read_text())
        after = self.state(what, folder)
        states = [None if what in ANEW else self.before, after]
        if what == "ingest":  # after each recording a state is published
            states = prefixes(folder / "events.zarr")
        assert states[-1] == after
        return End(states, report["changes"], took_s, report["seen"])

    @staticmethod
    def state(what: str, folder: Path) -> State:
        """Return what the store is, after a look at all of it."""
        path = folder / ("joined.zarr" if what in ANEW else "events.zarr")
        if not path.exists():
            return None
        with EventStore.open(path) as store:
            assert not has_errors(check_store(store))
            return [store.digest, asdict(store.head.layout), store.head.tier]

    def finish(self, what: str, folder: Path, states: Sequence[State]) -> None:
        """Go on after a trial: the work comes to its end, and nothing else is left."""
        if self.state(what, folder) != states[-1]:
            assert self.run(what, folder) == 0
        assert self.state(what, folder) == states[-1]
        for store in folder.glob("*.zarr"):
            if not store.is_symlink():
                StoreWriter.open(store).close()
        assert_tidy(folder)


def prefixes(path: Path) -> list[State]:
    """Return the states that a store went through while recordings were added to it."""
    with EventStore.open(path) as store:
        table, head = store.recordings, store.head
        sums = list(zip(table.ids, table.digests, table.side_digests, strict=True))
        digests = [store_digest(sums[:n]) for n in range(N, len(sums) + 1)]
        return [[digest, asdict(head.layout), head.tier] for digest in digests]


def assert_tidy(folder: Path) -> None:
    """Check that nothing lies about."""
    hidden = [p.name for p in folder.rglob(".*")]
    assert hidden == []


@pytest.fixture(scope="module")
def trials(fork_server: Callable[[str], Server]) -> Iterator[Trials]:
    memory = Path("/dev/shm")  # several times as fast, and a kill leaves it as it leaves a disk
    place = memory if os.access(memory, os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="spikelake-kills-", dir=place) as folder:
        yield Trials(fork_server(CODE.read_text("utf-8")), Path(folder))


def spread(n: int, count: int) -> list[int]:
    """Return ``count`` numbers from 1 to n, the last among them."""
    return sorted({round(k) for k in np.linspace(n, 1, count)})


def die_at_steps(trials: Trials, what: str, steps: Callable[[int], Sequence[int]]) -> None:
    states, n, *_ = trials.end(what)
    seen = []
    for step in steps(n):
        folder = trials.fresh()
        status = trials.run(what, folder, die_at=step)
        assert status == KILLED or step > n - 20, step  # its changes are not always just as many
        seen.append(trials.state(what, folder))
        assert seen[-1] in states, step
        trials.finish(what, folder, states)
    assert_in_order(seen, states)


@pytest.mark.parametrize("what", SOME)
def test_killed_at_a_step_a_store_is_as_before_or_after(trials: Trials, what: str) -> None:
    die_at_steps(trials, what, lambda n: spread(n, 3))


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("what", WORK)
def test_killed_at_many_steps_a_store_is_as_before_or_after(trials: Trials, what: str) -> None:
    die_at_steps(trials, what, lambda n: spread(n, 40))


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("what", WORK)
def test_before_every_change_of_the_disk_a_reader_finds_before_or_after(
    trials: Trials, what: str
) -> None:
    # What a kill leaves is what a reader finds at that moment: this is a kill at each of them.
    end = trials.end(what, look=True)
    assert end.changes > 200
    assert_in_order(end.seen, end.states)
    assert end.seen[-1] == end.states[-1]


def assert_in_order(seen: Sequence[State], states: Sequence[State]) -> None:
    """Check that nothing but the states was seen, and none after a later one."""
    places = [states.index(state) for state in seen]
    assert places == sorted(places)
    assert seen[0] == states[0]


def fill_at_steps(trials: Trials, what: str, steps: Callable[[int], Sequence[int]]) -> None:
    states, n, *_ = trials.end(what)
    for step in steps(n):
        folder = trials.fresh()
        status = trials.run(what, folder, full_at=step)
        assert status in {0, ENOSPC}
        state = trials.state(what, folder)
        assert state in states, step
        if status and state != states[-1]:  # behind that the former store may be left to sweep
            assert_tidy(folder)
        trials.finish(what, folder, states)


@pytest.mark.parametrize("what", SOME)
def test_with_a_full_disk_a_store_is_as_before_or_after(trials: Trials, what: str) -> None:
    fill_at_steps(trials, what, lambda n: spread(n, 2))


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("what", WORK)
def test_with_a_disk_full_from_many_steps_on(trials: Trials, what: str) -> None:
    fill_at_steps(trials, what, lambda n: spread(n, 40))


def refuse_large_files(trials: Trials, what: str, sizes: Sequence[int]) -> None:
    states, *_ = trials.end(what)
    statuses = []
    for largest in sizes:
        folder = trials.fresh()
        statuses.append(trials.run(what, folder, largest=largest))
        assert trials.state(what, folder) in states
        trials.finish(what, folder, states)
    assert statuses[0] == EFBIG
    assert set(statuses) <= {0, EFBIG}


@pytest.mark.parametrize("what", SOME)
def test_where_the_kernel_refuses_large_files(trials: Trials, what: str) -> None:
    refuse_large_files(trials, what, (2_000,))


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("what", WORK)
def test_where_the_kernel_refuses_files_of_every_size(trials: Trials, what: str) -> None:
    refuse_large_files(trials, what, [round(10 * 1.5**k) for k in range(24)])


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("what", ["append", "remove", "recode"])
def test_on_a_disk_that_is_really_full(trials: Trials, tmp_path: Path, what: str) -> None:
    mount = f"mount -t tmpfs -o size=4m none {shlex.quote(str(tmp_path))}"
    own = ["unshare", "--map-root-user", "--mount", "sh", "-c"]
    if subprocess.run([*own, mount], capture_output=True, check=False).returncode:
        pytest.skip("mounting a small disk is not permitted here")
    states, *_ = trials.end(what)
    script = CODE.with_name("full_disk_work.py")
    work = shlex.join([sys.executable, str(script), str(trials.folder), str(tmp_path), what])
    done = subprocess.run([*own, f"{mount} && {work}"], capture_output=True, text=True, check=True)
    tried = [json.loads(line) for line in done.stdout.splitlines()]
    assert [status for status, *_ in tried] == [ENOSPC] * (len(tried) - 1) + [0]
    assert len(tried) > 3
    for status, digest, hidden in tried:
        assert digest in {state[0] for state in states if state is not None}
        assert hidden == [], status


def kill_at_random(trials: Trials, works: Sequence[str], n: int) -> int:
    """Kill each piece of work at random moments; return how many died before their end."""
    rng = np.random.default_rng(n)
    killed = 0
    for what in works:
        states, _, took_s, _ = trials.end(what)
        for moment in rng.uniform(0, took_s, n):
            folder = trials.fresh()
            killed += trials.run(what, folder, float(moment)) == KILLED
            assert trials.state(what, folder) in states
            trials.finish(what, folder, states)
    return killed


def test_killed_at_random_a_store_is_as_before_or_after(trials: Trials) -> None:
    assert kill_at_random(trials, ("rechunk",), 4) >= 2


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_killed_200_times_a_store_is_as_before_or_after(trials: Trials) -> None:
    assert kill_at_random(trials, ("ingest", "append", "remove", "rechunk"), 50) >= 100
