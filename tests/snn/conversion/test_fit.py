import math

import pytest
import torch
from torch import nn

from eventstore.errors import InvalidInput
from snn.conversion.convert import Conversion, convert
from snn.conversion.fit import measure_fit, steady_input


def made_from(x: torch.Tensor) -> Conversion:
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(4, 9), nn.ReLU(), nn.Linear(9, 7), nn.ReLU(), nn.Linear(7, 2))
    return convert(net, [x])


def test_correlation_and_distance_are_those_of_rates_and_activations() -> None:
    x = torch.rand(30, 4)
    made = made_from(x)
    first, second, last = measure_fit(made, [x[:11], x[11:]], n_steps=50)
    assert [first.name, second.name, last.name] == ["1", "3", "4"]
    with torch.no_grad():
        rate = made.model[:2](steady_input(x, 50)).mean(1)
        activation = made.folded[:2](x) / made.scales["1"]
    pairs = torch.stack([rate.flatten(), activation.flatten()]).double()
    assert first.correlation == pytest.approx(float(torch.corrcoef(pairs)[0, 1]), rel=1e-6)
    assert first.mean_error == pytest.approx(float((rate - activation).abs().mean()), rel=1e-5)
    assert first.rate == pytest.approx(float(rate.mean()), rel=1e-5)
    assert first.scale == made.scales["1"]
    assert last.scale == 1.0


def test_more_steps_fit_better_in_every_layer() -> None:
    x = torch.rand(30, 4)
    made = made_from(x)
    fits = {t: measure_fit(made, [x], n_steps=t) for t in (16, 64, 256)}
    for few, more, most in zip(*fits.values(), strict=True):
        assert few.mean_error > 2 * more.mean_error > 4 * most.mean_error
        assert most.correlation > 0.999


def test_a_layer_that_does_not_vary_has_no_correlation() -> None:
    net = nn.Sequential(nn.Linear(1, 1), nn.ReLU())
    nn.init.ones_(net[0].weight)  # type: ignore[arg-type]
    (fit,) = measure_fit(convert(net, [torch.ones(3, 1)]), [torch.ones(3, 1)], n_steps=4)
    assert math.isnan(fit.correlation)


def test_nothing_to_compare_is_refused() -> None:
    x = torch.rand(30, 4)
    with pytest.raises(InvalidInput, match="0 time steps"):
        measure_fit(made_from(x), [x], n_steps=0)
    with pytest.raises(InvalidInput, match="no batch to compare on"):
        measure_fit(made_from(x), [], n_steps=4)
