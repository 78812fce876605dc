import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from eventstore.errors import InvalidInput
from snn.conversion.scales import Percentiles, activations, measure_scales


@settings(max_examples=60, deadline=None)
@given(
    values=st.lists(st.floats(0, 2.0**100, width=32), min_size=1, max_size=50),
    percentile=st.floats(0.1, 100),
    cut=st.integers(0, 50),
)
def test_percentiles_are_those_of_all_numbers_however_they_come(
    values: list[float], percentile: float, cut: int
) -> None:
    whole, parts = Percentiles(), Percentiles()
    x = torch.tensor(values, dtype=torch.float32)
    whole.add(x)
    parts.add(x[cut:].flip(0))
    parts.add(x[:cut])
    exact = float(np.percentile(x.double().numpy(), percentile, method="inverted_cdf"))
    found = whole.at(percentile)
    assert parts.at(percentile) == found
    assert exact * (1 - 1e-6) <= found <= exact * (1 + 2**-11) or (found == 0 and exact < 1e-38)


def test_all_of_them_give_the_largest_exactly() -> None:
    seen = Percentiles()
    seen.add(torch.tensor([0.1, 3.14159, -5.0]))
    assert seen.at(100) == seen.largest == torch.tensor(3.14159).item()


def test_zeros_of_either_sign_are_zero() -> None:
    seen = Percentiles()
    seen.add(torch.tensor([-0.0, 0.0, -0.0, 1.0]))
    assert (seen.at(75), seen.at(76)) == (0.0, 1.0)


def test_no_numbers_are_refused() -> None:
    with pytest.raises(InvalidInput, match="not finite"):
        Percentiles().add(torch.tensor([1.0, float("inf")]))
    with pytest.raises(InvalidInput, match="no activations were seen"):
        Percentiles().at(50)


def test_each_rectifier_is_measured_over_all_batches() -> None:
    linear = nn.Linear(2, 1, bias=False)
    nn.init.ones_(linear.weight)
    chain = nn.Sequential(nn.ReLU(), linear, nn.ReLU())
    batches = [torch.tensor([[1.0, -1.0]]), torch.tensor([[2.0, 5.0]])]
    assert measure_scales(chain, batches, 100) == {"0": 5.0, "2": 7.0}


def test_what_cannot_be_measured_is_refused() -> None:
    chain = nn.Sequential(nn.Linear(2, 1), nn.ReLU())
    with pytest.raises(InvalidInput, match=r"one tensor of shape \(4, 2\)") as caught:
        measure_scales(chain, torch.ones(4, 2), 99)
    assert "[x]" in caught.value.hint
    with pytest.raises(InvalidInput, match="there is no batch"):
        measure_scales(chain, [], 99)
    nn.init.constant_(chain[0].weight, -1.0)  # type: ignore[arg-type]
    nn.init.constant_(chain[0].bias, -1.0)  # type: ignore[arg-type]
    with pytest.raises(InvalidInput, match="rectifier '1' is never active"):
        measure_scales(chain, [torch.ones(4, 2)], 99)
    sparse = nn.Sequential(nn.Linear(2, 1), nn.ReLU())
    nn.init.constant_(sparse[0].bias, -2.0)  # type: ignore[arg-type]
    nn.init.ones_(sparse[0].weight)  # type: ignore[arg-type]
    rare = torch.zeros(100, 2)
    rare[0] = 5.0
    with pytest.raises(InvalidInput, match="90 % of the activations") as caught:
        measure_scales(sparse, [rare], 90)
    assert "higher percentile" in caught.value.hint


def test_batches_of_a_loader_are_refused_with_what_to_give() -> None:
    chain = nn.Sequential(nn.Linear(2, 1), nn.ReLU())
    with pytest.raises(InvalidInput, match="a batch is a tuple, not a tensor") as caught:
        measure_scales(chain, [(torch.ones(4, 2), torch.ones(4))], 99)  # type: ignore[list-item]
    assert "batch.x.sum(1)" in caught.value.hint


def test_inputs_that_a_layer_does_not_take_are_refused_by_its_name() -> None:
    chain = nn.Sequential(nn.Conv2d(2, 1, 1), nn.ReLU())
    with pytest.raises(InvalidInput, match=r"layer '0' \(Conv2d\) does not take .* \(3, 1, 4, 4\)"):
        measure_scales(chain, [torch.ones(3, 1, 4, 4)], 99)


def test_a_linear_layer_over_maps_is_refused() -> None:
    with pytest.raises(InvalidInput, match=r"layer '0' .* is given") as caught:
        list(activations(nn.Sequential(nn.Linear(3, 2)), torch.ones(2, 4, 3)))
    assert "nn.Flatten()" in caught.value.hint
