from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import torch
from torch import Tensor

from catalog.splits.split import Split
from eventstore.errors import FormatError, InvalidInput
from eventstore.loader import EventMix, Loader, Mixture
from snn.checkpoint import load_checkpoint, save_checkpoint
from snn.models.vision import conv_net
from snn.progress import StepReport
from snn.recipe import Recipe
from snn.robustness.adversarial import AdversarialTraining
from snn.robustness.noisy_forward import NoisyForward
from snn.sequential import SpikingSequential
from snn.task_data import evaluation_loader
from snn.train_config import TrainConfig
from snn.training import TrainResult, train

STEPS = 9
"""Of the tiny recipe: three epochs of 24 samples in batches of 8."""


class Interrupted(Exception):
    pass


Outcome = tuple[list[Tensor], list[tuple[float | None, ...]], int]
"""Weights, history without the clock, and the epoch chosen."""


def outcome(result: TrainResult, model: SpikingSequential) -> Outcome:
    history = [row.result for row in result.history]
    return list(model.state_dict().values()), history, result.best_epoch


def assert_same(found: Outcome, expected: Outcome) -> None:
    assert all(map(torch.equal, found[0], expected[0]))
    assert found[1:] == expected[1:]


class Kind(NamedTuple):
    """A way to train, all of whose randomness has to be taken up again."""

    change: Callable[[Recipe], Recipe] = lambda recipe: recipe
    mixture: bool = False

    def loader(self, split: Split, recipe: Recipe) -> Loader | Mixture:
        selection = split.selection("train")
        rows = (range(16), range(16, 24)) if self.mixture else (range(24),)
        loaders = [
            Loader(selection.take(part), recipe.pipeline, batch_size=8, seed=1, mix=recipe.mix)
            for part in rows
        ]
        return Mixture(loaders, seed=3) if self.mixture else loaders[0]

    def train(
        self, split: Split, recipe: Recipe, checkpoint: Path | None, **options: Any
    ) -> Outcome:
        recipe = self.change(recipe)
        torch.manual_seed(5)
        model = recipe.build_model(3, (2, 6, 8))
        result = train(
            model,
            self.loader(split, recipe),
            evaluation_loader(split.selection("test"), recipe),
            recipe.training,
            objective=recipe.objective,
            checkpoint=checkpoint,
            resume=True,
            **options,
        )
        return outcome(result, model)


def training_with(**settings: Any) -> Callable[[Recipe], Recipe]:
    return lambda recipe: replace(recipe, training=replace(recipe.training, **settings))


KINDS = {
    "augmented": Kind(),
    "mixed": Kind(lambda recipe: replace(recipe, mix=EventMix())),
    "noisy": Kind(lambda recipe: replace(recipe, robust=NoisyForward(sigma=0.2))),
    "adversarial": Kind(lambda recipe: replace(recipe, robust=AdversarialTraining(attack_steps=2))),
    "of two datasets": Kind(mixture=True),
    "bfloat16": Kind(training_with(precision="bfloat16")),
    "warmed up": Kind(training_with(schedule="cosine", warmup_epochs=0.5)),
}


def interrupt_after(*steps: int) -> Callable[[StepReport], None]:
    def on_step(report: StepReport) -> None:
        if report.epoch * report.steps + report.step in steps:
            raise Interrupted

    return on_step


@pytest.mark.parametrize("name", KINDS)
def test_a_training_interrupted_after_each_of_its_steps_ends_with_the_same_bits(
    tiny_split: Split, tiny_recipe: Recipe, tmp_path: Path, name: str
) -> None:
    kind, path = KINDS[name], tmp_path / "last.pt"
    whole = kind.train(tiny_split, tiny_recipe, None)
    # The adversarial one's steps cost ten times those of the others.
    for step in (1, 5) if name == "adversarial" else range(1, STEPS + 1):
        with pytest.raises(Interrupted):
            kind.train(
                tiny_split,
                tiny_recipe,
                path,
                checkpoint_every=1,
                on_step=interrupt_after(*range(step, STEPS + 1)),
            )
        kept = load_checkpoint(path)
        assert len(kept["history"]) == (step - 1) // 3
        assert kept["processes"][0]["epoch"]["step"] == (step - 1) % 3 + 1
    assert_same(kind.train(tiny_split, tiny_recipe, path, checkpoint_every=1), whole)


@pytest.mark.parametrize("every", [2, 3, 4, 100])
def test_steps_since_the_last_checkpoint_are_taken_again(
    tiny_split: Split, tiny_recipe: Recipe, tmp_path: Path, every: int
) -> None:
    kind = KINDS["mixed"]
    whole = kind.train(tiny_split, tiny_recipe, None)
    for step in range(1, STEPS + 1):
        path = tmp_path / f"{step}.pt"
        told: list[StepReport] = []
        with pytest.raises(Interrupted):
            kind.train(
                tiny_split,
                tiny_recipe,
                path,
                checkpoint_every=every,
                on_step=interrupt_after(step),
            )
        found = kind.train(tiny_split, tiny_recipe, path, on_step=told.append)
        assert_same(found, whole)
        kept = max(step // every * every, (step - 1) // 3 * 3)
        assert len(told) == STEPS - kept


def test_checkpoints_in_between_change_nothing(
    tiny_split: Split, tiny_recipe: Recipe, tmp_path: Path
) -> None:
    kind = KINDS["augmented"]
    whole = kind.train(tiny_split, tiny_recipe, None)
    every = kind.train(tiny_split, tiny_recipe, tmp_path / "last.pt", checkpoint_every=1)
    assert_same(every, whole)


def test_seconds_of_an_epoch_taken_up_are_those_of_its_parts(
    tiny_split: Split, tiny_recipe: Recipe, tmp_path: Path
) -> None:
    kind, path = KINDS["augmented"], tmp_path / "last.pt"
    with pytest.raises(Interrupted):
        kind.train(tiny_split, tiny_recipe, path, checkpoint_every=1, on_step=interrupt_after(2))
    kept = load_checkpoint(path)
    kept["processes"][0]["epoch"]["seconds"] += 1000.0
    kept["processes"][0]["epoch"]["wait_seconds"] += 250.0
    save_checkpoint(path, kept)
    told: list[StepReport] = []
    kind.train(tiny_split, tiny_recipe, path, on_step=told.append)
    assert (told[0].step, told[0].samples) == (3, 24)
    assert told[0].seconds > 1000
    assert told[0].wait_share == pytest.approx(0.25, rel=0.01)
    assert told[1].seconds < 1000


def interrupted(split: Split, recipe: Recipe, path: Path) -> None:
    with pytest.raises(Interrupted):
        KINDS["augmented"].train(
            split, recipe, path, checkpoint_every=1, on_step=interrupt_after(2)
        )


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"identity": "other"}, "trained with another recipe"),
        ({"torch_device": "cuda"}, "trained on 'cuda', not on 'cpu'"),
        ({"processes": [{}, {}]}, "trained by 2 processes, not by 1 process"),
        ({"best_epoch": 7}, "best epoch 7 of 0"),
    ],
)
def test_another_training_is_refused_before_anything_is_changed(
    tiny_split: Split, tiny_recipe: Recipe, tmp_path: Path, change: dict[str, Any], says: str
) -> None:
    path = tmp_path / "last.pt"
    interrupted(tiny_split, tiny_recipe, path)
    save_checkpoint(path, load_checkpoint(path) | change)
    model = tiny_recipe.build_model(3, (2, 6, 8))
    loader = KINDS["augmented"].loader(tiny_split, tiny_recipe)
    assert isinstance(loader, Loader)
    before = [weight.clone() for weight in model.state_dict().values()]
    with pytest.raises((InvalidInput, FormatError), match=says):
        train(model, loader, (), tiny_recipe.training, checkpoint=path, resume=True)
    assert all(map(torch.equal, model.state_dict().values(), before))
    assert (loader.epoch, loader.position) == (0, 0)


@pytest.mark.parametrize(
    "lost", ["identity", "model", "optimiser", "schedule", "scaler", "processes", "loader"]
)
def test_what_a_checkpoint_lacks_is_named(
    tiny_split: Split, tiny_recipe: Recipe, tmp_path: Path, lost: str
) -> None:
    path = tmp_path / "last.pt"
    interrupted(tiny_split, tiny_recipe, path)
    kept = load_checkpoint(path)
    del kept[lost]
    save_checkpoint(path, kept)
    with pytest.raises(FormatError, match=f"not a checkpoint of this training: it lacks '{lost}'"):
        KINDS["augmented"].train(tiny_split, tiny_recipe, path)


def test_a_checkpoint_of_another_network_is_refused(
    tiny_split: Split, tiny_recipe: Recipe, tmp_path: Path
) -> None:
    path = tmp_path / "last.pt"
    interrupted(tiny_split, tiny_recipe, path)
    wider = replace(tiny_recipe, model_options={**tiny_recipe.model_options, "channels": [5]})
    with pytest.raises(InvalidInput, match=r"conv1\.weight is \(4, 2, 3, 3\).* there, \(5, 2"):
        KINDS["augmented"].train(tiny_split, wider, path)


class Miscounted:
    """A loader that gives other batches than it says, as one whose state is of whole epochs."""

    def __init__(self, says: int, gives: int) -> None:
        self.says, self.gives = says, gives

    def __iter__(self) -> Iterator[Any]:
        for _ in range(self.gives):
            yield Flat(torch.ones(2, 3, 2, 4, 4), torch.tensor([0, 1]), torch.tensor([3, 3]))

    def __len__(self) -> int:
        return self.says

    def set_epoch(self, epoch: int) -> None:
        pass

    def state_dict(self) -> dict[str, Any]:
        return {}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        pass


class Flat(NamedTuple):
    x: Tensor
    label: Tensor
    length: Tensor


@pytest.mark.parametrize(("gives", "says"), [(2, "gave 2 batches"), (4, "gave more batches")])
def test_a_loader_that_miscounts_is_refused(gives: int, says: str) -> None:
    net = conv_net(2, (2, 4, 4), channels=(2,), kernel_sizes=(3,), strides=(1,), pools=(2,))
    with pytest.raises(InvalidInput, match=f"{says} in an epoch; its length is 3"):
        train(net, Miscounted(3, gives), None, TrainConfig(epochs=1, choose="last"))


def test_a_loader_that_forgets_where_it_stood_is_refused(tmp_path: Path) -> None:
    config, path = TrainConfig(epochs=1, choose="last"), tmp_path / "last.pt"

    def once(on_step: Callable[[StepReport], None]) -> None:
        net = conv_net(2, (2, 4, 4), channels=(2,), kernel_sizes=(3,), strides=(1,), pools=(2,))
        options: Any = {"checkpoint": path, "checkpoint_every": 1, "resume": True}
        train(net, Miscounted(3, 3), None, config, on_step=on_step, **options)

    with pytest.raises(Interrupted):
        once(interrupt_after(2))
    with pytest.raises(InvalidInput, match="its state say where it stands"):
        once(lambda report: None)
