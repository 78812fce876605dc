from dataclasses import replace

import pytest
import torch
from torch import nn

from eventstore.errors import InvalidInput
from snn.layers import IAF
from snn.learning import Learner
from snn.processes import Team
from snn.progress import EpochRow
from snn.sequential import SpikingSequential
from snn.train_config import TrainConfig
from snn.training_state import EpochUnderWay, TrainingState, epochs_without_gain

CPU = torch.device("cpu")
ALONE = Team(torch_device=CPU)


def row(epoch: int, accuracy: float | None) -> EpochRow:
    return EpochRow(
        epoch=epoch,
        loss=1.0,
        train_accuracy=0.5,
        held_out_loss=None if accuracy is None else 1.0,
        held_out_accuracy=accuracy,
        learning_rate=0.1,
        seconds=1.0,
        samples_per_second=1.0,
        wait_share=0.0,
    )


def state_of(config: TrainConfig, identity: str = "") -> TrainingState:
    learner = Learner(SpikingSequential(nn.Linear(2, 2), IAF()), config, steps=4, team=ALONE)
    return TrainingState(learner, config, identity=identity, team=ALONE)


@pytest.mark.parametrize(
    ("accuracies", "expected"),
    [
        ((), 0),
        ((0.5,), 0),
        ((0.5, 0.4), 1),
        ((0.5, 0.5, 0.5), 2),  # as good is no better
        ((0.5, 0.4, 0.6, 0.3, 0.6), 2),
        ((None, None), 1),
    ],
)
def test_epochs_without_gain_count_from_the_first_of_the_best(
    accuracies: tuple[float | None, ...], expected: int
) -> None:
    history = [row(i, accuracy) for i, accuracy in enumerate(accuracies)]
    assert epochs_without_gain(history) == expected


def test_patience_ends_a_training_and_the_last_of_equals_is_chosen() -> None:
    state = state_of(TrainConfig(epochs=9, patience=2))
    ended = []
    for epoch, accuracy in enumerate((0.5, 0.7, 0.6, 0.7)):
        assert not state.over
        state.finish_epoch(row(epoch, accuracy))
        ended.append(state.over)
    assert ended == [False, False, False, True]
    assert state.best_epoch == 3


def test_without_patience_all_epochs_are_trained() -> None:
    state = state_of(TrainConfig(epochs=3))
    for epoch in range(3):
        assert not state.over
        state.finish_epoch(row(epoch, 0.5 - 0.1 * epoch))
    assert state.over
    assert state.best_epoch == 0


def test_the_best_weights_are_a_copy_and_the_sums_begin_anew() -> None:
    state = state_of(TrainConfig(epochs=3))
    state.under_way.add(3, torch.tensor(2.0), torch.tensor(1))
    assert state.under_way.sums.tolist() == [6.0, 1.0]
    state.finish_epoch(row(0, 0.5))
    assert (state.under_way.step, state.under_way.sums.tolist()) == (0, [0.0, 0.0])
    kept = {name: weight.clone() for name, weight in state.best_weights.items()}
    with torch.no_grad():
        for parameter in state.learner.parameters:
            parameter.add_(1)
    assert all(torch.equal(state.best_weights[name], weight) for name, weight in kept.items())


def test_a_state_is_taken_up_by_another() -> None:
    one, other = state_of(TrainConfig(epochs=3)), state_of(TrainConfig(epochs=3))
    one.finish_epoch(row(0, 0.5))
    one.under_way.add(2, torch.tensor(1.5), torch.tensor(2))
    content = one.content({})
    drawn = torch.rand(3)
    other.check(content)
    other.restore(content)
    assert torch.equal(torch.rand(3), drawn)
    assert (other.history, other.best_epoch) == (one.history, 0)
    assert torch.equal(other.under_way.sums, one.under_way.sums)
    for name, weight in one.learner.model.state_dict().items():
        assert torch.equal(other.learner.model.state_dict()[name], weight)


def test_settings_and_identity_are_part_of_a_training() -> None:
    content = state_of(TrainConfig(epochs=3), "a").content({})
    with pytest.raises(InvalidInput, match="patience=None, not 2"):
        state_of(TrainConfig(epochs=3, patience=2), "a").check(content)
    with pytest.raises(InvalidInput, match="another recipe"):
        state_of(TrainConfig(epochs=3), "b").check(content)


def test_settings_that_a_checkpoint_of_before_lacks_are_those_it_had() -> None:
    content = state_of(TrainConfig(epochs=3)).content({})
    del content["config"]["patience"]
    state_of(TrainConfig(epochs=3)).check(content)


def test_time_of_an_epoch_goes_on_from_what_was_kept() -> None:
    epoch = EpochUnderWay.at_start(CPU)
    kept = epoch.content() | {"seconds": 100.0}
    again = EpochUnderWay.of(kept, CPU)
    assert 100 <= again.elapsed < 160
    assert replace(again, seconds=0.0).elapsed < 60
