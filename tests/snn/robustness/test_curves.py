from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from eventstore.errors import InvalidInput
from snn.evaluation import class_scores, evaluate
from snn.layers import IAF
from snn.robustness.curves import event_curve, mismatch_curve, summarise
from snn.robustness.mismatch import Mismatch, draw_mismatch
from snn.robustness.numbers import run_with
from snn.sequential import SpikingSequential


class Given(NamedTuple):
    x: Tensor
    label: Tensor

    @property
    def length(self) -> Tensor:
        return torch.full((len(self.x),), self.x.shape[1])


class Batches:
    """The same samples, in batches of any size."""

    def __init__(self, size: int) -> None:
        self.size = size

    def __iter__(self) -> Iterator[Given]:
        rng = torch.Generator().manual_seed(0)
        x = torch.rand(24, 15, 6, generator=rng)
        label = net(0)(x).sum(1).argmax(1)  # the network is right where nothing deviates
        for i in range(0, 24, self.size):
            yield Given(x[i : i + self.size], label[i : i + self.size])


def net(seed: int) -> SpikingSequential:
    torch.manual_seed(seed)
    return SpikingSequential(nn.Linear(6, 5), IAF(), nn.Linear(5, 3), IAF())


MISMATCHES = [Mismatch(sigma=sigma) for sigma in (0.0, 0.2, 1.0)]


def test_accuracy_falls_from_that_of_the_network() -> None:
    curve = mismatch_curve([(net(0), Batches(8))], MISMATCHES)
    assert [point.strength for point in curve] == [0.0, 0.2, 1.0]
    assert [point.n_draws for point in curve] == [1, 20, 20]
    assert curve[0].mean == evaluate(net(0), Batches(8)).accuracy == 1.0
    assert curve[0].mean > curve[1].mean > curve[2].mean
    assert all(point.low <= point.mean <= point.high for point in curve)


def test_a_draw_is_one_chip_for_all_batches() -> None:
    curves = [
        mismatch_curve([(net(0), Batches(size))], MISMATCHES, n_draws=4) for size in (24, 7, 1)
    ]
    assert curves[0] == curves[1] == curves[2]


def test_each_draw_is_as_by_hand() -> None:
    (point,) = mismatch_curve([(net(0), Batches(24))], [MISMATCHES[1]], n_draws=1, seed=9)
    model, (batch,) = net(0), Batches(24)
    chip = draw_mismatch(model, MISMATCHES[1], batch.x, torch.Generator().manual_seed(9))
    said = class_scores(run_with(model, chip, batch.x), batch.length).argmax(1)
    assert point.mean == float((said == batch.label).double().mean())


def test_networks_stay_in_their_mode_and_apart_in_the_point() -> None:
    models = [net(0).train(), net(1).eval()]
    curve = mismatch_curve([(m, Batches(8)) for m in models], MISMATCHES[:1])
    assert [m.training for m in models] == [True, False]
    assert curve[0].by_network[0] == 1.0 > curve[0].by_network[1]
    assert curve[0].mean == pytest.approx(np.mean(curve[0].by_network))


def test_disturbed_events_are_asked_for_by_network_strength_and_draw() -> None:
    asked: list[tuple[int, float, int]] = []

    def batches_of(model: int, strength: float, draw: int) -> Batches:
        asked.append((model, strength, draw))
        return Batches(12)

    curve = event_curve([net(0), net(1)], batches_of, [0.0, 0.5], n_draws=2)
    assert asked == [
        (0, 0.0, 0),
        (1, 0.0, 0),
        *[(0, 0.5, 0), (0, 0.5, 1), (1, 0.5, 0), (1, 0.5, 1)],
    ]
    assert curve[0].by_network == curve[1].by_network


def test_the_band_is_of_single_draws() -> None:
    point = summarise(0.1, np.linspace(0, 1, 101).reshape(1, 101))
    assert (point.low, point.mean, point.high) == pytest.approx((0.05, 0.5, 0.95))


def test_nothing_to_test_is_refused() -> None:
    with pytest.raises(InvalidInput, match="no network"):
        mismatch_curve([], MISMATCHES)
    with pytest.raises(InvalidInput, match="0 draws"):
        mismatch_curve([(net(0), Batches(8))], MISMATCHES, n_draws=0)
    with pytest.raises(InvalidInput, match="no samples"):
        mismatch_curve([(net(0), [])], MISMATCHES)
    with pytest.raises(InvalidInput, match="no network"):
        event_curve([], lambda *_: Batches(1), [0.0])
