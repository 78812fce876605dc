"""``spikelake label import | export``."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from catalog.cli_label import app
from catalog.dataset import Dataset
from eventstore.errors import AlreadyExists, InvalidInput, NotFound

NAME = "train/cat/000"
FLAWED = "class,startTime_usec,endTime_usec\n8,100,300\n9,310,700\n10,600,900\n"
OVERLAP = "overlaps 100 µs of 'air_drums' (310-700) with 'air_guitar' (600-900)"
FLAGS = ("--set", "gesture", "--classes", "dvs-gesture")


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(a) for a in arguments])


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "user22_led_labels.csv"
    path.write_text(FLAWED)
    return path


def load(dataset: Dataset, file: Path, *flags: str) -> Result:
    told = ("--recording", NAME, "--times", "recording")
    return run("import", dataset.root, file, *FLAGS, *told, *flags)


def test_an_import_says_what_it_did_and_what_is_odd(animals: Dataset, file: Path) -> None:
    planned = load(animals, file, "--dry-run")
    assert planned.output.startswith(
        "would have imported 3 intervals of 1 recordings (dvs-gesture)"
    )
    assert animals.draft().label_sets == ["class"]
    done = load(animals, file)
    assert done.exit_code == 0
    assert done.output.splitlines()[:2] == [
        "imported 3 intervals of 1 recordings (dvs-gesture) into 'gesture'",
        f"warning: {NAME}#600-900: {OVERLAP}",
    ]
    edit = f"label edit {animals.root} '{NAME}#310-700' --stop 600 --reason … --set gesture"
    assert edit in done.output  # to be pasted
    again = json.loads(load(animals, file, "--json").output)
    assert (again["status"], again["intervals"], len(again["findings"])) == ("notneeded", 3, 1)
    assert load(animals, file).output.startswith("nothing changes: 3 intervals")


def test_an_error_refuses_all_of_it(animals: Dataset, file: Path) -> None:
    file.write_text(f"{FLAWED}1,90000,90001\n")
    result = load(animals, file)
    assert result.exit_code == 1
    assert result.output.startswith("nothing was imported: 4 intervals")
    assert "error: train/cat/000#90000-90001: 'hand_clapping' lies beyond" in result.output
    refused = load(animals, file, "--json")
    assert (refused.exit_code, json.loads(refused.output)["status"]) == (1, "error")


def test_the_recording_is_never_guessed(animals: Dataset, file: Path) -> None:
    assert isinstance(run("import", animals.root, file, *FLAGS).exception, NotFound)
    same = file.rename(file.with_name("000_labels.csv"))
    result = run("import", animals.root, same, *FLAGS)
    assert isinstance(result.exception, InvalidInput)
    assert "test/cat/000, train/cat/000" in str(result.exception)


def test_other_labels_are_replaced_where_asked(animals: Dataset, file: Path) -> None:
    load(animals, file)
    file.write_text(FLAWED.replace("8,", "7,"))
    assert isinstance(load(animals, file).exception, AlreadyExists)
    done = load(animals, file, "--replace")
    n = json.loads(load(animals, file, "--json").output)["replaced"]
    assert (done.exit_code, n) == (0, 0)  # what is there already takes no place
    assert "into 'gesture', in place of " in done.output


def test_an_export_comes_back(animals: Dataset, tmp_path: Path, file: Path) -> None:
    load(animals, file)
    flags = ("--format", "dvs-gesture", "--set", "gesture", "--out", tmp_path / "out")
    planned = json.loads(run("export", animals.root, *flags, "--dry-run", "--json").output)
    assert planned["files"] == [str(tmp_path / "out" / f"{NAME}_labels.csv")]
    assert not (tmp_path / "out").exists()
    done = run("export", animals.root, *flags, "--times", "recording")
    assert done.output == (
        f"exported 3 intervals of {animals.root} as dvs-gesture, 1 file in {tmp_path / 'out'}\n"
    )
    assert Path(planned["files"][0]).read_text() == FLAWED
    assert isinstance(run("export", animals.root, *flags).exception, AlreadyExists)
    assert run("export", animals.root, *flags, "--force").exit_code == 0
    saved = run("export", f"{animals.root}@1.0.0", *flags, "--force")
    assert isinstance(saved.exception, NotFound)


def test_what_an_export_moves_is_told(animals: Dataset, tmp_path: Path, file: Path) -> None:
    load(animals, file)
    flags = ("--format", "cvat", "--set", "gesture", "--fps", "10000", "--out", tmp_path / "out")
    assert "were moved, by at most 10 µs" in run("export", animals.root, *flags).output
