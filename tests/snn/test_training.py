from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from catalog.splits.split import Split
from eventstore.errors import FormatError, InvalidInput
from eventstore.loader import Loader
from snn.checkpoint import save_checkpoint
from snn.evaluation import class_scores
from snn.layers import LIF
from snn.models.vision import conv_net
from snn.objective import ScoreFn, natural_loss
from snn.progress import EpochRow, StepReport
from snn.recipe import Recipe
from snn.sequential import SpikingSequential
from snn.task_data import evaluation_loader
from snn.train_config import TrainConfig
from snn.training import TrainResult, train


class Flash(NamedTuple):
    x: Tensor
    label: Tensor

    @property
    def length(self) -> Tensor:
        return torch.full((len(self.x),), self.x.shape[1])


class Interrupted(Exception):
    pass


class Training:
    """One training of the tiny recipe, made anew each time as a new process would."""

    def __init__(self, split: Split, recipe: Recipe) -> None:
        self.recipe = recipe
        self.loader = Loader(split.selection("train"), recipe.pipeline, batch_size=8)
        self.held_out = evaluation_loader(split.selection("test"), recipe)

    def run(
        self, *, stop_after: int = 99, checkpoint: Path | None = None, resume: bool = False
    ) -> tuple[TrainResult, SpikingSequential]:
        torch.manual_seed(5)
        model = self.recipe.build_model(3, (2, 6, 8))

        def on_epoch(row: EpochRow) -> None:
            if row.epoch + 1 == stop_after:
                raise Interrupted

        result = train(
            model,
            self.loader,
            self.held_out,
            self.recipe.training,
            checkpoint=checkpoint,
            resume=resume,
            on_epoch=on_epoch,
        )
        return result, model


def weights(model: SpikingSequential) -> list[Tensor]:
    return list(model.state_dict().values())


def test_resumed_training_ends_with_the_same_bits(
    tiny_split: Split, tiny_recipe: Recipe, tmp_path: Path
) -> None:
    whole, model = Training(tiny_split, tiny_recipe).run()
    path = tmp_path / "last.pt"
    with pytest.raises(Interrupted):
        Training(tiny_split, tiny_recipe).run(stop_after=2, checkpoint=path)
    resumed, again = Training(tiny_split, tiny_recipe).run(checkpoint=path, resume=True)
    assert all(map(torch.equal, weights(model), weights(again)))
    assert [row.result for row in whole.history] == [row.result for row in resumed.history]
    assert whole.best_epoch == resumed.best_epoch


def test_resuming_a_finished_training_changes_nothing(
    tiny_split: Split, tiny_recipe: Recipe, tmp_path: Path
) -> None:
    path = tmp_path / "last.pt"
    _, model = Training(tiny_split, tiny_recipe).run(checkpoint=path)
    result, again = Training(tiny_split, tiny_recipe).run(checkpoint=path, resume=True)
    assert all(map(torch.equal, weights(model), weights(again)))
    assert len(result.history) == 3


def test_a_checkpoint_of_other_settings_is_refused(
    tiny_split: Split, tiny_recipe: Recipe, tmp_path: Path
) -> None:
    path = tmp_path / "last.pt"
    Training(tiny_split, tiny_recipe).run(checkpoint=path)
    other = replace(tiny_recipe, training=replace(tiny_recipe.training, learning_rate=0.1))
    with pytest.raises(InvalidInput, match=r"learning_rate=0\.003, not 0\.1"):
        Training(tiny_split, other).run(checkpoint=path, resume=True)


def test_a_checkpoint_of_other_data_is_refused(
    tiny_split: Split, tiny_recipe: Recipe, tmp_path: Path
) -> None:
    path = tmp_path / "last.pt"
    Training(tiny_split, tiny_recipe).run(checkpoint=path)
    other = Training(tiny_split, tiny_recipe)
    other.loader = Loader(tiny_split.selection("test"), tiny_recipe.pipeline, batch_size=8)
    with pytest.raises(InvalidInput, match="selection"):
        other.run(checkpoint=path, resume=True)


def test_the_epoch_chosen_is_the_last_of_the_best_on_held_out_samples(
    tiny_split: Split, tiny_recipe: Recipe
) -> None:
    result, _ = Training(tiny_split, tiny_recipe).run()
    accuracies = [row.held_out_accuracy or 0.0 for row in result.history]
    best = max(accuracies)
    assert result.best_epoch == max(i for i, a in enumerate(accuracies) if a == best)


class Flashes:
    """Batches of an upper or a lower half that flickers; the class is which of them."""

    def __init__(self, n_batches: int = 8) -> None:
        self.n_batches = n_batches

    def __iter__(self) -> Iterator[Flash]:
        rng = torch.Generator().manual_seed(0)
        for _ in range(self.n_batches):
            label = torch.randint(0, 2, (16,), generator=rng)
            x = torch.zeros(16, 6, 2, 8, 8)
            for i, lower in enumerate(label.tolist()):
                half = slice(4, 8) if lower else slice(0, 4)
                x[i, :, :, half] = (torch.rand(6, 2, 4, 8, generator=rng) < 0.2).float()
            yield Flash(x, label)

    def __len__(self) -> int:
        return self.n_batches

    def set_epoch(self, epoch: int) -> None:
        pass

    def state_dict(self) -> dict[str, Any]:
        return {}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        pass


def test_training_learns() -> None:
    torch.manual_seed(0)
    model = conv_net(2, (2, 8, 8), channels=(4,), kernel_sizes=(3,), strides=(1,), pools=(2,))
    config = TrainConfig(epochs=5, learning_rate=0.02, choose="last", schedule="cosine")
    result = train(model, Flashes(), Flashes(), config)
    assert result.best_epoch == 4
    assert result.history[-1].held_out_accuracy == 1.0


class SoftFlashes(Flashes):
    """The same with labels shared between the classes.

    Args:
        least: what the class that is not shown has of each label.
    """

    def __init__(self, n_batches: int = 8, *, least: float = 0.0) -> None:
        super().__init__(n_batches)
        self.least = least

    def __iter__(self) -> Iterator[Flash]:
        for batch in super().__iter__():
            soft = functional.one_hot(batch.label, 2) * (1 - 2 * self.least) + self.least
            yield batch._replace(label=soft)


def flash_net() -> SpikingSequential:
    torch.manual_seed(0)
    return conv_net(2, (2, 8, 8), channels=(4,), kernel_sizes=(3,), strides=(1,), pools=(2,))


def test_labels_of_one_class_train_as_that_class() -> None:
    config = TrainConfig(epochs=2, learning_rate=0.02, choose="last", label_smoothing=0.1)
    hard, soft = flash_net(), flash_net()
    expected = train(hard, Flashes(), Flashes(), config).history
    found = train(soft, SoftFlashes(), Flashes(), config).history
    for a, b in zip(found, expected, strict=True):
        assert a.loss == pytest.approx(b.loss, rel=1e-4)
        assert a.train_accuracy == b.train_accuracy
        assert a.held_out_accuracy == b.held_out_accuracy
    for one, other in zip(weights(soft), weights(hard), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-3, atol=1e-5)


def double_net() -> SpikingSequential:
    """Return a network whose kernels other tests compile: those of `flash_net` take 20 s."""
    torch.manual_seed(0)
    neurons = LIF(0.01, train=("tau_mem",))
    return SpikingSequential(nn.Flatten(), nn.Linear(128, 2), neurons).double()


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_soft_labels_share_the_loss(dtype: torch.dtype) -> None:
    model = flash_net() if dtype == torch.float32 else double_net()
    batches = SoftFlashes(1, least=0.3)
    (batch,) = batches
    with torch.no_grad():
        scores = class_scores(model(batch.x.to(dtype)), batch.length)
    expected = -(batch.label * scores.log_softmax(1)).sum(1).mean()
    right = (scores.argmax(1) == batch.label.argmax(1)).double().mean()
    (row,) = train(model, batches, None, TrainConfig(epochs=1, choose="last")).history
    assert row.loss == pytest.approx(float(expected), rel=1e-5)
    assert row.train_accuracy == float(right)


def test_global_randomness_is_left_alone(tiny_split: Split, tiny_recipe: Recipe) -> None:
    training = Training(tiny_split, tiny_recipe)
    torch.manual_seed(5)
    tiny_recipe.build_model(3, (2, 6, 8))
    expected = torch.get_rng_state()
    training.run()
    assert torch.equal(torch.get_rng_state(), expected)


def test_choosing_on_held_out_samples_needs_some(tiny_split: Split, tiny_recipe: Recipe) -> None:
    training = Training(tiny_split, tiny_recipe)
    model = tiny_recipe.build_model(3, (2, 6, 8))
    with pytest.raises(InvalidInput, match="no held-out samples"):
        train(model, training.loader, None, tiny_recipe.training)


@pytest.mark.parametrize("steps", range(1, 8))
def test_the_shortest_trainings_have_a_schedule(steps: int) -> None:
    model = conv_net(2, (2, 8, 8), channels=(2,), kernel_sizes=(3,), strides=(1,), pools=(2,))
    config = TrainConfig(epochs=1, choose="last", learning_rate=0.1)
    result = train(model, Flashes(steps), None, config)
    assert 0 < result.history[0].learning_rate <= 0.1


def test_a_checkpoint_that_lacks_something_is_named(tmp_path: Path) -> None:
    model = conv_net(2, (2, 8, 8), channels=(2,), kernel_sizes=(3,), strides=(1,), pools=(2,))
    save_checkpoint(tmp_path / "last.pt", {})
    config = TrainConfig(epochs=1, choose="last")
    with pytest.raises(FormatError, match=r"last\.pt: not a checkpoint of this training"):
        train(model, Flashes(1), None, config, checkpoint=tmp_path / "last.pt", resume=True)


def test_an_objective_takes_the_place_of_the_plain_loss() -> None:
    def plainly(model: SpikingSequential, x: Tensor, labels: Tensor, score_fn: ScoreFn) -> Tensor:
        return natural_loss(score_fn(model(x)), labels)

    def doubled(model: SpikingSequential, x: Tensor, labels: Tensor, score_fn: ScoreFn) -> Tensor:
        return 2 * plainly(model, x, labels, score_fn)

    config = TrainConfig(epochs=1, choose="last")
    usual, same, other = flash_net(), flash_net(), flash_net()
    (expected,) = train(usual, Flashes(), None, config).history
    (found,) = train(same, Flashes(), None, config, objective=plainly).history
    assert found.result == expected.result
    assert all(map(torch.equal, weights(usual), weights(same)))
    (first,) = train(other, Flashes(1), None, config, objective=doubled).history
    (once,) = train(flash_net(), Flashes(1), None, config).history
    assert first.loss == pytest.approx(2 * once.loss)


def test_an_objective_that_scores_nothing_is_refused() -> None:
    def empty(model: SpikingSequential, x: Tensor, labels: Tensor, score_fn: ScoreFn) -> Tensor:
        return x.sum()

    with pytest.raises(InvalidInput, match="scored no output"):
        train(flash_net(), Flashes(1), None, TrainConfig(epochs=1, choose="last"), objective=empty)


def test_label_smoothing_is_not_dropped_silently() -> None:
    def plainly(model: SpikingSequential, x: Tensor, labels: Tensor, score_fn: ScoreFn) -> Tensor:
        return natural_loss(score_fn(model(x)), labels)

    config = TrainConfig(epochs=1, choose="last", label_smoothing=0.1)
    with pytest.raises(InvalidInput, match="plain loss alone"):
        train(flash_net(), Flashes(1), None, config, objective=plainly)


def test_each_step_is_told(tiny_split: Split, tiny_recipe: Recipe) -> None:
    training, told = Training(tiny_split, tiny_recipe), list[StepReport]()
    model = tiny_recipe.build_model(3, (2, 6, 8))
    config = tiny_recipe.training
    history = train(model, training.loader, training.held_out, config, on_step=told.append).history
    assert [(r.epoch, r.step, r.samples) for r in told] == [
        (epoch, step, 8 * step) for epoch in range(3) for step in (1, 2, 3)
    ]
    assert {r.steps for r in told} == {3}
    for row in history:
        of_epoch = [r for r in told if r.epoch == row.epoch]
        assert of_epoch[-1].mean_loss == row.loss
        assert row.loss == pytest.approx(sum(r.loss for r in of_epoch) / 3)
        times = [(r.wait_seconds, r.seconds) for r in of_epoch]
        assert times == sorted(times)
        assert all(0 < wait < seconds for wait, seconds in times)
        assert of_epoch[-1].seconds <= row.seconds
        assert row.samples_per_second <= of_epoch[-1].samples_per_second
        assert row.wait_share <= of_epoch[-1].wait_share < 1
