import pytest
import torch
from torch import Tensor, nn

from eventstore.errors import InvalidInput
from snn.layers import IAF
from snn.robustness.noisy_forward import NoisyForward
from snn.sequential import SpikingSequential

X, LABELS = torch.ones(8, 12, 5), torch.arange(8) % 3


def net() -> SpikingSequential:
    torch.manual_seed(0)
    return SpikingSequential(nn.Linear(5, 3), IAF())


def scores(output: Tensor) -> Tensor:
    return output.sum(1)


def loss(objective: NoisyForward, model: SpikingSequential, seed: int) -> Tensor:
    torch.manual_seed(seed)
    return objective(model, X, LABELS, scores)


def test_each_batch_sees_another_chip_and_a_seed_the_same() -> None:
    model, objective = net(), NoisyForward(sigma=0.3)
    first, again, other = (float(loss(objective, model, s).detach()) for s in (1, 1, 2))
    assert first == again != other


def test_a_step_trains_and_nothing_else_changes() -> None:
    model = net()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    torch.autograd.backward(loss(NoisyForward(), model, 0))
    assert all(p.grad is not None and p.grad.isfinite().all() for p in model.parameters())
    assert all(torch.equal(model.state_dict()[name], value) for name, value in before.items())


@pytest.mark.parametrize("sigma", [0.0, -1.0, float("nan")])
def test_noise_that_is_none_is_refused(sigma: float) -> None:
    with pytest.raises(InvalidInput, match="no noise to train with"):
        NoisyForward(sigma=sigma)
