"""Fixtures and profiles shared by all tests; servers on loopback that fail on demand."""

import gc
import http.server
import importlib
import os
import re
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

# Where a change is judged, the same change is judged alike: other examples are tried by developers.
settings.register_profile(
    "spikelake", deadline=None, max_examples=50, derandomize="CI" in os.environ
)
settings.load_profile("spikelake")

# Hundreds of tests start processes: no process compiles again what another one has compiled.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

if "PYTEST_XDIST_WORKER" in os.environ:
    # Workers share the cores already: threads of theirs, and of what they start, would only wait.
    os.environ.setdefault("OMP_NUM_THREADS", "1")

SHARED = Path(__file__).parents[2] / "shared"


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """Look for no garbage while tests are collected, never again among them, and later seldom."""
    gc.disable()
    result = yield
    gc.freeze()
    gc.set_threshold(20_000, 10, 10)  # compilers make much that lives for a while
    gc.enable()
    return result


@pytest.fixture(autouse=True)
def _own_git_identity(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give git an identity of its own, so that tests need none of the machine's."""
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_NAME", "Test Curator")
        monkeypatch.setenv(f"GIT_{role}_EMAIL", "curator@example.org")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", os.devnull)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of real recordings, or skip where it is absent."""
    return _present(SHARED / "data", "real recordings")


@pytest.fixture(scope="session")
def shared_oracles() -> Path:
    """Return the folder of reference vectors, or skip where it is absent."""
    return _present(SHARED / "oracles", "reference vectors")


@pytest.fixture(scope="session")
def nmnist(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:  # a Split
    """Return the official split of N-MNIST: 1,000 recordings to train on, 100 to test."""
    import catalog
    from eventstore.events import Sensor

    archives = [shared_data / "nmnist-small" / f"{fold}.zip" for fold in ("Train", "Test")]
    folder = tmp_path_factory.mktemp("data") / "nmnist"
    dataset = catalog.Dataset.create(folder, catalog.Card(name="nmnist"))
    dataset.ingest(archives, sensor=Sensor(34, 34))
    dataset.make_split("official", catalog.OfficialRule())
    dataset.save("1.0.0")
    return dataset.at("1.0.0").split("official")


def _present(folder: Path, what: str) -> Path:
    if not folder.is_dir():
        pytest.skip(f"{what} not found beside the checkout ({folder.name}/)")
    return folder


class Gateway:
    """Passes connections on to a server on loopback, counts what comes back, and breaks them."""

    def __init__(self, upstream: tuple[str, int]) -> None:
        self._upstream = upstream
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._lock = threading.Lock()
        self._cuts: list[int] = []
        self.bytes_down = 0
        self.n_broken = 0
        self.requests: list[str] = []
        self._start(self._accept)

    @property
    def url(self) -> str:
        """Where the gateway listens."""
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def break_next(self, *after_bytes: int) -> None:
        """Break connections off, each after it has brought so many bytes from now on."""
        with self._lock:
            self._cuts += after_bytes

    def take_bytes(self) -> int:
        """Return the bytes that came back since the last time, headers included."""
        taken, self.bytes_down = self.bytes_down, 0
        self.requests.clear()
        return taken

    def close(self) -> None:
        """Close all connections and wait until nothing is under way."""
        _end(self._listener)
        self._threads[0].join()
        for connection in self._open:
            _end(connection)
        for thread in self._threads:
            thread.join()

    def _start(self, run: Callable[..., None], *args: object) -> None:
        thread = threading.Thread(target=run, args=args, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                below, _ = self._listener.accept()
            except OSError:
                return
            above = socket.create_connection(self._upstream)
            self._open += [below, above]
            self._start(self._pass_on, below, above)
            self._start(self._pass_on, above, below)

    def _pass_on(self, source: socket.socket, sink: socket.socket) -> None:
        is_down = source.getpeername()[1] == self._upstream[1]
        try:
            while data := source.recv(1 << 16):
                room = len(data)
                if is_down:
                    with self._lock:
                        cut = self._cuts.pop(0) if self._cuts else None
                        if cut is not None and cut > room:
                            self._cuts.insert(0, cut - room)
                            cut = None
                        room = room if cut is None else cut
                        self.bytes_down += room
                        self.n_broken += cut is not None
                else:
                    self.requests += re.findall(rb"^([A-Z]+ \S+) HTTP", data, re.MULTILINE)
                sink.sendall(data[:room])
                if room < len(data):
                    break
        except OSError:
            pass
        for end in (source, sink):
            _end(end)


def _end(connection: socket.socket) -> None:
    """Close a socket, also for a thread that waits for it."""
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
    connection.close()


class RangeHandler(http.server.SimpleHTTPRequestHandler):
    """Serves a folder with ranges and ETags, and fails on demand."""

    protocol_version = "HTTP/1.1"
    statuses: list[int]  # to answer with first
    knows_ranges = True
    n_damaged = 0  # answers to damage on the way

    def do_GET(self) -> None:
        self._answer(with_body=True)

    def do_HEAD(self) -> None:
        self._answer(with_body=False)

    def _answer(self, *, with_body: bool) -> None:
        path = Path(self.translate_path(self.path))
        if self.statuses or not path.is_file():
            self._send(self.statuses.pop(0) if self.statuses else 404, b"", {})
            return
        data, headers = path.read_bytes(), {"ETag": f'"{path.stat().st_mtime_ns}"'}
        size, status = len(data), 200
        asked = re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers.get("Range", ""))
        if asked and self.knows_ranges:
            start, last = int(asked[1]), int(asked[2])
            data, status = data[start : last + 1], 206 if start < size else 416
            headers["Content-Range"] = f"bytes {start}-{last}/{size}"
        if with_body and data and type(self).n_damaged:
            type(self).n_damaged -= 1
            data = bytes([data[0] ^ 1]) + data[1:]
        self._send(status, data, headers, with_body=with_body)

    def _send(
        self, status: int, data: bytes, headers: dict[str, str], *, with_body: bool = True
    ) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(data))}.items():
            self.send_header(name, value)
        self.end_headers()
        if with_body:
            self.wfile.write(data)

    def log_message(self, *args: object) -> None:
        """Say nothing."""


class WebServer(Gateway):
    """A web server of a folder, behind a gateway."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.handler = type("Handler", (RangeHandler,), {"statuses": []})
        self._server = http.server.ThreadingHTTPServer(
            ("127.0.0.1", 0), lambda *args: self.handler(*args, directory=str(folder))
        )
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()
        super().__init__(("127.0.0.1", self._server.server_port))

    def close(self) -> None:
        """Stop serving."""
        super().close()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class ObjectStore(Gateway):
    """An S3 server on loopback, behind a gateway, with one empty bucket."""

    def __init__(self, server: Any) -> None:
        self._server = server
        super().__init__(server.get_host_and_port())
        keys = {"aws_access_key_id": "key", "aws_secret_access_key": "secret"}
        host, port = server.get_host_and_port()
        boto3: Any = importlib.import_module("boto3")  # only here: it is slow to load
        self._client = boto3.client(
            "s3", endpoint_url=f"http://{host}:{port}", region_name="us-east-1", **keys
        )
        self._client.create_bucket(Bucket="bucket")
        self.options = {"key": "key", "secret": "secret", "endpoint_url": self.url}

    def put(self, source: Path, key: str) -> str:
        """Upload a file, or all files of a folder; return their URL."""
        for path in [source, *source.rglob("*")]:
            if path.is_file():
                name = "/".join([key, *path.relative_to(source).parts])
                self._client.put_object(Bucket="bucket", Key=name, Body=path.read_bytes())
        return f"s3://bucket/{key}"

    def delete(self, key: str) -> None:
        """Delete an object."""
        self._client.delete_object(Bucket="bucket", Key=key)

    def close(self) -> None:
        """Stop serving."""
        super().close()
        self._client.close()
        self._server.stop()


@pytest.fixture
def serve_folder() -> Iterator[Callable[[Path], WebServer]]:
    """Return a function that serves a folder by http on loopback, with ranges and ETags."""
    with ExitStack() as servers:

        def start(folder: Path) -> WebServer:
            server = WebServer(folder)
            servers.callback(server.close)
            return server

        yield start


@pytest.fixture(scope="session")
def object_store() -> Iterator[ObjectStore]:
    """Return an S3 server on loopback; skips where the server is not installed."""
    server = pytest.importorskip("moto.server").ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    store = ObjectStore(server)
    yield store
    store.close()


@pytest.fixture
def no_screen() -> Iterator[None]:
    """Draw figures without a screen, and close them afterwards."""
    import matplotlib as mpl
    import matplotlib.pyplot as plt

    before = mpl.get_backend()
    plt.switch_backend("agg")
    yield
    plt.close("all")
    plt.switch_backend(before)
