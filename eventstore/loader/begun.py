"""Batches that are being made: of one epoch, and behind them of the next."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from eventstore.later import Later
from eventstore.loader.batch import Batch
from eventstore.prefetch import Tasks
from eventstore.schedule import Step


class Coming(NamedTuple):
    """A batch to come, its step, and whether it is the last one of its epoch."""

    step: Step
    batch: Later[Batch]
    last: bool


@dataclass(frozen=True, slots=True, eq=False)
class Begun:
    """Batches that are being made.

    Args:
        what: of which epoch, from which position on, and for which worker of how many.
        tasks: what makes them.
        coming: the batches of that epoch, and behind them those of the next.
        process: which process makes them; a fork of it has no such threads.
    """

    what: tuple[int, int, tuple[int, int]]
    tasks: Tasks
    coming: Iterator[Coming]
    process: int
