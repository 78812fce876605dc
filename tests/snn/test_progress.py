from dataclasses import Field, fields, replace

import pytest
import torch

from snn.progress import EpochRow, StepReport

REPORT = StepReport(
    epoch=1,
    step=3,
    steps=4,
    samples=24,
    batch_loss=torch.tensor(0.5),
    loss_sum=torch.tensor(18.0),
    seconds=2.0,
    wait_seconds=0.5,
)
ROW = EpochRow(
    epoch=1,
    loss=0.5,
    train_accuracy=0.75,
    held_out_loss=None,
    held_out_accuracy=None,
    learning_rate=0.1,
    seconds=2.0,
    samples_per_second=12.0,
    wait_share=0.25,
)


def test_a_step_is_told_with_its_loss_throughput_and_wait() -> None:
    assert (REPORT.loss, REPORT.mean_loss) == (0.5, 0.75)
    assert (REPORT.samples_per_second, REPORT.wait_share) == (12.0, 0.25)


def test_a_clock_that_has_not_moved_divides_nothing() -> None:
    at_once = replace(REPORT, seconds=0.0, wait_seconds=0.0)
    assert (at_once.samples_per_second, at_once.wait_share) == (0.0, 0.0)


@pytest.mark.parametrize("field", fields(EpochRow), ids=lambda field: field.name)
def test_a_result_is_all_but_the_clock(field: Field[object]) -> None:
    row = {f.name: getattr(ROW, f.name) for f in fields(ROW)} | {field.name: 9}
    of_clock = field.name in {"seconds", "samples_per_second", "wait_share"}
    assert (EpochRow(**row).result == ROW.result) == of_clock
