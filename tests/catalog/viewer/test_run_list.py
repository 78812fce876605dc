"""Training runs and chip reports beside the data they are of."""

import json
from pathlib import Path
from typing import Any

import pytest

from catalog.dataset import Dataset
from catalog.viewer.opening import open_shown
from catalog.viewer.run_list import MOST_BYTES, run_list
from eventstore.errors import NotFound


def write(folder: Path, name: str, content: object) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(json.dumps(content))


def record(task: str) -> dict[str, object]:
    test = {"accuracy": 0.75, "loss": 0.5, "confusion": [[1, 0], [0, 1]]}
    history = [{"epoch": 1}, {"epoch": 2}]
    facts = {"recipe": {"name": "small"}, "history": history, "best_epoch": 2, "test": test}
    return {"format_version": 3, "task": task, **facts}


def listed(dataset: Dataset, folder: Path) -> dict[str, Any]:
    found: Any = run_list(open_shown(str(dataset.root), runs=(folder,)))["runs"]
    return {one["name"]: one for one in found}


def test_runs_are_told_with_their_data_and_chips(animals: Dataset, tmp_path: Path) -> None:
    digest, runs = animals.draft().split_record("official").digest, tmp_path / "runs"
    tasks = {
        "same": f"animals@1.0.0/split:official#{digest[:8]}",
        "other": f"data/animals@0.9.0/split:official#{'0' * 8}",
        "gone": "animals@1.0.0/split:lost#00000000",
        "plants": "plants@1.0.0/split:official#00000000",
    }
    for name, task in tasks.items():
        write(runs / "deep" / name, "run.json", record(task))
    report = {"chip": "speck2f", "fits": True, "float_accuracy": 0.75, "event_accuracy": 0.5}
    write(runs / "deep" / "same", "speck.json", report)
    write(runs / "deep" / "same", "other.json", [1])
    found = listed(animals, runs)
    assert {name: one["data"] for name, one in found.items()} == {
        "runs/deep/same": "the same split",
        "runs/deep/other": "a split of this name, other samples",
        "runs/deep/gone": "a split that is not here",
        "runs/deep/plants": "another dataset",
    }
    same = found["runs/deep/same"]
    assert same["test"] == {"accuracy": 0.75, "loss": 0.5}
    assert (same["recipe"], same["n_epochs"], same["best_epoch"]) == ("small", 2, 2)
    assert same["split"] == "official"
    assert same["reports"] == [{"name": "speck.json", **report}]


def test_what_is_no_record_is_told_and_nothing_else_is_read(
    animals: Dataset, tmp_path: Path
) -> None:
    runs = tmp_path / "runs"
    write(runs / "bad", "run.json", [1])
    write(runs / "odd", "run.json", {"task": "not a reference@@"})
    write(runs / "big", "run.json", {"task": "x" * MOST_BYTES})
    write(tmp_path / "outside", "run.json", record("animals"))
    (runs / "link").symlink_to(tmp_path / "outside")
    (runs / "linked").mkdir()
    (runs / "linked" / "run.json").symlink_to(tmp_path / "outside" / "run.json")
    write(runs / "1/2/3/4", "run.json", record("animals"))
    found = listed(animals, runs)
    assert set(found) == {"runs/bad", "runs/odd", "runs/big", "runs/linked"}
    assert found["runs/odd"]["data"] == "not told"
    for name in ("bad", "big", "linked"):
        assert found[f"runs/{name}"]["problem"] == "run.json is not the record of a run"


def test_a_folder_that_is_not_there_is_refused(animals: Dataset, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no folder of runs"):
        open_shown(str(animals.root), runs=(tmp_path / "none",))
