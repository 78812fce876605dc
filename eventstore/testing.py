"""For tests of spikelake and of its plug-ins: contracts to subclass, and data small enough to read.

``ReaderContract``, ``TransformContract`` and ``SoundContract`` are all the test that a reader, a
transform or a stage of an encoding of sound must subclass;
``tiny_store`` and ``tiny_selection`` make a store of a few unlike recordings in a temporary folder,
``tiny_folders`` recorded files in class folders;
``events`` and ``sensors`` are hypothesis strategies (importing them needs hypothesis).
"""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from eventstore.append import StoreWriter
from eventstore.events import Events, Sensor
from eventstore.lazy import lazy_exports
from eventstore.readers.conformance import ReaderContract, sample_events
from eventstore.selection import Selection
from eventstore.sound.conformance import SoundContract
from eventstore.store import EventStore
from eventstore.transforms.conformance import TransformContract
from eventstore.writers.atis import write_atis

if TYPE_CHECKING:
    from eventstore.strategies import events, sensors

__all__ = [
    "TINY_LABELS",
    "TINY_SENSOR",
    "ReaderContract",
    "SoundContract",
    "TransformContract",
    "events",
    "sensors",
    "tiny_folders",
    "tiny_selection",
    "tiny_store",
]

__getattr__, _ = lazy_exports(
    __name__, {"events": "eventstore.strategies", "sensors": "eventstore.strategies"}
)

TINY_SENSOR = Sensor(8, 6)
"""Sensor of the recordings of `tiny_store`."""

TINY_LABELS = ("left", "right", "still")
"""Names of the labels of `tiny_selection`."""


def tiny_store(
    path: Path, *, n_recordings: int = 20, sensor: Sensor = TINY_SENSOR, seed: int = 0
) -> EventStore:
    """Write a store of short recordings of unlike lengths, the second of them empty, and open it.

    Args:
        path: folder to make.
        n_recordings: number of recordings; their ids are ``r000``, ``r001`` …
        sensor: the sensor.
        seed: another seed gives other events.

    Examples:
        >>> from tempfile import mkdtemp
        >>> tiny_store(Path(mkdtemp()) / "events.zarr", n_recordings=3).recordings.ids
        ['r000', 'r001', 'r002']
    """
    rng = np.random.default_rng(seed)
    with StoreWriter.create(path, sensor) as writer:
        for i in range(n_recordings):
            n = 0 if i == 1 else int(rng.integers(1, 200))
            events = Events.of(
                t=np.sort(rng.integers(0, 20_000, n)),
                x=rng.integers(0, sensor.width, n),
                y=rng.integers(0, sensor.height, n),
                p=rng.integers(2 - sensor.polarities, 2, n),
            )
            writer.append(f"r{i:03}", [events], t_origin_us=0, source_sha256=bytes(32))
    return EventStore.open(path)


def tiny_folders(path: Path, *, seed: int = 0) -> list[Path]:
    """Write six recordings in class folders, four in ``Train`` and two in ``Test``.

    Args:
        path: folder to write the two folders in.
        seed: another seed gives other events.

    Examples:
        >>> from tempfile import mkdtemp
        >>> train, test = tiny_folders(Path(mkdtemp()))
        >>> sorted(file.relative_to(train).as_posix() for file in train.glob("*/*"))
        ['left/0.bin', 'left/1.bin', 'right/0.bin', 'right/1.bin']
    """
    files = [
        path / fold / label / f"{i}.bin"
        for fold, n_recordings in (("Train", 2), ("Test", 1))
        for label in TINY_LABELS[:2]
        for i in range(n_recordings)
    ]
    for at, file in enumerate(files):
        file.parent.mkdir(parents=True, exist_ok=True)
        write_atis(file, sample_events(TINY_SENSOR, 100, seed=seed * len(files) + at))
    return [path / "Train", path / "Test"]


def tiny_selection(
    path: Path, *, n_recordings: int = 20, sensor: Sensor = TINY_SENSOR, seed: int = 0
) -> Selection:
    """Write a tiny store and select each recording whole, with a label of three in turn.

    Examples:
        >>> from tempfile import mkdtemp
        >>> tiny_selection(Path(mkdtemp()) / "events.zarr", n_recordings=4).label.tolist()
        [0, 1, 2, 0]
    """
    store = tiny_store(path, n_recordings=n_recordings, sensor=sensor, seed=seed)
    return Selection(
        store=store,
        recording=np.arange(n_recordings, dtype=np.int64),
        t_start=np.zeros(n_recordings, np.int64),
        t_stop=store.recordings.t_stop,
        label=np.arange(n_recordings, dtype=np.int64) % len(TINY_LABELS),
        label_names=TINY_LABELS,
    )
