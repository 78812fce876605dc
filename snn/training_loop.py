"""The loop of training over steps and epochs, taken up where a checkpoint left it."""

from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

import torch
from torch import Tensor

from eventstore.errors import FormatError, InvalidInput, SpikelakeError
from snn.checkpoint import load_checkpoint, save_checkpoint
from snn.evaluation import LabelledBatch, evaluate
from snn.progress import EpochRow, OnStep, StepReport
from snn.train_loader import TrainLoader, timed_steps
from snn.training_state import TrainingState


class TrainingLoop:
    """Steps and epochs, and the checkpoints between them.

    Args:
        state: the training.
        loader: samples to train on.
        steps: steps an epoch.
        keep_in: file of the checkpoint; None: keep none.
        every: steps between checkpoints; None: one after each epoch.
    """

    def __init__(
        self,
        state: TrainingState,
        loader: TrainLoader,
        steps: int,
        *,
        keep_in: Path | None = None,
        every: int | None = None,
    ) -> None:
        self.state, self.loader, self.steps = state, loader, steps
        self.keep_in, self.every = keep_in, every
        self.learner, self.team = state.learner, state.team

    def go_on(self) -> None:
        """Take up the training that the checkpoint holds, where there is one.

        The first process reads it for all. All of it is checked before anything is changed.
        """
        path = self.keep_in
        there = self.team.is_first and path is not None and path.is_file()
        content = self.team.of_first(load_checkpoint(path) if there and path else None)
        if content is None:
            return
        try:
            self.state.check(content)
            self.loader.load_state_dict(content["loader"])
            self.state.restore(content)
        except (LookupError, TypeError, ValueError, RuntimeError, AttributeError) as error:
            if isinstance(error, SpikelakeError):
                raise
            what = f"it lacks {error}" if isinstance(error, KeyError) else repr(error)
            message = f"not a checkpoint of this training: {what}"
            hint = "remove it and train anew"
            raise FormatError(message, path=path or Path(), hint=hint) from error

    def run_epoch(
        self, held_out: Iterable[LabelledBatch] | None, on_step: OnStep | None
    ) -> EpochRow:
        """Train for an epoch or what is left of one, evaluate, and keep the state."""
        self._learn(on_step)
        row = self._row(held_out)
        self.state.finish_epoch(row)
        self._keep()
        return row

    def _learn(self, on_step: OnStep | None) -> None:
        """Take the steps of the epoch that are left."""
        epoch = self.state.under_way
        if epoch.step == self.steps:
            return
        if epoch.step == 0:
            self.loader.set_epoch(self.state.epoch)
        self.learner.model.train()
        left = self.steps - epoch.step
        with closing(timed_steps(self.loader, self.team, left)) as batches:
            for waited, batch in batches:
                if epoch.step == self.steps:
                    self._refuse_length("more")
                n, loss, hits = self.learner.step(batch)
                epoch.add(n, loss, hits)
                epoch.wait_seconds += waited
                done = self.state.epoch * self.steps + epoch.step
                if self.every is not None and done % self.every == 0:
                    self._keep()
                if on_step is not None:
                    on_step(self._report(loss))
        if epoch.step < self.steps:
            self._refuse_length(str(epoch.step))

    def _refuse_length(self, found: str) -> None:
        message = f"the loader gave {found} batches in an epoch; its length is {self.steps}"
        hint = "len(loader) must be the batches an epoch, and its state say where it stands in one"
        raise InvalidInput(message, hint=hint)

    def _report(self, loss: Tensor) -> StepReport:
        epoch = self.state.under_way
        return StepReport(
            epoch=self.state.epoch,
            step=epoch.step,
            steps=self.steps,
            samples=epoch.samples,
            batch_loss=loss,
            loss_sum=epoch.sums[0],
            seconds=epoch.elapsed,
            wait_seconds=epoch.wait_seconds,
        )

    def _row(self, held_out: Iterable[LabelledBatch] | None) -> EpochRow:
        """Sum up the epoch; the first process evaluates, and tells the others."""
        epoch = self.state.under_way
        count = torch.tensor([epoch.samples], dtype=torch.float64, device=epoch.sums.device)
        loss_sum, hits, samples = self.team.sum(torch.cat([epoch.sums, count])).tolist()
        trained = epoch.elapsed
        evaluates = self.team.is_first and held_out is not None
        found = (
            evaluate(self.learner.model, held_out) if evaluates and held_out is not None else None
        )
        row = EpochRow(
            epoch=self.state.epoch,
            loss=loss_sum / samples,
            train_accuracy=hits / samples,
            held_out_loss=None if found is None else found.loss,
            held_out_accuracy=None if found is None else found.accuracy,
            learning_rate=float(self.learner.schedule.get_last_lr()[0]),
            seconds=epoch.elapsed,
            samples_per_second=samples / trained,
            wait_share=epoch.wait_seconds / trained,
        )
        return self.team.of_first(row)

    def _keep(self) -> None:
        """Write the checkpoint, if one is asked for."""
        if self.keep_in is None:
            return
        content = self.state.content(self.loader.state_dict())
        if self.team.is_first:
            save_checkpoint(self.keep_in, content)
