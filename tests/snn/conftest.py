"""A split and a recipe small enough to train within a second."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from catalog.labels.intervals import Label
from catalog.reference import Reference
from catalog.splits.record import SplitRecord
from catalog.splits.split import Split
from eventstore.testing import tiny_selection
from eventstore.transforms.drop import DropEvents
from eventstore.transforms.frames import FramesByBins
from eventstore.transforms.pipeline import Pipeline
from snn.recipe import Recipe
from snn.train_config import TrainConfig


@pytest.fixture(autouse=True, scope="session")
def _one_thread() -> Iterator[None]:
    """Networks this small only wait for a second thread."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def tiny_split(tmp_path_factory: pytest.TempPathFactory) -> Split:
    selection = tiny_selection(tmp_path_factory.mktemp("store") / "events.zarr", n_recordings=30)
    names = selection.label_names
    samples = tuple(
        Label(selection.store.recordings.ids[i], 0, int(selection.t_stop[i]), names[label])
        for i, label in enumerate(selection.label)
    )
    record = SplitRecord(
        name="official",
        rule={"rule": "official"},
        label_set="class",
        label_names=names,
        counts={},
        digest="ab" * 32,
    )
    return Split(
        record=record,
        reference=Reference(name="tiny", version="1.0.0", split="official", digest="ab" * 8),
        store=selection.store,
        samples=samples,
        fold_of=("train",) * 24 + ("test",) * 6,
    )


@pytest.fixture
def tiny_recipe() -> Recipe:
    return Recipe(
        name="tiny-conv",
        about="for tests",
        pipeline=Pipeline(DropEvents(fraction=0.1), FramesByBins(n_bins=4)),
        model="conv_net",
        model_options={
            "channels": [4],
            "kernel_sizes": [3],
            "strides": [1],
            "pools": [2],
            "dropout": 0.2,
        },
        batch_size=8,
        held_out=0.25,
        training=TrainConfig(epochs=3),
    )


@pytest.fixture
def recipe_file(tmp_path: Path) -> Path:
    path = tmp_path / "mine.toml"
    path.write_text(
        """
        name = "mine"
        about = "for tests"
        pipeline = [{ transform = "FramesByBins", n_bins = 2 }]
        data = { batch_size = 4, held_out = 0.0 }
        training = { epochs = 1, choose = "last" }
        [model]
        builder = "conv_net"
        channels = [2]
        kernel_sizes = [3]
        strides = [1]
        pools = [1]
        """,
        encoding="utf-8",
    )
    return path
