"""What training tells while it runs: of each step, and of each epoch."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from torch import Tensor


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StepReport:
    """Where an epoch stands after one of its steps.

    Numbers of the loss stay where the network is until they are asked for: reading ``loss`` or
    ``mean_loss`` waits for an accelerator, so a progress bar reads them when it draws, not each
    step.

    Args:
        epoch: number of the epoch, from 0.
        step: steps of the epoch done, this one included; from 1.
        steps: steps of the whole epoch.
        samples: samples trained on so far in the epoch.
        batch_loss: training loss of this step's batch, one number.
        loss_sum: sum over the samples so far of their loss, one number.
        seconds: time of the epoch so far; where it was interrupted, without the time in between.
        wait_seconds: how much of it was spent waiting for the loader's next batch.

    Examples:
        >>> import torch
        >>> report = StepReport(
        ...     epoch=0, step=2, steps=8, samples=32, batch_loss=torch.tensor(0.5),
        ...     loss_sum=torch.tensor(24.0), seconds=0.5, wait_seconds=0.125,
        ... )
        >>> report.loss, report.mean_loss, report.samples_per_second, report.wait_share
        (0.5, 0.75, 64.0, 0.25)
    """

    epoch: int
    step: int
    steps: int
    samples: int
    batch_loss: Tensor
    loss_sum: Tensor
    seconds: float
    wait_seconds: float

    @property
    def loss(self) -> float:
        """Training loss of this step's batch."""
        return float(self.batch_loss)

    @property
    def mean_loss(self) -> float:
        """Mean training loss of the samples so far in the epoch."""
        return float(self.loss_sum) / self.samples

    @property
    def samples_per_second(self) -> float:
        """Throughput of the epoch so far."""
        return self.samples / self.seconds if self.seconds else 0.0

    @property
    def wait_share(self) -> float:
        """Share of the epoch's time so far that was spent waiting for the loader, in [0, 1]."""
        return self.wait_seconds / self.seconds if self.seconds else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class EpochRow:
    """What one epoch came to.

    The last three are of the clock, and differ between two trainings that are else the same.

    Args:
        epoch: its number, from 0.
        loss: mean training loss.
        train_accuracy: accuracy on the training samples as they were seen, augmented; of a mixed
            one, the class that has most of its label is right.
        held_out_loss: loss on the held-out training samples; None without any.
        held_out_accuracy: accuracy on them.
        learning_rate: learning rate after the epoch.
        seconds: wall time, with the evaluation of the held-out samples.
        samples_per_second: training samples a second, without that evaluation.
        wait_share: share of the training time that was spent waiting for the loader, in [0, 1].

    Examples:
        >>> row = EpochRow(epoch=0, loss=0.7, train_accuracy=0.6, held_out_loss=None,
        ...     held_out_accuracy=None, learning_rate=0.001, seconds=2.0, samples_per_second=500.0,
        ...     wait_share=0.01)
        >>> row.result[:3]
        (0, 0.7, 0.6)
    """

    epoch: int
    loss: float
    train_accuracy: float
    held_out_loss: float | None
    held_out_accuracy: float | None
    learning_rate: float
    seconds: float
    samples_per_second: float
    wait_share: float

    @property
    def result(self) -> tuple[float | None, ...]:
        """All that does not depend on the clock: equal for equal trainings."""
        return (
            self.epoch,
            self.loss,
            self.train_accuracy,
            self.held_out_loss,
            self.held_out_accuracy,
            self.learning_rate,
        )


OnStep: TypeAlias = Callable[[StepReport], None]
"""Called after each step of training."""

OnEpoch: TypeAlias = Callable[[EpochRow], None]
"""Called after each epoch of training."""
