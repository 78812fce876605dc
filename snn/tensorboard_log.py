"""The epochs of a training as event files that TensorBoard shows."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eventstore.errors import MissingExtra
from snn.progress import EpochRow

if TYPE_CHECKING:
    from torch.utils.tensorboard import SummaryWriter

SUFFIX = ".spikelake"
"""How our event files end; others in the folder are left alone."""


class TensorBoardLog:
    """Event files with losses, accuracies, learning rate and speed of each epoch.

    Watch a training with ``tensorboard --logdir FOLDER``, of several runs with the folder above
    them.

    Args:
        folder: for the event files; made where absent.

    Raises:
        MissingExtra: the package ``tensorboard`` is not installed.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._kind = _summary_writer()
        self._writer: SummaryWriter | None = None

    def begin(self, rows: Sequence[EpochRow]) -> None:
        """Write an event file of these epochs in the place of ours that are there."""
        self.close()
        for file in self.folder.glob(f"events.out.tfevents.*{SUFFIX}"):
            file.unlink()
        self._writer = self._kind(str(self.folder), filename_suffix=SUFFIX)
        self._add(rows)

    def append(self, row: EpochRow) -> None:
        """Add an epoch."""
        self._add([row])

    def close(self) -> None:
        """Close the event file."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    def _add(self, rows: Sequence[EpochRow]) -> None:
        assert self._writer is not None  # noqa: S101 # begin comes first
        for row in rows:
            for tag, value in _scalars(row):
                self._writer.add_scalar(tag, value, row.epoch)
        self._writer.flush()


def _scalars(row: EpochRow) -> Iterator[tuple[str, float]]:
    for tag, value in (
        ("loss/train", row.loss),
        ("loss/held-out", row.held_out_loss),
        ("accuracy/train", row.train_accuracy),
        ("accuracy/held-out", row.held_out_accuracy),
        ("learning rate", row.learning_rate),
        ("speed/samples per second", row.samples_per_second),
        ("speed/share of time waiting for data", row.wait_share),
        ("speed/seconds", row.seconds),
    ):
        if value is not None:
            yield tag, value


def _summary_writer() -> Any:  # noqa: ANN401 # the class, which torch leaves untyped
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError as error:
        message = "event files for TensorBoard need the package tensorboard"
        raise MissingExtra(message, hint="pip install 'spikelake[log]'") from error
    return SummaryWriter
