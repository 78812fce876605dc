from typing import Any, NamedTuple

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from eventstore.errors import InvalidInput
from snn.evaluation import class_scores
from snn.layers import ExpLeak
from snn.learning import Learner
from snn.processes import Team
from snn.sequential import SpikingSequential
from snn.train_config import TrainConfig

ALONE = Team(torch_device=torch.device("cpu"))


class Rasters(NamedTuple):
    x: Tensor
    label: Tensor
    length: Tensor


BATCH = Rasters(
    torch.rand(5, 7, 3, generator=torch.Generator().manual_seed(0)),
    torch.tensor([0, 1, 1, 0, 1]),
    torch.full((5,), 7),
)


def net() -> SpikingSequential:
    torch.manual_seed(2)
    return SpikingSequential(nn.Linear(3, 2), ExpLeak(tau_mem=0.02, dt=0.01))


def learner(**settings: Any) -> Learner:
    config = TrainConfig(epochs=1, schedule="constant", optimiser="adam", **settings)
    return Learner(net(), config, steps=4, team=ALONE)


def test_a_step_is_that_of_the_optimiser_on_the_mean_loss() -> None:
    mine, model = learner(weight_decay=0.0, clip_norm=None, learning_rate=0.1), net()
    optimiser = torch.optim.Adam(model.parameters(), 0.1)
    for _ in range(3):
        n, loss, hits = mine.step(BATCH)
        scores = class_scores(model(BATCH.x), BATCH.length)
        expected = functional.cross_entropy(scores, BATCH.label)
        optimiser.zero_grad()
        torch.autograd.backward(expected)
        optimiser.step()
        assert (n, loss.requires_grad) == (5, False)
        assert torch.equal(loss, expected.detach())
        assert int(hits) == int((scores.argmax(1) == BATCH.label).sum())
    for name, weight in mine.model.state_dict().items():
        torch.testing.assert_close(weight, model.state_dict()[name])


def test_longer_gradients_are_scaled_down() -> None:
    def length(clip_norm: float | None) -> float:
        mine = learner(clip_norm=clip_norm)
        mine.step(BATCH)
        return float(
            torch.cat([p.grad.flatten() for p in mine.parameters if p.grad is not None]).norm()
        )

    assert length(None) > 1e-2
    assert length(1e-2) == pytest.approx(1e-2, rel=1e-3)


def test_bfloat16_rounds_products_and_not_counts() -> None:
    seen: list[torch.dtype] = []

    def objective(model: Any, x: Tensor, labels: Tensor, score_fn: Any) -> Tensor:
        output = model(x)
        scores: Tensor = score_fn(output)
        seen.extend([output.dtype, scores.dtype])
        return functional.cross_entropy(scores, labels)

    config = TrainConfig(epochs=1, precision="bfloat16", choose="last")
    half = Learner(net(), config, steps=4, team=ALONE, objective=objective)
    _, loss, _ = half.step(BATCH)
    assert seen[1] == torch.float32
    _, whole, _ = learner().step(BATCH)
    assert loss != whole
    assert float(loss) == pytest.approx(float(whole), rel=0.05)
    assert {p.dtype for p in half.parameters} == {torch.float32}


def test_counts_above_what_bfloat16_holds_are_exact() -> None:
    class Busy(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.w = nn.Parameter(torch.ones(2))

        def forward(self, x: Tensor) -> Tensor:
            return (x[..., :2] * self.w).to(torch.bfloat16)

    found: list[Tensor] = []

    def objective(model: Any, x: Tensor, labels: Tensor, score_fn: Any) -> Tensor:
        found.append(score_fn(model(x)))
        return found[0].sum()

    config = TrainConfig(epochs=1, precision="bfloat16", choose="last")
    busy = Learner(SpikingSequential(Busy()), config, steps=1, team=ALONE, objective=objective)
    busy.step(Rasters(torch.ones(1, 301, 2), torch.tensor([0]), torch.tensor([301])))
    assert found[0].tolist() == [[301.0, 301.0]]


def test_float16_is_for_gpus() -> None:
    with pytest.raises(InvalidInput, match="precision='float16' on 'cpu'") as caught:
        learner(precision="float16")
    assert "bfloat16" in caught.value.hint


def test_frozen_weights_stay() -> None:
    model = net()
    frozen = next(model.parameters())
    frozen.requires_grad_(False)
    before = frozen.clone()
    Learner(model, TrainConfig(epochs=1), steps=4, team=ALONE).step(BATCH)
    assert torch.equal(frozen, before)


def test_a_step_without_a_share_leaves_the_rest_to_the_others() -> None:
    mine = learner()
    before = [p.clone() for p in mine.parameters]
    n, loss, hits = mine.step(None)
    assert (n, float(loss), int(hits)) == (0, 0.0, 0)
    assert all(map(torch.equal, mine.parameters, before))
    assert mine.schedule.last_epoch == 1
