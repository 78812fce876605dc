r"""Go on training a network through a chip's integers, until the chip says what the floats say.

A neuron of the chip fires once an event; a simulation in time steps adds up all weights of a step
first, so that what excites and what inhibits cancel before anything fires. A network trained in
coarse steps counts on that, and loses it on the chip. So it is trained on in steps that are finer
by a factor, where little is left to cancel, with every number rounded as the chip rounds it and
gradients straight through. Neurons without leak do not feel the length of a step else.

A Xylo chip works in the network's own time steps, so there the steps stay; what is trained away is
what rounding and leaks by shifting cost.

The epoch is chosen by what the chip says of held-out training samples, event by event where it
takes single events; test samples are looked at once, at the end.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from devices.fidelity import Samples
from devices.finer_steps import finer_steps
from devices.graph import graph_from_model
from devices.protocol import Chip, CoreChip
from devices.xylo.family import Xylo
from eventstore.errors import AlreadyExists, InvalidInput
from eventstore.selection import Selection
from snn.csv_log import CsvLog
from snn.evaluation import evaluate
from snn.progress import EpochRow, OnEpoch, OnStep
from snn.recipe import Recipe
from snn.robustness.quantised import QuantisedTraining
from snn.sequential import SpikingSequential
from snn.task_data import (
    TrainedOn,
    as_round,
    check_pipeline,
    common_shape,
    evaluation_loaders,
    parts_to_choose_by,
    training_loader,
)
from snn.tasks import HISTORY, Run, save_run
from snn.train_config import TrainConfig
from snn.training import TrainResult, train


@dataclass(frozen=True, slots=True, kw_only=True)
class TuneConfig:
    """How a run is tuned to a chip.

    Args:
        finer: factor by which time steps become finer; 1: they stay, as for Xylo.
        epochs: passes over the training samples.
        learning_rate: its highest value; below that of training, since the network is trained.
        seed: of order and augmentation.

    Raises:
        InvalidInput: a number is out of range.

    Examples:
        >>> TuneConfig(finer=5).training.learning_rate
        0.001
    """

    finer: int = 10
    epochs: int = 8
    learning_rate: float = 1e-3
    seed: int = 0

    def __post_init__(self) -> None:
        if type(self.finer) is not int or not 1 <= self.finer <= 1000:
            message = f"finer={self.finer!r} is no factor of time steps"
            raise InvalidInput(message, hint="give a whole number from 1 to 1000; 10 is usual")
        _ = self.training

    @property
    def training(self) -> TrainConfig:
        """Settings of the training."""
        return TrainConfig(
            epochs=self.epochs, learning_rate=self.learning_rate, seed=self.seed, choose="last"
        )


def rule_for(chip: Chip[Any]) -> str:
    """Return the name of the rule by which training rounds as a chip does.

    Raises:
        InvalidInput: there is none for this chip.
    """
    if isinstance(chip, Xylo):
        return "xylo-channel"
    if isinstance(chip, CoreChip):
        return "speck"
    message = f"training has no rule that rounds as {chip.name} does"
    raise InvalidInput(message, hint="tune to a Speck or a Xylo: spikelake chip list")


def tuned_recipe(recipe: Recipe, config: TuneConfig, rule: str = "speck") -> Recipe:
    """Return the recipe that a tuned run is trained and evaluated by.

    Raises:
        InvalidInput: its frames have no finer steps.
    """
    return replace(
        recipe,
        name=f"{recipe.name}-tuned",
        pipeline=finer_steps(recipe.pipeline, config.finer),
        training=config.training,
        robust=QuantisedTraining(rule=rule),
        activity=(),
    )


def check_tunable(
    run: Run, data: TrainedOn, chip: Chip[Any], config: TuneConfig, *, out_dir: Path
) -> Recipe:
    """Refuse what cannot be tuned, before any time is spent; return the recipe of the tuned run.

    Raises:
        AlreadyExists: the folder holds a run.
        DoesNotFit: the network breaks a rule of the chip.
        InvalidInput: frames have no finer steps, or the chip takes none, the data has other classes
            or frames, or a task fixes its frames.
    """
    if (out_dir / "run.json").exists():
        message = f"{out_dir} holds a run already"
        raise AlreadyExists(message, hint="choose another folder")
    rule = rule_for(chip)
    if config.finer != 1 and not isinstance(chip, CoreChip):
        message = f"finer={config.finer}: {chip.name} works in the network's own time steps"
        raise InvalidInput(message, hint="tune with finer 1")
    over, recipe = as_round(data), tuned_recipe(run.recipe, config, rule)
    if tuple(over.label_names) != run.label_names:
        message = f"{over.reference} has classes {over.label_names}, not {run.label_names}"
        raise InvalidInput(message, hint="tune on the data that the run was trained on")
    check_pipeline(over, recipe)
    kept, _ = parts_to_choose_by(over, recipe)
    shape = common_shape(list(evaluation_loaders(kept, recipe).loaders))
    if shape != run.input_shape:
        message = f"{over.reference} gives frames of {shape}, the run takes {run.input_shape}"
        raise InvalidInput(message, hint="tune on the data that the run was trained on")
    chip.quantize(graph_from_model(run.model, run.input_shape))
    return recipe


def tune_run(
    run: Run,
    data: TrainedOn,
    chip: Chip[Any],
    out_dir: Path,
    *,
    config: TuneConfig | None = None,
    on_step: OnStep | None = None,
    on_epoch: OnEpoch | None = None,
) -> Run:
    """Train a run on through a chip's integers; its folder stays as it is, its model is trained.

    The training samples are those of the recipe, and so are the ones held out. Where it holds out
    none, all train and the last epoch counts.

    Args:
        run: the run to start from.
        data: what it was trained on.
        chip: the chip.
        out_dir: folder of the tuned run, a run like any other. In its history the held-out
            accuracy is the chip's, event by event where it takes single events.
        config: settings; None: the usual ones.
        on_step: called after each step.
        on_epoch: called after each epoch.

    Raises:
        AlreadyExists: the folder holds a run.
        DoesNotFit: the network breaks a rule of the chip.
        InvalidInput: as for `check_tunable`.
    """
    config = config or TuneConfig()
    recipe = check_tunable(run, data, chip, config, out_dir=out_dir)
    over = as_round(data)
    kept, aside = parts_to_choose_by(over, recipe)
    choice = _Choice(chip, run.model, run.input_shape, _held_out(aside, recipe), on_epoch)
    untuned = choice.accuracy()
    train(
        run.model,
        training_loader(kept, recipe),
        None,
        recipe.training,
        objective=recipe.objective,
        on_step=on_step,
        on_epoch=choice.look,
    )
    model = choice.best()
    tested = evaluation_loaders(over.test, recipe)
    tuned = replace(
        run,
        folder=out_dir,
        recipe=recipe,
        task=str(over.reference),
        model=model,
        result=TrainResult(history=tuple(choice.history), best_epoch=choice.best_epoch),
        metrics=evaluate(model, tested).to_dict() | {"chip": _on_chip(chip, run, tested)},
        round=over.name,
        origin=_origin(run, chip, config, untuned),
    )
    out_dir.mkdir(parents=True, exist_ok=True)
    CsvLog(out_dir / HISTORY).begin(choice.history)
    save_run(tuned)
    return tuned


def event_accuracy(
    chip: CoreChip,
    model: SpikingSequential,
    input_shape: tuple[int, ...],
    batches: Iterable[Samples],
) -> tuple[int, int]:
    """Return how many samples a chip's integers get right event by event, and of how many."""
    q = chip.quantize(graph_from_model(model, input_shape))
    right, n = 0, 0
    for batch in batches:
        frames, lengths = batch.x.cpu().numpy(), batch.length.cpu().numpy().astype(np.int64)
        result, label = chip.simulate_events(q, frames, lengths), batch.label.cpu().numpy()
        right += int((result.predictions == label).sum())
        n += len(label)
    return right, n


def chip_accuracy(
    chip: Chip[Any],
    model: SpikingSequential,
    input_shape: tuple[int, ...],
    batches: Iterable[Samples],
) -> tuple[int, int]:
    """Return how many samples a chip's integers get right, and of how many.

    Event by event where it takes single events, in time steps where it does not.
    """
    if isinstance(chip, CoreChip):
        return event_accuracy(chip, model, input_shape, batches)
    q = chip.quantize(graph_from_model(model, input_shape))
    right, n = 0, 0
    for batch in batches:
        frames, lengths = batch.x.cpu().numpy(), batch.length.cpu().numpy().astype(np.int64)
        result, label = chip.simulate(q, frames, lengths), batch.label.cpu().numpy()
        right += int((result.predictions == label).sum())
        n += len(label)
    return right, n


class _Choice:
    """Keeps the weights of the best epoch so far; of equal ones the later."""

    def __init__(
        self,
        chip: Chip[Any],
        model: SpikingSequential,
        input_shape: tuple[int, ...],
        held_out: Iterable[Samples] | None,
        then: OnEpoch | None,
    ) -> None:
        self.chip, self.model, self.input_shape = chip, model, input_shape
        self.held_out, self.then = held_out, then
        self.history: list[EpochRow] = []
        self.best_epoch = 0
        self._weights: dict[str, Tensor] = {}

    def accuracy(self) -> float | None:
        if self.held_out is None:
            return None
        right, n = chip_accuracy(self.chip, self.model, self.input_shape, self.held_out)
        return right / n

    def look(self, row: EpochRow) -> None:
        row = replace(row, held_out_accuracy=self.accuracy())
        before = self.history[self.best_epoch].held_out_accuracy if self.history else None
        self.history.append(row)
        found = row.held_out_accuracy
        if before is None or found is None or found >= before:
            self.best_epoch = len(self.history) - 1
            state = self.model.state_dict()
            self._weights = {name: value.clone() for name, value in state.items()}
        if self.then is not None:
            self.then(row)

    def best(self) -> SpikingSequential:
        self.model.load_state_dict(self._weights)
        return self.model.eval()


def _held_out(aside: Sequence[Selection], recipe: Recipe) -> Iterable[Samples] | None:
    return evaluation_loaders(aside, recipe) if aside else None


@torch.no_grad()
def _on_chip(chip: Chip[Any], run: Run, tested: Iterable[Samples]) -> dict[str, Any]:
    right, n = chip_accuracy(chip, run.model, run.input_shape, tested)
    return {"chip": chip.name, _measure(chip): right / n, "n_samples": n}


def _measure(chip: Chip[Any]) -> str:
    return "event_accuracy" if isinstance(chip, CoreChip) else "chip_accuracy"


def _origin(run: Run, chip: Chip[Any], config: TuneConfig, untuned: float | None) -> dict[str, Any]:
    return {
        "run": str(run.folder),
        "recipe_digest": run.recipe.digest,
        "chip": chip.name,
        "tuning": asdict(config),
        f"held_out_{_measure(chip)}_before": untuned,
    }
