import io
import re
import time
from collections.abc import Callable
from dataclasses import replace

import pytest
import torch

from snn import cli_progress
from snn.cli_progress import epoch_line, shown_progress, standing
from snn.progress import EpochRow, StepReport


class Terminal(io.StringIO):
    """Stands for stderr on a terminal."""

    def isatty(self) -> bool:
        return True


def report_of(step: int, epoch: int = 0, steps: int = 4) -> StepReport:
    return StepReport(
        epoch=epoch,
        step=step,
        steps=steps,
        samples=8 * step,
        batch_loss=torch.tensor(0.5),
        loss_sum=torch.tensor(4.0 * step),
        seconds=0.5,
        wait_seconds=0.125,
    )


def row_of(held_out: float | None = 0.75) -> EpochRow:
    return EpochRow(
        epoch=1,
        loss=0.25,
        train_accuracy=0.5,
        held_out_loss=None,
        held_out_accuracy=held_out,
        learning_rate=0.001,
        seconds=1.5,
        samples_per_second=80.0,
        wait_share=0.125,
    )


def plain(text: str) -> str:
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    now = [100.0]
    monkeypatch.setattr("snn.cli_progress.time.monotonic", lambda: now[0])
    return lambda seconds: now.__setitem__(0, now[0] + seconds)


def test_an_epoch_in_a_line() -> None:
    assert epoch_line("seed 3", row_of(), 10) == (
        "seed 3 epoch 1 (2/10): loss 0.2500, training 50.0%, held out 75.0%, 1.5 s, "
        "80 samples/s, 12% waiting for data"
    )
    assert "held out" not in epoch_line("seed 3", row_of(None), 10)


def test_a_step_in_few_words() -> None:
    said = standing(report_of(2), 10)
    assert said == "epoch 0 (1/10) step 2/4, loss 0.500, 32/s, 25% waiting"


def test_without_a_terminal_epochs_are_lines(capsys: pytest.CaptureFixture[str]) -> None:
    with shown_progress("seed 0", 10) as shown:
        assert shown.on_step is None
        assert shown.on_epoch is not None
        shown.on_epoch(row_of())
    out, err = capsys.readouterr()
    assert out == ""
    assert err == epoch_line("seed 0", row_of(), 10) + "\n"


def test_on_a_terminal_a_bar_is_drawn_now_and_then(
    monkeypatch: pytest.MonkeyPatch, clock: Callable[[float], None]
) -> None:
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.setenv("TERM", "xterm")
    with shown_progress("seed 0", 10) as shown:
        assert shown.on_step is not None
        assert shown.on_epoch is not None
        shown.on_step(report_of(1))
        clock(cli_progress.EVERY_S / 2)
        shown.on_step(report_of(2))  # too soon
        clock(cli_progress.EVERY_S)
        shown.on_step(report_of(3))
        shown.on_epoch(row_of())
    said = plain(terminal.getvalue())
    assert "step 1/4, loss 0.500, 16/s, 25% waiting" in said
    assert "step 2/4" not in said
    assert "step 3/4" in said
    assert epoch_line("seed 0", row_of(), 10) in said


def test_steps_between_drawings_do_not_wait_for_the_loss(
    monkeypatch: pytest.MonkeyPatch, clock: Callable[[float], None]
) -> None:
    """Reading the loss would make an accelerator wait at each step."""

    class Unread(torch.Tensor):
        def __float__(self) -> float:
            message = "the loss was read"
            raise AssertionError(message)

    monkeypatch.setattr("sys.stderr", Terminal())
    with shown_progress("seed 0", 10) as shown:
        assert shown.on_step is not None
        shown.on_step(report_of(1))
        unread = torch.tensor(1.0).as_subclass(Unread)
        began = time.perf_counter()
        for step in range(2000):
            shown.on_step(replace(report_of(2), step=step + 1, loss_sum=unread))
        assert (time.perf_counter() - began) / 2000 < 1e-3


def test_other_processes_of_a_training_are_silent(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RANK", "1")
    with shown_progress("seed 0", 10) as shown:
        assert shown == (None, None)
    assert capsys.readouterr() == ("", "")
