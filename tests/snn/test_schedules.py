import math
from typing import Any

import pytest
import torch
from torch.optim.lr_scheduler import CosineAnnealingLR

from snn.schedules import schedule_of, share_of_rate
from snn.train_config import TrainConfig


def rates(config: TrainConfig, steps: int) -> list[float]:
    optimiser = torch.optim.SGD([torch.zeros(1, requires_grad=True)], config.learning_rate)
    schedule, found = schedule_of(optimiser, config, steps), []
    for _ in range(steps * config.epochs):
        found.append(optimiser.param_groups[0]["lr"])
        optimiser.step()
        schedule.step()
    return [*found, optimiser.param_groups[0]["lr"]]


def test_a_cosine_is_that_of_torch() -> None:
    config = TrainConfig(epochs=3, schedule="cosine", learning_rate=0.1)
    optimiser = torch.optim.SGD([torch.zeros(1, requires_grad=True)], 0.1)
    theirs, expected = CosineAnnealingLR(optimiser, T_max=12), []
    for _ in range(13):
        expected.append(optimiser.param_groups[0]["lr"])
        optimiser.step()
        theirs.step()
    assert rates(config, 4) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("schedule", ["cosine", "constant"])
@pytest.mark.parametrize("warmup", [0.5, 1.0, 2.5])
def test_the_rate_rises_in_a_straight_line_to_its_highest(schedule: Any, warmup: float) -> None:
    config = TrainConfig(epochs=3, schedule=schedule, learning_rate=0.1, warmup_epochs=warmup)
    found, warm = rates(config, 4), round(4 * warmup)
    assert found[:warm] == pytest.approx([0.1 * (k + 1) / (warm + 1) for k in range(warm)])
    assert found[warm] == pytest.approx(0.1)
    rest = found[warm:]
    assert rest == sorted(rest, reverse=True)
    assert rest[-1] == pytest.approx(0.0 if schedule == "cosine" else 0.1, abs=1e-12)


@pytest.mark.parametrize("schedule", ["cosine", "constant", "one-cycle"])
@pytest.mark.parametrize("steps", range(1, 8))
def test_no_training_is_too_short_for_a_schedule(schedule: Any, steps: int) -> None:
    config = TrainConfig(epochs=1, schedule=schedule, learning_rate=0.1)
    found = rates(config, steps)
    assert all(math.isfinite(rate) and 0 <= rate <= 0.1 + 1e-12 for rate in found)
    assert max(found) > 0


def test_after_the_last_step_a_cosine_stays_at_nothing() -> None:
    assert share_of_rate(20, warm=2, total=10, annealed=True) == 0.0


def test_patience_does_not_change_the_schedule() -> None:
    long = TrainConfig(epochs=9, schedule="cosine")
    patient = TrainConfig(epochs=9, schedule="cosine", patience=1)
    assert rates(long, 3) == rates(patient, 3)
