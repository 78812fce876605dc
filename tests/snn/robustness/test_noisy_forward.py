import pytest
import torch
from torch import Tensor, nn

from eventstore.errors import InvalidInput
from snn.layers import IAF
from snn.objective import natural_loss
from snn.robustness.mismatch import Mismatch, draw_mismatch
from snn.robustness.noisy_forward import NoisyForward
from snn.robustness.numbers import run_with
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


def test_a_batch_is_spread_over_chips() -> None:
    model = net()
    found = float(loss(NoisyForward(sigma=0.3, chips=3), model, 1).detach())  # of 3, 3, 2 samples
    torch.manual_seed(1)
    drawn = [draw_mismatch(model, Mismatch(sigma=0.3), X) for _ in range(3)]
    with torch.no_grad():
        parts = [run_with(model, d, x) for d, x in zip(drawn, X.chunk(3), strict=True)]
    assert found == pytest.approx(float(natural_loss(scores(torch.cat(parts)), LABELS)))
    with pytest.raises(InvalidInput, match="chips=0"):
        NoisyForward(chips=0)


@pytest.mark.parametrize("sigma", [0.0, -1.0, float("nan")])
def test_noise_that_is_none_is_refused(sigma: float) -> None:
    with pytest.raises(InvalidInput, match="no noise to train with"):
        NoisyForward(sigma=sigma)
