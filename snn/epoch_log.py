"""Logs of training, epoch by epoch: each is in them once, however often training was stopped."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol, Self, runtime_checkable

from snn.checkpoint import load_checkpoint
from snn.progress import EpochRow, OnEpoch


@runtime_checkable
class EpochLog(Protocol):
    """Where epochs are logged, such as a file.

    Examples:
        >>> from snn.csv_log import CsvLog
        >>> isinstance(CsvLog(Path("history.csv")), EpochLog)
        True
    """

    def begin(self, rows: Sequence[EpochRow]) -> None:
        """Hold these epochs and no others, whatever an interrupted training left."""

    def append(self, row: EpochRow) -> None:
        """Log one epoch more, for others to see at once."""

    def close(self) -> None:
        """Write what is left to write."""


class EpochLogs:
    """Keeps logs in step with a training and its checkpoint.

    A killed training may have kept an epoch in its checkpoint and not in the log, or torn the log's
    last line. So logs begin with all epochs of the checkpoint when the first new epoch is over; by
    then it is certain that the training goes on with that checkpoint.

    Args:
        logs: the logs.
        checkpoint: the training's checkpoint, written before an epoch is told.
        then: called after an epoch is logged.

    Of several processes that train together the first one logs.

    Examples:
        >>> from tempfile import mkdtemp
        >>> from snn.csv_log import CsvLog
        >>> folder = Path(mkdtemp())
        >>> row = EpochRow(
        ...     epoch=0, loss=0.5, train_accuracy=0.75, held_out_loss=None, held_out_accuracy=None,
        ...     learning_rate=0.001, seconds=2.0, samples_per_second=50.0, wait_share=0.25,
        ... )
        >>> with EpochLogs([CsvLog(folder / "history.csv")], folder / "last.pt") as logs:
        ...     logs.on_epoch(row)
        >>> (folder / "history.csv").read_text().splitlines()[1]
        '0,0.5,0.75,,,0.001,2.0,50.0,0.25'
    """

    def __init__(
        self, logs: Sequence[EpochLog], checkpoint: Path, *, then: OnEpoch | None = None
    ) -> None:
        first = os.environ.get("RANK", "0") == "0"
        self._logs = tuple(logs) if first else ()
        self._checkpoint, self._then = checkpoint, then
        self._begun = False

    def on_epoch(self, row: EpochRow) -> None:
        """Log an epoch; what `train` calls."""
        if self._begun:
            for log in self._logs:
                log.append(row)
        else:
            self._begin((*self._earlier(row.epoch), row))
        if self._then is not None:
            self._then(row)

    def finish(self, history: Sequence[EpochRow]) -> None:
        """Log a training that is over: all of it, if no epoch was left to train."""
        if not self._begun:
            self._begin(history)

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the logs, also where training was interrupted."""
        for log in self._logs:
            log.close()

    def _begin(self, rows: Sequence[EpochRow]) -> None:
        for log in self._logs:
            log.begin(rows)
        self._begun = True

    def _earlier(self, epoch: int) -> tuple[EpochRow, ...]:
        if epoch == 0 or not self._logs:
            return ()
        kept = load_checkpoint(self._checkpoint)["history"][:epoch]
        return tuple(EpochRow(**row) for row in kept)
