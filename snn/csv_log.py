"""The epochs of a training as a table, ``history.csv``."""

import csv
import io
from collections.abc import Sequence
from dataclasses import asdict, fields
from pathlib import Path

from eventstore.durable import DurableFolder
from snn.progress import EpochRow

COLUMNS = tuple(f.name for f in fields(EpochRow))


class CsvLog:
    """A file with a row an epoch, to be read while training goes on.

    Args:
        path: the file.

    Examples:
        >>> from tempfile import mkdtemp
        >>> log = CsvLog(Path(mkdtemp()) / "history.csv")
        >>> log.begin([])
        >>> log.path.read_text().split(",")[:2]
        ['epoch', 'loss']
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def begin(self, rows: Sequence[EpochRow]) -> None:
        """Write the file anew, whole or not at all."""
        folder = DurableFolder(self.path.parent)
        folder.stage(self.path.name, [(_lines([COLUMNS]) + history_lines(rows)).encode()])
        folder.settle()

    def append(self, row: EpochRow) -> None:
        """Append a row."""
        with self.path.open("a", encoding="utf-8", newline="") as file:
            file.write(history_lines([row]))

    def close(self) -> None:
        """Do nothing: the file is not held open."""


def history_lines(rows: Sequence[EpochRow]) -> str:
    """Return rows as CSV, without the head; numbers come back as they were.

    Examples:
        >>> history_lines([])
        ''
    """
    return _lines([tuple(asdict(row).values()) for row in rows])


def _lines(rows: Sequence[Sequence[object]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()
