import pytest
import torch

from eventstore.errors import InvalidInput
from snn.dpi.signed_linear import SignedLinear


def test_both_parts_are_positive_and_their_difference_is_linear() -> None:
    layer = SignedLinear(5, 3)
    x = torch.poisson(torch.ones(2, 7, 5))
    y = layer(x)
    assert y.shape == (2, 7, 2, 3)
    assert (y >= 0).all()
    torch.testing.assert_close(y[:, :, 0] - y[:, :, 1], x @ layer.weight.T)


def test_gradients_have_the_sign_of_the_synapse() -> None:
    layer = SignedLinear(2, 1)
    layer.load_state_dict({"weight": torch.tensor([[1.0, -1.0]])})
    torch.autograd.backward(layer(torch.ones(1, 1, 2)).sum())
    assert layer.weight.grad is not None
    assert layer.weight.grad.tolist() == [[1.0, -1.0]]


def test_sizes_are_checked() -> None:
    with pytest.raises(InvalidInput, match="out_features=0 of SignedLinear"):
        SignedLinear(2, 0)
