import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from eventstore.errors import MissingExtra
from snn.progress import EpochRow
from snn.tensorboard_log import TensorBoardLog

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


def scalars(folder: Path) -> dict[str, list[tuple[int, float]]]:
    """Read event files as TensorBoard does."""
    accumulator = pytest.importorskip(
        "tensorboard.backend.event_processing.event_accumulator", reason="needs tensorboard"
    )
    found: Any = accumulator.EventAccumulator(str(folder))
    found.Reload()
    return {
        tag: [(event.step, event.value) for event in found.Scalars(tag)]
        for tag in found.Tags()["scalars"]
    }


def test_tensorboard_reads_each_epoch(tmp_path: Path) -> None:
    pytest.importorskip("tensorboard", reason="needs tensorboard")
    log = TensorBoardLog(tmp_path / "tensorboard")
    log.begin([ROW])
    log.append(replace(ROW, epoch=1, loss=0.125))
    found = scalars(tmp_path / "tensorboard")  # while training still goes on
    log.close()
    assert found["loss/train"] == [(0, 0.25), (1, 0.125)]
    assert found["accuracy/held-out"] == [(0, 0.75), (1, 0.75)]
    assert found["speed/samples per second"] == [(0, 80.0), (1, 80.0)]
    assert "loss/held-out" not in found


def test_going_on_neither_doubles_nor_loses_an_epoch(tmp_path: Path) -> None:
    pytest.importorskip("tensorboard", reason="needs tensorboard")
    other = tmp_path / "events.out.tfevents.1.mine"
    other.write_bytes(b"")
    first = TensorBoardLog(tmp_path)
    first.begin([ROW])
    first.close()
    again = TensorBoardLog(tmp_path)
    again.begin([ROW, replace(ROW, epoch=1)])
    again.append(replace(ROW, epoch=2))
    again.close()
    again.close()
    other.unlink()  # would have raised, had it been removed
    assert [step for step, _ in scalars(tmp_path)["loss/train"]] == [0, 1, 2]


def test_without_the_package_the_extra_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", None)
    with pytest.raises(MissingExtra, match="need the package tensorboard") as caught:
        TensorBoardLog(tmp_path / "new")
    assert caught.value.hint == "pip install 'spikelake[log]'"
    assert not (tmp_path / "new").exists()
