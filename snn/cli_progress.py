"""Progress of training on stderr: a bar on a terminal, a line an epoch everywhere."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

import typer

from snn.cli_options import is_first_process

if TYPE_CHECKING:
    from rich.progress import Progress

    from snn.progress import EpochRow, OnEpoch, OnStep, StepReport

EVERY_S = 0.2
"""Time between two drawings; only then the loss is read, which waits for an accelerator."""


class Shown(NamedTuple):
    """What to call during training."""

    on_step: "OnStep | None"
    on_epoch: "OnEpoch | None"


@contextmanager
def shown_progress(what: str, epochs: int) -> Iterator[Shown]:
    """Show how a training gets on: step, loss, throughput, and waiting for data.

    Args:
        what: what is trained, such as its seed.
        epochs: number of epochs.
    """
    if not is_first_process():
        yield Shown(None, None)
        return
    if not sys.stderr.isatty():
        yield Shown(None, lambda row: typer.echo(epoch_line(what, row, epochs), err=True))
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=None),
        TextColumn("{task.fields[standing]}", markup=False),
        TimeRemainingColumn(compact=True),
    )
    console = Console(stderr=True, highlight=False, markup=False)
    with Progress(*columns, console=console, auto_refresh=False, transient=True) as progress:
        bar = _Bar(progress, what, epochs)
        yield Shown(bar.on_step, bar.on_epoch)


class _Bar:
    """A bar over all steps of all epochs."""

    def __init__(self, progress: "Progress", what: str, epochs: int) -> None:
        self.progress, self.what, self.epochs = progress, what, epochs
        self.task = progress.add_task(what, total=None, standing=_numbered(0, epochs))
        self.drawn = 0.0

    def on_step(self, report: "StepReport") -> None:
        now = time.monotonic()
        if now - self.drawn < EVERY_S:
            return
        self.drawn = now
        self.progress.update(
            self.task,
            total=self.epochs * report.steps,
            completed=report.epoch * report.steps + report.step,
            standing=standing(report, self.epochs),
        )
        self.progress.refresh()

    def on_epoch(self, row: "EpochRow") -> None:
        self.progress.console.print(epoch_line(self.what, row, self.epochs), soft_wrap=True)


def standing(report: "StepReport", epochs: int) -> str:
    """Say in few words where an epoch stands."""
    return (
        f"{_numbered(report.epoch, epochs)} step {report.step}/{report.steps}, "
        f"loss {report.mean_loss:.3f}, {report.samples_per_second:.0f}/s, "
        f"{report.wait_share:.0%} waiting"
    )


def epoch_line(what: str, row: "EpochRow", epochs: int) -> str:
    """Say what an epoch came to.

    Examples:
        >>> from snn.progress import EpochRow
        >>> row = EpochRow(
        ...     epoch=2, loss=0.5, train_accuracy=0.875, held_out_loss=0.25, held_out_accuracy=0.9,
        ...     learning_rate=0.001, seconds=2.0, samples_per_second=512.4, wait_share=0.125,
        ... )
        >>> epoch_line("seed 0", row, 10).partition(", training 87.5%, held out 90.0%, ")[::2]
        ('seed 0 epoch 2 (3/10): loss 0.5000', '2.0 s, 512 samples/s, 12% waiting for data')
    """
    held = "" if row.held_out_accuracy is None else f", held out {row.held_out_accuracy:.1%}"
    return (
        f"{what} {_numbered(row.epoch, epochs)}: loss {row.loss:.4f}, "
        f"training {row.train_accuracy:.1%}{held}, {row.seconds:.1f} s, "
        f"{row.samples_per_second:.0f} samples/s, {row.wait_share:.0%} waiting for data"
    )


def _numbered(epoch: int, epochs: int) -> str:
    """Name an epoch by its number, from 0 as everywhere, and by how many that makes."""
    return f"epoch {epoch} ({epoch + 1}/{epochs})"
