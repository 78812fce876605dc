from pathlib import Path

import numpy as np

from eventstore.events import Sensor
from eventstore.readers import iter_sources
from eventstore.testing import TINY_LABELS, tiny_folders, tiny_selection, tiny_store


def test_tiny_store_has_unlike_recordings_one_of_them_empty(tmp_path: Path) -> None:
    store = tiny_store(tmp_path / "events.zarr")
    assert store.n_recordings == 20
    assert store.recordings.row_size[1] == 0
    assert len(set(store.recordings.row_size.tolist())) > 10


def test_tiny_store_is_the_same_each_time_and_changes_with_the_seed(tmp_path: Path) -> None:
    digests = [
        tiny_store(tmp_path / str(i), n_recordings=3, seed=seed).digest
        for i, seed in enumerate((0, 0, 1))
    ]
    assert digests[0] == digests[1] != digests[2]


def test_tiny_selection_takes_recordings_whole(tmp_path: Path) -> None:
    selection = tiny_selection(tmp_path / "events.zarr", n_recordings=5, sensor=Sensor.audio(4))
    assert np.array_equal(selection.t_stop, selection.store.recordings.t_stop)
    assert [TINY_LABELS[i] for i in selection.label] == ["left", "right", "still", "left", "right"]


def test_tiny_folders_are_class_folders_of_unlike_recordings(tmp_path: Path) -> None:
    items = [item for folder in tiny_folders(tmp_path) for item in iter_sources(folder)]
    assert [(item.label, item.fold) for item in items] == [
        *(("left", "train"), ("left", "train"), ("right", "train"), ("right", "train")),
        *(("left", "test"), ("right", "test")),
    ]
    assert len({item.open().sha256() for item in items}) == 6
