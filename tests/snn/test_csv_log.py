import csv
from dataclasses import asdict, replace
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from snn.csv_log import COLUMNS, CsvLog, history_lines
from snn.progress import EpochRow

ROW = EpochRow(
    epoch=0,
    loss=0.25,
    train_accuracy=0.5,
    held_out_loss=None,
    held_out_accuracy=0.75,
    learning_rate=0.001,
    seconds=1.5,
    samples_per_second=80.0,
    wait_share=0.125,
)


def test_rows_are_there_at_once(tmp_path: Path) -> None:
    path = tmp_path / "history.csv"
    log = CsvLog(path)
    log.begin([ROW])
    names = "loss train_accuracy held_out_loss held_out_accuracy learning_rate seconds"
    names += " samples_per_second wait_share"
    head = ",".join(["epoch", *names.split()])
    assert path.read_text().splitlines() == [head, "0,0.25,0.5,,0.75,0.001,1.5,80.0,0.125"]
    log.append(replace(ROW, epoch=1))
    assert path.read_text().splitlines()[2].startswith("1,0.25,")
    log.close()
    log.begin([replace(ROW, epoch=7)])
    assert [line[:2] for line in path.read_text().splitlines()] == ["ep", "7,"]
    assert [p.name for p in tmp_path.iterdir()] == ["history.csv"]


@given(loss=st.floats(allow_nan=False), accuracy=st.floats(0, 1) | st.none())
def test_numbers_come_back_as_they_were(loss: float, accuracy: float | None) -> None:
    row = replace(ROW, loss=loss, held_out_accuracy=accuracy)
    (read,) = csv.DictReader([",".join(COLUMNS), history_lines([row]).strip()])
    back = {name: float(text) if text else None for name, text in read.items()}
    assert back == asdict(row)
