import pytest
import torch

from snn.nir.scale import Scale


def test_each_number_is_scaled_by_its_own_and_the_gradient_too() -> None:
    layer = Scale(torch.tensor([2.0, -3.0]))
    x = torch.ones(4, 2, requires_grad=True)
    y = layer(x)
    y.sum().backward()
    assert y[1].tolist() == [2.0, -3.0]
    assert x.grad is not None
    assert x.grad[3].tolist() == [2.0, -3.0]


def test_the_factor_is_kept_with_the_network_and_not_trained() -> None:
    given = torch.ones(2)
    layer = Scale(given)
    given[0] = 5
    assert layer.state_dict()["scale"].tolist() == [1.0, 1.0]
    assert list(layer.parameters()) == []
    with pytest.raises(RuntimeError):
        layer(torch.ones(1, 3))
