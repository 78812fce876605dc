"""Models rebuilt from the reference vectors, and random small ones."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

import snn
from devices.graph import graph_from_model
from devices.nodes import Graph


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
