"""The viewer of a small dataset."""

import http.server
import shutil
import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from catalog.card import Card
from catalog.dataset import Dataset
from catalog.intake import Intake, describe_intake
from catalog.recording_table import Provenance
from catalog.tree import WorkTree
from catalog.viewer.shown import Shown
from eventstore.append import StoreWriter
from eventstore.events import Events, Sensor
from tests.catalog.viewer.asking import Asker


@pytest.fixture(scope="session")
def viewed(template: Path) -> Iterator[Asker]:
    """The viewer of version 1.0.0 of the animals, which nothing changes."""
    shown = Shown(Dataset.open(template), "1.0.0")
    yield Asker(shown)
    shown.state().version.close()


@pytest.fixture
def asker() -> Callable[..., Asker]:
    """A function ``(dataset, edit=…)`` that returns the viewer of a work tree."""
    return lambda dataset, edit=False: Asker(Shown(dataset), edit=edit)


def _created(root: Path) -> Dataset:
    with pytest.MonkeyPatch.context() as patch:
        for role in ("AUTHOR", "COMMITTER"):
            patch.setenv(f"GIT_{role}_NAME", "Test Curator")
            patch.setenv(f"GIT_{role}_EMAIL", "curator@example.org")
        return Dataset.create(root, Card(name=root.name))


@pytest.fixture(scope="session")
def many_viewed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asker]:
    """The viewer of 10⁴ recordings."""
    dataset = _created(tmp_path_factory.mktemp("many") / "many")
    events = Events.of(t=[1, 5], x=[0, 1], y=[1, 0], p=[0, 1])
    names = [f"r/{k:05}" for k in range(10_000)]
    with StoreWriter.create(dataset.root / "events.zarr", Sensor(2, 2)) as writer:
        for name in names:
            writer.append(name, [events])
    known = {name: Provenance("a.bin", "train") for name in names}
    intake = Intake([], known, dict.fromkeys(names, "cat"))
    describe_intake(WorkTree(dataset.root), intake)
    shown = Shown(dataset)
    yield Asker(shown)
    shown.state().version.close()
    shutil.rmtree(dataset.root, ignore_errors=True)


@pytest.fixture(scope="session")
def long_viewed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asker]:
    """The viewer of a recording of 10⁸ events in 100 s at 640 × 480."""
    dataset = _created(tmp_path_factory.mktemp("long") / "long")
    root = dataset.root
    with StoreWriter.create(root / "events.zarr", Sensor(640, 480)) as writer:
        writer.append("long", _million_a_second(100))
    intake = Intake([], {"long": Provenance("long.raw", "")}, {"long": "noise"})
    describe_intake(WorkTree(root), intake)
    shown = Shown(dataset)
    yield Asker(shown)
    shown.state().version.close()
    shutil.rmtree(root, ignore_errors=True)


def _million_a_second(seconds: int) -> Iterator[Events]:
    rng = np.random.default_rng(0)
    n = 1_000_000
    x, y = rng.integers(0, 640, n), rng.integers(0, 480, n)
    p = rng.integers(0, 2, n)
    for second in range(seconds):
        yield Events.of(t=np.arange(n) + second * n, x=x, y=y, p=p)


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Sends files with the type that their names tell, and writes no log."""

    def log_message(self, *args: object) -> None:
        """Write nothing."""


@pytest.fixture
def any_server(tmp_path: Path) -> Iterator[str]:
    """The address of a web server that sends the files of the test's folder."""
    handler = partial(Quiet, directory=str(tmp_path))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()
