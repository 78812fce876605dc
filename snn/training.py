"""Train a spiking network: the loop in view, interruptible after any epoch."""

import copy
import time
from collections.abc import Generator, Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import torch
from torch import Tensor
from torch.nn import functional
from torch.nn.utils import clip_grad_norm_
from torch.optim.lr_scheduler import CosineAnnealingLR, LambdaLR, LRScheduler, OneCycleLR

from eventstore.errors import FormatError, InvalidInput, SpikelakeError
from snn.checkpoint import Content, load_checkpoint, save_checkpoint
from snn.evaluation import LabelledBatch, as_input, class_scores, evaluate
from snn.memory import keep_freed_memory
from snn.objective import Objective
from snn.progress import EpochRow, OnEpoch, OnStep, StepReport
from snn.sequential import SpikingSequential
from snn.train_config import TrainConfig


@runtime_checkable
class TrainLoader(Protocol):
    """What training needs of a loader; `Loader` has it."""

    def __iter__(self) -> Iterator[LabelledBatch]:
        """Iterate over the batches of the current epoch."""

    def __len__(self) -> int:
        """Return the number of batches an epoch."""

    def set_epoch(self, epoch: int) -> None:
        """Choose the epoch that the next loop serves."""

    def state_dict(self) -> dict[str, Any]:
        """Return where the loader stands, and what it streams."""

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on where a loader of the same data stood; refuse another one's state."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainResult:
    """What training came to; the model holds the weights of the epoch chosen.

    Args:
        history: one row per epoch.
        best_epoch: number of the epoch chosen.
    """

    history: tuple[EpochRow, ...]
    best_epoch: int


def train(
    model: SpikingSequential,
    train_loader: TrainLoader,
    held_out: Iterable[LabelledBatch] | None,
    config: TrainConfig,
    *,
    checkpoint: Path | None = None,
    resume: bool = False,
    identity: str = "",
    objective: Objective | None = None,
    on_step: OnStep | None = None,
    on_epoch: OnEpoch | None = None,
) -> TrainResult:
    """Train a network in place, and leave it with the weights of the epoch chosen.

    Loss is the cross-entropy of the output spikes summed over time, with classes or the soft labels
    of a loader with ``mix``. An interrupted training that is
    resumed ends with the same weights, to the bit, as one that was not (on one machine, with the
    same number of threads).

    Args:
        model: the network.
        train_loader: samples to train on.
        held_out: training samples set aside to choose the epoch on; never test samples.
        config: settings.
        checkpoint: file to keep the state in, rewritten after each epoch.
        resume: go on from the checkpoint, where there is one.
        identity: what else makes this training, such as a recipe's digest; a checkpoint of another
            one is refused.
        objective: what to make small instead of the plain cross-entropy, such as a
            `snn.robustness` method; part of the identity, if it is to be checked on resuming.
        on_step: called after each step, for progress.
        on_epoch: called after each epoch.

    Raises:
        FormatError: the checkpoint lacks something.
        InvalidInput: an epoch is to be chosen on held-out samples and there are none, the
            checkpoint is of other settings or data, or an objective comes with label smoothing.
    """
    if held_out is None and config.choose == "held-out":
        message = "no held-out samples to choose the epoch on"
        raise InvalidInput(message, hint='hold out a part of train, or set choose = "last"')
    if objective is not None and config.label_smoothing:
        message = f"label_smoothing={config.label_smoothing} acts on the plain loss alone"
        raise InvalidInput(message, hint="set it to 0 where an objective takes its place")
    keep_freed_memory()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(config.seed)
        training = _Training(model, train_loader, held_out, config, identity=identity)
        training.objective = objective
        if resume and checkpoint is not None and checkpoint.is_file():
            _restore(training, checkpoint)
        while len(training.history) < config.epochs:
            row = training.run_epoch(on_step)
            if checkpoint is not None:
                save_checkpoint(checkpoint, training.state())
            if on_epoch is not None:
                on_epoch(row)
    model.load_state_dict(training.best_weights)
    return TrainResult(history=tuple(training.history), best_epoch=training.best_epoch)


def _restore(training: "_Training", checkpoint: Path) -> None:
    content = load_checkpoint(checkpoint)
    try:
        training.restore(content)
    except (KeyError, TypeError, RuntimeError) as error:
        if isinstance(error, SpikelakeError):
            raise
        message = f"not a checkpoint of this training: {error}"
        raise FormatError(message, path=checkpoint, hint="remove it and train anew") from error


class _Training:
    """A training under way: the model, its optimiser, and what was best so far."""

    def __init__(
        self,
        model: SpikingSequential,
        loader: TrainLoader,
        held_out: Iterable[LabelledBatch] | None,
        config: TrainConfig,
        *,
        identity: str,
    ) -> None:
        self.identity = identity
        self.objective: Objective | None = None
        self.model, self.loader, self.held_out, self.config = model, loader, held_out, config
        kind = torch.optim.AdamW if config.optimiser == "adamw" else torch.optim.Adam
        self.optimiser = kind(
            model.parameters(), config.learning_rate, weight_decay=config.weight_decay
        )
        self.schedule = _schedule(self.optimiser, config, len(loader) * config.epochs)
        self.history: list[EpochRow] = []
        self.best_epoch = -1
        self.best_weights: dict[str, Tensor] = {}

    def run_epoch(self, on_step: OnStep | None = None) -> EpochRow:
        """Train for one epoch, evaluate, and remember the weights if they are the best."""
        began, epoch = time.perf_counter(), len(self.history)
        self.loader.set_epoch(epoch)
        self.model.train()
        sums = torch.zeros(2, dtype=torch.float64, device=next(self.model.parameters()).device)
        step, steps, samples, waited = 0, len(self.loader), 0, 0.0
        for wait, batch in _timed(self.loader):
            x, labels = as_input(batch, self.model)
            loss, scores = self._loss(x, labels, batch.length)
            self._step(loss)
            step, samples, waited = step + 1, samples + len(labels), waited + wait
            hits = (scores.argmax(1) == _hard(labels)).sum()
            sums = sums + torch.stack([loss.detach().double() * len(labels), hits.double()])
            if on_step is not None:
                report = StepReport(
                    epoch=epoch,
                    step=step,
                    steps=steps,
                    samples=samples,
                    batch_loss=loss.detach(),
                    loss_sum=sums[0],
                    seconds=time.perf_counter() - began,
                    wait_seconds=waited,
                )
                on_step(report)
        loss_sum, n_hits = sums.tolist()
        trained = time.perf_counter() - began
        found = None if self.held_out is None else evaluate(self.model, self.held_out)
        row = EpochRow(
            epoch=epoch,
            loss=loss_sum / samples,
            train_accuracy=n_hits / samples,
            held_out_loss=None if found is None else found.loss,
            held_out_accuracy=None if found is None else found.accuracy,
            learning_rate=float(self.schedule.get_last_lr()[0]),
            seconds=time.perf_counter() - began,
            samples_per_second=samples / trained,
            wait_share=waited / trained,
        )
        self._remember(row)
        return row

    def _loss(self, x: Tensor, labels: Tensor, length: Tensor) -> tuple[Tensor, Tensor]:
        """Return the loss of a batch, and the scores that training accuracy is counted from."""
        asked: list[Tensor] = []
        labels = labels.to(x.dtype) if labels.is_floating_point() else labels
        smoothing = self.config.label_smoothing

        def score_fn(output: Tensor) -> Tensor:
            asked.append(class_scores(output, length))
            return asked[-1]

        if self.objective is None:
            scores = score_fn(self.model(x))
            loss = functional.cross_entropy(scores, labels, label_smoothing=smoothing)
        else:
            loss = self.objective(self.model, x, labels, score_fn)
        if not asked:
            message = f"{self.objective!r} scored no output"
            raise InvalidInput(message, hint="call score_fn on what the model gives")
        return loss, asked[0].detach()

    def _step(self, loss: Tensor) -> None:
        self.optimiser.zero_grad()
        torch.autograd.backward(loss)
        if self.config.clip_norm is not None:
            clip_grad_norm_(self.model.parameters(), self.config.clip_norm)
        self.optimiser.step()
        self.schedule.step()

    def _remember(self, row: EpochRow) -> None:
        best = self.history[self.best_epoch] if self.best_epoch >= 0 else None
        self.history.append(row)
        if self.config.choose == "last" or best is None or _rank(row) >= _rank(best):
            self.best_epoch = row.epoch
            self.best_weights = copy.deepcopy(self.model.state_dict())

    def state(self) -> Content:
        """Return everything needed to go on."""
        return {
            "config": self.config.to_dict(),
            "identity": self.identity,
            "model": self.model.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "schedule": self.schedule.state_dict(),
            "rng": torch.get_rng_state(),
            "loader": self.loader.state_dict(),
            "history": [asdict(row) for row in self.history],
            "best_epoch": self.best_epoch,
            "best_weights": self.best_weights,
        }

    def restore(self, content: Content) -> None:
        """Go on from such a state."""
        was = TrainConfig.from_dict(content["config"]).to_dict()
        for name, mine in self.config.to_dict().items():
            if was[name] != mine:
                message = f"the checkpoint was trained with {name}={was[name]!r}, not {mine!r}"
                raise InvalidInput(message, hint="resume with the same settings, or train anew")
        self.loader.load_state_dict(content["loader"])
        if content.get("identity", self.identity) != self.identity:
            message = "the checkpoint was trained with another recipe"
            raise InvalidInput(message, hint="resume with the same recipe, or train anew")
        self.model.load_state_dict(content["model"])
        self.optimiser.load_state_dict(content["optimiser"])
        self.schedule.load_state_dict(content["schedule"])
        torch.set_rng_state(content["rng"])
        self.history = [EpochRow(**row) for row in content["history"]]
        self.best_epoch, self.best_weights = content["best_epoch"], content["best_weights"]


def _timed(batches: Iterable[LabelledBatch]) -> Generator[tuple[float, LabelledBatch], None, None]:
    """Iterate over batches, each with the seconds that were spent waiting for it."""
    waiting = iter(batches)
    while True:
        began = time.perf_counter()
        batch = next(waiting, None)
        if batch is None:
            return
        yield time.perf_counter() - began, batch


def _hard(labels: Tensor) -> Tensor:
    return labels.argmax(1) if labels.ndim > 1 else labels


def _rank(row: EpochRow) -> float:
    return -1.0 if row.held_out_accuracy is None else row.held_out_accuracy


def _schedule(optimiser: torch.optim.Optimizer, config: TrainConfig, steps: int) -> LRScheduler:
    if config.schedule == "one-cycle":
        # Warming up in exactly one step makes OneCycleLR divide by zero: two of five, then.
        share = 0.4 if steps == 5 else 0.2
        return OneCycleLR(optimiser, config.learning_rate, total_steps=steps, pct_start=share)
    if config.schedule == "cosine":
        return CosineAnnealingLR(optimiser, T_max=steps)
    return LambdaLR(optimiser, lambda _: 1.0)
