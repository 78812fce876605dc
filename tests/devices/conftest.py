"""Models rebuilt from the reference vectors, and a run trained on made-up recordings."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
import torch
from torch import nn

import snn
from catalog.card import Card
from catalog.dataset import Dataset
from catalog.folder import open_split
from catalog.splits.rules import GroupRule
from devices.chips import chip
from devices.fidelity import Report
from devices.graph import graph_from_model
from devices.nodes import Graph
from devices.power import PowerConstants
from devices.report_options import ReportOptions
from eventstore.transforms.frames import FramesByBins
from eventstore.transforms.pipeline import Pipeline
from snn.recipe import load_recipe
from snn.tasks import train_task


@dataclass(frozen=True)
class Oracle:
    """A network of the reference vectors, and what a peer made of it."""

    model: snn.SpikingSequential
    graph: Graph
    vectors: Mapping[str, np.ndarray]

    @property
    def n_layers(self) -> int:
        return len({key.split("/")[1] for key in self.vectors if key.startswith("q/")})


def _layers(name: str) -> list[nn.Module]:
    if name == "seed":
        return [
            nn.Conv2d(2, 8, 3, bias=False),
            snn.IAF(1.0, -1.0),
            nn.AvgPool2d(2),
            nn.Conv2d(8, 16, 3, bias=False),
            snn.IAF(1.0, -1.0),
            nn.AvgPool2d(2),
            nn.Flatten(),
            nn.Linear(576, 10, bias=False),
            snn.IAF(1.0, -1.0),
        ]
    if name == "variety":
        return [
            nn.Conv2d(2, 12, 5, stride=2, padding=2),
            snn.IAF(1.5, -2.0, reset="set"),
            nn.LPPool2d(1, 2),
            nn.Conv2d(12, 24, 3, padding=1),
            snn.IAF(0.7, -0.7),
            nn.AvgPool2d(4),
            nn.Dropout(0.5),
            nn.Conv2d(24, 32, 1, bias=False),
            snn.IAF(2.0, 0.0),
            nn.Flatten(),
            nn.Linear(512, 11),
            snn.IAF(1.0, -1.0),
        ]
    return [nn.Conv2d(2, 4, 3, bias=False), snn.IAF(), nn.Conv2d(4, 4, 3, bias=False), snn.IAF()]


@pytest.fixture(scope="session")
def oracle(shared_oracles: Path) -> Callable[[str], Oracle]:
    def load(name: str) -> Oracle:
        with np.load(shared_oracles / f"speck_{name}.npz") as file:
            vectors = {key: file[key] for key in file.files}
        model = snn.SpikingSequential(*_layers(name))
        parameters = {
            key.removeprefix("float/"): torch.from_numpy(value)
            for key, value in vectors.items()
            if key.startswith("float/") and key.endswith(("weight", "bias"))
        }
        absent = model.load_state_dict(parameters, strict=False)
        assert not absent.unexpected_keys
        assert all(".constants." in key for key in absent.missing_keys)
        graph = graph_from_model(model, vectors["input"].shape[1:])
        return Oracle(model, graph, vectors)

    return load


def recording(seed: int, label: int) -> bytes:
    """Return events of an ATIS camera: x, y, then 1 bit of polarity and 23 bits of µs."""
    rng = np.random.default_rng(seed)
    n = 300
    t = np.sort(rng.integers(0, 5000, n))
    x = rng.integers(0, 8, n) + 8 * label
    last = ((rng.integers(0, 2, n) << 23) | t).astype(">u4").view(np.uint8).reshape(n, 4)[:, 1:]
    rows = np.column_stack([x, rng.integers(0, 16, n), last])
    return rows.astype(np.uint8).tobytes()


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """A run folder and a reference of the split it was trained on."""
    root = tmp_path_factory.mktemp("trained")
    for k in range(16):
        file = root / "files" / f"{'ab'[k % 2]}" / f"{k:02}.bin"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(recording(k, k % 2))
    with pytest.MonkeyPatch.context() as patch:
        for role in ("AUTHOR", "COMMITTER"):
            patch.setenv(f"GIT_{role}_NAME", "Test Curator")
            patch.setenv(f"GIT_{role}_EMAIL", "curator@example.org")
        dataset = Dataset.create(root / "sides", Card(name="sides", licence="CC0-1.0"))
        dataset.ingest([root / "files"])
        dataset.make_split("s", GroupRule(fractions={"train": 0.5, "test": 0.5}))
        dataset.save("1.0.0", "first")
        split = open_split(f"{dataset.root}@1.0.0/split:s")
        recipe = load_recipe("nmnist-conv")
        recipe = replace(
            recipe,
            pipeline=Pipeline(FramesByBins(n_bins=4)),
            model_options={"channels": [4], "kernel_sizes": [3], "strides": [4], "pools": [1]},
            held_out=0.0,
            training=replace(recipe.training, epochs=1, choose="last"),
        )
        train_task(split, recipe, root / "run")
        too_fine = replace(recipe, model_options={**recipe.model_options, "strides": [2]})
        train_task(split, too_fine, root / "misfit")  # its linear layer sees a map of 17 × 17
    yield root / "run", f"{dataset.root}@1.0.0/split:s"
    for folder in root.rglob("*"):
        if folder.is_dir() and not folder.is_symlink():
            folder.chmod(0o755)  # git-annex write-protects its folders


class Labelled(NamedTuple):
    """A batch of samples of known class."""

    x: torch.Tensor
    label: torch.Tensor
    length: torch.Tensor


@pytest.fixture(scope="session")
def timed_report() -> Report:
    """A report of a small network, with everything that can be asked for."""
    torch.manual_seed(1)
    model = snn.SpikingSequential(
        nn.Conv2d(2, 6, 3, bias=False),
        snn.IAF(0.5, -1.0),
        nn.AvgPool2d(2),
        nn.Flatten(),
        nn.Linear(150, 4, bias=False),
        snn.IAF(0.2, -1.0),
    )
    rng = np.random.default_rng(0)
    x = torch.from_numpy(rng.poisson(0.3, (12, 8, 2, 12, 12)).astype(np.float32))
    label = torch.from_numpy(rng.integers(0, 4, 12))
    options = ReportOptions(seconds_per_sample=0.3, power=PowerConstants(pj_per_synop=1.5))
    batch = Labelled(x, label, torch.full((12,), 8))
    return chip("speck2f").report(model, [batch], options)
