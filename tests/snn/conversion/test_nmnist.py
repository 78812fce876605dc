"""On real recordings: a network trained on frames summed over time keeps its accuracy in spikes."""

from pathlib import Path
from typing import NamedTuple

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

import catalog
from eventstore import FramesByBins, Loader, Pipeline, Sensor
from snn.conversion.convert import convert
from snn.conversion.fit import measure_fit, steady_input


class Samples(NamedTuple):
    x: Tensor
    label: Tensor


def summed_frames(split: catalog.Split, fold: str) -> Samples:
    loader = Loader(split.selection(fold), Pipeline(FramesByBins(n_bins=1)), shuffle=False)
    batches = list(loader)
    return Samples(
        torch.cat([batch.x[:, 0].float() for batch in batches]),
        torch.cat([batch.label for batch in batches]),
    )


def trained(samples: Samples) -> nn.Sequential:
    torch.manual_seed(0)
    net = nn.Sequential(
        *(nn.Conv2d(2, 12, 5, stride=2, padding=2, bias=False), nn.BatchNorm2d(12), nn.ReLU()),
        nn.AvgPool2d(2),
        *(nn.Conv2d(12, 32, 3, padding=1, bias=False), nn.BatchNorm2d(32), nn.ReLU()),
        *(nn.AvgPool2d(2), nn.Flatten(), nn.Dropout(0.2), nn.Linear(32 * 16, 10)),
    )
    optimiser = torch.optim.Adam(net.parameters(), 3e-3)
    for _ in range(12):
        for start in range(0, len(samples.x), 50):
            optimiser.zero_grad()
            index = torch.arange(start, start + 50) * 7 % len(samples.x)  # classes lie in a row
            loss = functional.cross_entropy(net(samples.x[index]), samples.label[index])
            torch.autograd.backward(loss)
            optimiser.step()
    return net.eval()


@pytest.mark.slow
def test_accuracy_is_kept_in_64_steps(shared_data: Path, tmp_path: Path) -> None:
    archives = [shared_data / "nmnist-small" / f"{fold}.zip" for fold in ("Train", "Test")]
    dataset = catalog.Dataset.create(tmp_path / "nmnist", catalog.Card(name="nmnist"))
    dataset.ingest(archives, sensor=Sensor(34, 34))
    dataset.make_split("official", catalog.OfficialRule())
    dataset.save("1.0.0")
    split = dataset.at("1.0.0").split("official")
    train, test = summed_frames(split, "train"), summed_frames(split, "test")
    net = trained(train)
    made = convert(net, [train.x], percentile=99)
    with torch.no_grad():
        before = float((net(test.x).argmax(1) == test.label).float().mean())
        scores = made.model(steady_input(test.x, 64)).sum(1)
    after = float((scores.argmax(1) == test.label).float().mean())
    assert before >= 0.85
    assert after >= before - 0.04
    assert all(fit.correlation > 0.99 for fit in measure_fit(made, [test.x], n_steps=64))
