"""Training runs and chip reports beside the data they are of."""

import html
import json
from pathlib import Path
from typing import Any

import pytest

from catalog.dataset import Dataset
from catalog.viewer.opening import open_shown
from catalog.viewer.run_list import MOST_BYTES, Wanted, run_list
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
    (told,) = same["reports"]  # one of before reports said of which data they are
    assert told.items() >= {"name": "speck.json", "data": "the same split", **report}.items()


def test_reports_that_lie_anywhere_lead_to_their_data(animals: Dataset, tmp_path: Path) -> None:
    digest, runs = animals.draft().split_record("official").digest, tmp_path / "runs"
    report = {"chip": "xylo_audio3", "fits": False, "fold": "test", "float_accuracy": 0.5}
    cited = {
        "a": f"elsewhere/animals@1.0.0/split:official#{digest[:16]}",
        "b": f"renamed@9.0.0/split:other#{digest[:16]}",  # its digest says that it is the same
        "c": "animals@1.0.0/split:official#00000000",
        "d": "plants@1.0.0/split:official#00000000",
    }
    for name, data in cited.items():
        write(runs / "chips", f"{name}.json", {**report, "data": data})
    (runs / "chips" / "a.html").write_text("beside its JSON")
    said = html.escape(json.dumps({**report, "data": cited["a"]}))
    page = f'<head><meta name="spikelake-report" content="{said}"></head>'
    (runs / "chips" / "alone.html").write_text(page)
    (runs / "chips" / "other.html").write_text("<head></head>")
    (runs / "chips" / "link.html").symlink_to(runs / "chips" / "alone.html")
    shown = open_shown(str(animals.root), runs=(runs,))

    def names(wanted: Wanted | None = None) -> list[str]:
        found: Any = run_list(shown, wanted)["reports"]
        return [one["name"].removeprefix("runs/chips/") for one in found]

    assert names() == ["a.json", "alone.html", "b.json", "c.json", "d.json"]
    assert names(Wanted(split="official")) == ["a.json", "alone.html", "b.json"]
    assert names(Wanted(recording="test/cat/000")) == ["a.json", "alone.html", "b.json"]
    found: Any = run_list(shown, Wanted(recording="test/cat/000"))["reports"]
    assert [one["folds"] for one in found] == [["test"]] * 3
    for wanted in (Wanted(split="lost"), Wanted(recording="lost")):
        with pytest.raises(NotFound):
            run_list(shown, wanted)


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
