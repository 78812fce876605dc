"""Fixtures for tests of the store: recordings, layouts, servers that fail, writers to be killed."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from eventstore.append import StoreWriter
from eventstore.events import Events, Sensor
from eventstore.files import ByteRange, Files, LocalFiles
from eventstore.schema import Layout

SENSOR = Sensor(34, 20)
SMALL = Layout(chunk_events=16, shard_events=64, table_rows=4)

MakeEvents = Callable[..., Events]


def random_events(n: int, seed: int = 0, sensor: Sensor = SENSOR) -> Events:
    """Return n events in order of time, with many equal times."""
    rng = np.random.default_rng(seed)
    audio = sensor.modality == "audio"
    return Events.of(
        t=np.sort(rng.integers(0, 4 * n + 1, n)),
        x=rng.integers(0, sensor.width, n),
        y=rng.integers(0, sensor.height, n),
        p=np.ones(n, int) if audio else rng.integers(0, 2, n),
    )


@pytest.fixture(scope="session")
def make_events() -> MakeEvents:
    """Return a function (n, seed=0, sensor=…) -> Events."""
    return random_events


@pytest.fixture(scope="session")
def small() -> Layout:
    """Return a layout of tiny chunks, so that small recordings cross chunks and shards."""
    return SMALL


@pytest.fixture
def instant_sync() -> Iterator[None]:
    """Make fsync free where a test is not about it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda _: None)
        yield


@pytest.fixture(scope="module")
def sample_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a store of 12 recordings over several shards, the fourth empty; never written to."""
    path = tmp_path_factory.mktemp("sample") / "events.zarr"
    with StoreWriter.create(path, SENSOR, layout=SMALL) as writer:
        for i in range(12):
            n = 0 if i == 3 else 10 + 7 * i
            writer.append(f"r{i}", [random_events(n, i)], t_origin_us=i)
    return path


class CountedFiles(Files):
    """The files of a folder, read as if they were remote; notes what is asked for."""

    def __init__(self, root: Path, *, remote: bool = True) -> None:
        self._files = LocalFiles(root)
        self._remote = remote
        self.calls: list[list[ByteRange]] = []

    @property
    def remote(self) -> bool:
        return self._remote

    def read_ranges(self, ranges: Sequence[ByteRange]) -> list[memoryview]:
        self.calls.append(list(ranges))
        return self._files.read_ranges(ranges)

    def size(self, key: str) -> int:
        return self._files.size(key)

    def where(self, key: str) -> str:
        return self._files.where(key)

    def has(self, key: str) -> bool:
        return self._files.has(key)

    def close(self) -> None:
        self._files.close()

    def take_calls(self) -> list[list[ByteRange]]:
        """Return the calls since the last time, each a list of ranges."""
        calls, self.calls = self.calls, []
        return calls


@pytest.fixture
def counted_files() -> Callable[..., CountedFiles]:
    """Return a function (root, remote=True) -> Files that notes what is read."""
    return CountedFiles


@pytest.fixture
def web_server(sample_store: Path, tmp_path: Path, serve_folder: Callable[[Path], Any]) -> Any:
    """Return a web server of a folder with a copy of the sample store as ``events.zarr``."""
    shutil.copytree(sample_store, tmp_path / "web" / "events.zarr")
    return serve_folder(tmp_path / "web")


# After code that defines go_on(path): forks a warm writer for each path on stdin and says its pid;
# asked once more, says how it ended. Until then the pid stays taken: a late kill hits nobody else.
SERVE = """
import os, sys
while line := sys.stdin.readline():
    pid = os.fork()
    if pid == 0:
        go_on(line.strip())
        os._exit(0)
    print(pid, flush=True)
    sys.stdin.readline()
    print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)
"""


class ForkServer:
    """Starts writers that can be killed; one process imports everything once."""

    def __init__(self, code: str) -> None:
        command = [sys.executable, "-c", code + SERVE]
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True)
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._ask, self._answer = self._process.stdin, self._process.stdout

    def write(self, path: Path, kill_after_s: float | None = None) -> int:
        """Let a writer go on at ``path``; return its exit status, -9 where it was killed."""
        print(path, file=self._ask, flush=True)
        pid = int(self._answer.readline())
        if kill_after_s is not None:
            time.sleep(kill_after_s)
            os.kill(pid, signal.SIGKILL)
        print(file=self._ask, flush=True)
        return int(self._answer.readline())

    def close(self) -> None:
        """End the server."""
        self._ask.close()
        self._process.wait(10)
        self._answer.close()


@pytest.fixture(scope="session")
def fork_server() -> Iterator[Callable[[str], ForkServer]]:
    """Return a function that starts a server of writers from code that defines go_on(path)."""
    with ExitStack() as servers:

        def start(code: str) -> ForkServer:
            server = ForkServer(code)
            servers.callback(server.close)
            return server

        yield start
