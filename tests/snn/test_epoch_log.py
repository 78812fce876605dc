import csv
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from snn.checkpoint import save_checkpoint
from snn.csv_log import CsvLog
from snn.epoch_log import EpochLog, EpochLogs
from snn.progress import EpochRow


def row_of(epoch: int) -> EpochRow:
    return EpochRow(
        epoch=epoch,
        loss=1 / (epoch + 3),
        train_accuracy=0.1 + 0.7 / (epoch + 1),
        held_out_loss=None,
        held_out_accuracy=None,
        learning_rate=0.001,
        seconds=0.3,
        samples_per_second=12.5,
        wait_share=0.0,
    )


class Noted:
    """A log in memory that notes how it was used."""

    def __init__(self) -> None:
        self.rows: list[EpochRow] = []
        self.closed = 0

    def begin(self, rows: Sequence[EpochRow]) -> None:
        self.rows = list(rows)

    def append(self, row: EpochRow) -> None:
        self.rows.append(row)

    def close(self) -> None:
        self.closed += 1


class Killed(Exception):  # stands for a signal
    pass


def train_on(folder: Path, n_epochs: int, *, stop_at: int | None, torn: bool) -> None:
    """Train as the loop does: keep the epoch, then tell it; be killed between the two."""
    path = folder / "last.pt"
    done = int((folder / "done").read_text()) if path.exists() else 0
    with EpochLogs([CsvLog(folder / "history.csv")], path) as logs:
        for epoch in range(done, n_epochs):
            rows = [asdict(row_of(e)) for e in range(epoch + 1)]
            save_checkpoint(path, {"history": rows})
            (folder / "done").write_text(str(epoch + 1))
            if epoch == stop_at:
                break
            logs.on_epoch(row_of(epoch))
        else:
            logs.finish([row_of(e) for e in range(n_epochs)])
    if torn and (folder / "history.csv").exists():
        with (folder / "history.csv").open("a") as file:
            file.write("3,0.2")


@settings(max_examples=10, deadline=None)
@given(stops=st.lists(st.tuples(st.integers(0, 5), st.booleans()), max_size=4))
def test_each_epoch_is_there_once_however_often_it_was_killed(
    tmp_path_factory: pytest.TempPathFactory, stops: list[tuple[int, bool]]
) -> None:
    folder = tmp_path_factory.mktemp("run")
    for stop, torn in stops:
        train_on(folder, 6, stop_at=stop, torn=torn)
    train_on(folder, 6, stop_at=None, torn=False)
    with (folder / "history.csv").open(newline="") as file:
        read = list(csv.DictReader(file))
    assert [int(row["epoch"]) for row in read] == list(range(6))
    assert [float(row["loss"]) for row in read] == [row_of(e).loss for e in range(6)]


def test_a_refused_resume_leaves_the_log_alone(tmp_path: Path) -> None:
    log = Noted()
    log.rows = [row_of(0)]
    with pytest.raises(Killed), EpochLogs([log], tmp_path / "last.pt"):
        raise Killed
    assert log.rows == [row_of(0)]
    assert log.closed == 1


def test_a_training_that_was_over_is_logged_whole(tmp_path: Path) -> None:
    log = Noted()
    assert isinstance(log, EpochLog)
    with EpochLogs([log], tmp_path / "last.pt") as logs:
        logs.finish([row_of(0), row_of(1)])
    assert log.rows == [row_of(0), row_of(1)]


def test_of_several_processes_the_first_logs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RANK", "1")
    log, told = Noted(), Noted()
    with EpochLogs([log], tmp_path / "last.pt", then=told.append) as logs:
        logs.on_epoch(row_of(3))
        logs.finish([row_of(3)])
    assert log.rows == []
    assert told.rows == [row_of(3)]
