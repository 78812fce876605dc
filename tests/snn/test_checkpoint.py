from pathlib import Path

import pytest
import torch

from eventstore.errors import FormatError, NotFound
from snn.checkpoint import load_checkpoint, save_checkpoint


def test_round_trip_replaces_the_one_before(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "last.pt"
    for value in (1.0, 2.0):
        save_checkpoint(path, {"w": torch.tensor(value), "rows": [{"loss": 0.5}]})
    found = load_checkpoint(path)
    assert found["w"].item() == 2.0
    assert found["rows"] == [{"loss": 0.5}]
    assert [p.name for p in path.parent.iterdir()] == ["last.pt"]


def test_a_failed_write_leaves_the_one_before(tmp_path: Path) -> None:
    path = tmp_path / "last.pt"
    save_checkpoint(path, {"epoch": 1})
    with pytest.raises(Exception, match="pickle"):
        save_checkpoint(path, {"epoch": 2, "bad": lambda: None})
    assert load_checkpoint(path)["epoch"] == 1


def test_missing_damaged_and_newer_files_are_named(tmp_path: Path) -> None:
    path = tmp_path / "last.pt"
    with pytest.raises(NotFound, match="no checkpoint"):
        load_checkpoint(path)
    save_checkpoint(path, {})
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(FormatError, match=r"last\.pt: not a checkpoint"):
        load_checkpoint(path)
    torch.save({"format": 99}, path)
    with pytest.raises(FormatError, match="expected 2; found 99"):
        load_checkpoint(path)


def test_a_checkpoint_runs_no_code(tmp_path: Path) -> None:
    path = tmp_path / "last.pt"
    torch.save({"format": 1, "net": torch.nn.Linear(1, 1)}, path)
    with pytest.raises(FormatError):
        load_checkpoint(path)


def test_a_flipped_bit_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "last.pt"
    save_checkpoint(path, {"w": torch.zeros(10_000)})
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(FormatError, match=r"last\.pt: not a checkpoint"):
        load_checkpoint(path)


def test_other_files_of_torch_are_no_checkpoints(tmp_path: Path) -> None:
    path = tmp_path / "last.pt"
    torch.save([1, 2], path)
    with pytest.raises(FormatError, match=r"last\.pt: not a checkpoint"):
        load_checkpoint(path)
