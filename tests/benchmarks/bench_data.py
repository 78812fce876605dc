"""What the benchmarks measure on: real recordings, as files and as stores in a temporary folder."""

import shutil
import zipfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bench_environment import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from eventstore.codecs import Tier
    from eventstore.events import Events
    from eventstore.selection import Selection
    from eventstore.store import EventStore

DATA = ROOT.parent / "shared" / "data"
# Every recording with known truth, less a second encoding of one and those too short to time.
RECORDINGS = (
    "imx636.evt3.raw",
    "gen3.evt2.raw",
    "davis346.aedat4",
    "dvxplorer.aedat4",
    "ncaltech101-face.bin",
    "clips-128x128/1.bin",
    "clips-128x128/2.bin",
    "clips-128x128/3.bin",
    "clips-128x128/4.bin",
)


class NoDataError(Exception):
    """The real recordings lie not where the benchmarks look for them."""


def check_data() -> None:
    """Refuse to start without data.

    Raises:
        NoDataError: a file is missing; the message names it.
    """
    needed = [DATA / "nmnist-small" / "Train.zip", *(DATA / "recordings" / r for r in RECORDINGS)]
    missing = [path.name for path in needed if not path.is_file()]
    if missing:
        message = (
            f"no data to measure on: {', '.join(missing)} not found in shared/data beside the "
            "checkout"
        )
        raise NoDataError(message)


@dataclass(frozen=True, kw_only=True)
class Bench:
    """What every benchmark gets.

    Args:
        folder: where stores and extracted files go; the caller removes it.
        rounds: how often slow rivals are timed; fast ones are timed more often.
    """

    folder: Path
    rounds: int

    @cached_property
    def nmnist_store(self) -> Path:
        """1,000 N-MNIST recordings as one store."""
        return self.store([DATA / "nmnist-small" / "Train.zip"], "nmnist")

    @cached_property
    def nmnist_files(self) -> Path:
        """The same recordings as files, where Tonic's NMNIST looks for them."""
        root = self.folder / "files"
        with zipfile.ZipFile(DATA / "nmnist-small" / "Train.zip") as archive:
            archive.extractall(root / "NMNIST")
        return root

    def store(self, sources: list[Path], name: str) -> Path:
        """Ingest files into a new store; return its folder."""
        from eventstore.ingest import ingest

        path = self.folder / f"{name}.zarr"
        ingest(sources, path)
        return path

    def nmnist_samples(self) -> "Iterator[tuple[Events, int]]":
        """Iterate over the events and the digit of each N-MNIST recording, for peers to store."""
        return recordings(self.nmnist_selection())

    @cached_property
    def fast_nmnist_store(self) -> Path:
        """The same store, coded for the fast tier."""
        from eventstore.rewrite import rewrite_store

        path = self.folder / "fast-nmnist.zarr"
        shutil.copytree(self.nmnist_store, path)
        rewrite_store(path, tier="fast")
        return path

    def nmnist_selection(self, tier: "Tier" = "archive") -> "Selection":
        """Return all N-MNIST recordings, whole, with their digit as label."""
        from eventstore.selection import Selection
        from eventstore.store import EventStore

        store = EventStore.open(self.nmnist_store if tier == "archive" else self.fast_nmnist_store)
        digits = [int(name.split("/")[-2]) for name in store.recordings.ids]
        n = store.n_recordings
        return Selection(
            store=store,
            recording=np.arange(n),
            t_start=np.zeros(n, np.int64),
            t_stop=np.asarray(store.recordings.t_stop),
            label=np.array(digits, np.int64),
            label_names=tuple("0123456789"),
        )


def recordings(selection: "Selection") -> "Iterator[tuple[Events, int]]":
    """Iterate over the events and the label of whole recordings."""
    offsets = selection.store.recordings.offsets
    for recording, label in zip(selection.recording, selection.label, strict=True):
        start, stop = offsets[recording : recording + 2].tolist()
        yield selection.store.read_rows(start, stop), int(label)


def whole(store: "EventStore", n_classes: int) -> "Selection":
    """Return all recordings of a store, whole, with labels in turn."""
    from eventstore.selection import Selection

    n = store.n_recordings
    return Selection(
        store=store,
        recording=np.arange(n),
        t_start=np.zeros(n, np.int64),
        t_stop=np.asarray(store.recordings.t_stop),
        label=np.arange(n, dtype=np.int64) % n_classes,
        label_names=tuple(map(str, range(n_classes))),
    )


def size_on_disk(folder: Path) -> int:
    """Return the bytes of all files below a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
