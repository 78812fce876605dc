"""``spikelake ingest``: on the command line as a user has it."""

import json
import zipfile
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from catalog.cli import register
from catalog.dataset import Dataset
from eventstore.errors import AlreadyExists, InvalidInput, NotFound


@pytest.fixture
def app() -> typer.Typer:
    app = typer.Typer()
    register(app)
    return app


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    with zipfile.ZipFile(tmp_path / "Train.zip", "w") as made:
        for k in range(3):
            made.writestr(f"Train/{k}/{k}.bin", bytes([k, k, 0, 0, 9] * 8))
    return tmp_path / "Train.zip"


def test_ingest_adds_then_skips(app: typer.Typer, archive: Path, empty: Dataset) -> None:
    command = ["ingest", str(archive), "--into", str(empty.root)]
    run = CliRunner().invoke
    planned = run(app, [*command, "--dry-run"])
    assert "would ingest 3 recordings, 3 of them with a label" in planned.output
    assert not empty.draft().has_recordings
    done = run(app, [*command, "--json", "--sensor", "34x34"], catch_exceptions=False)
    record = json.loads(done.output)
    assert (record["status"], record["added"], record["events"]) == ("ok", 3, 24)
    refused = run(app, command)
    assert isinstance(refused.exception, AlreadyExists)
    resumed = run(app, [*command, "--resume"], catch_exceptions=False)
    assert "ingested 0 recordings, 0 events" in resumed.output
    assert "3 were there already" in resumed.output


def test_labels_can_be_left_out(app: typer.Typer, archive: Path, empty: Dataset) -> None:
    command = ["ingest", str(archive), "--into", str(empty.root), "--label-from", "none"]
    done = CliRunner().invoke(app, command, catch_exceptions=False)
    assert done.exit_code == 0
    assert "and 2 more): geometry not in file" in done.output
    assert empty.draft().label_sets == []


def test_repairs_are_done_and_told(app: typer.Typer, tmp_path: Path, empty: Dataset) -> None:
    (tmp_path / "back.bin").write_bytes(bytes([1, 1, 0, 0, 9, 2, 1, 0, 0, 8, 3, 1, 0, 0, 10]))
    command = ["ingest", str(tmp_path / "back.bin"), "--into", str(empty.root)]
    refused = CliRunner().invoke(app, command)
    assert isinstance(refused.exception, InvalidInput)
    assert "'sort'" in refused.exception.hint
    done = CliRunner().invoke(app, [*command, "--repair", "sort"], catch_exceptions=False)
    assert "ingested 1 recordings, 3 events" in done.output
    assert "Mev/s" in done.output
    assert "repaired: sort: 1 events" in done.output
    store = empty.draft().store
    assert store.read("back").t.tolist() == [8, 9, 10]
    shown = CliRunner().invoke(app, ["dataset", "show", str(empty.root)], catch_exceptions=False)
    assert "sort: 1 events in 1 recordings" in shown.output


def test_a_sensor_that_is_none_is_refused(app: typer.Typer, archive: Path, empty: Dataset) -> None:
    command = ["ingest", str(archive), "--into", str(empty.root), "--sensor", "34x"]
    refused = CliRunner().invoke(app, command)
    assert isinstance(refused.exception, InvalidInput)


def test_workers_do_the_work(app: typer.Typer, archive: Path, empty: Dataset) -> None:
    command = ["ingest", str(archive), "--into", str(empty.root), "--sensor", "34x34"]
    both = CliRunner().invoke(app, [*command, "--workers", "1", "--scheduler", "tcp://x:1"])
    assert isinstance(both.exception, InvalidInput)
    done = CliRunner().invoke(app, [*command, "--workers", "1", "--json"], catch_exceptions=False)
    record = json.loads(done.output)
    assert (record["status"], record["added"], record["events"]) == ("ok", 3, 24)
    assert empty.verify() == []


def test_a_layout_reads_labels_and_subjects_off_names(
    app: typer.Typer, tmp_path: Path, empty: Dataset
) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    for name in ("s1_wave_0.bin", "s2_clap_0.bin"):
        (folder / name).write_bytes(bytes([1, 1, 0, 0, 9] * 3))
    command = ["ingest", str(folder), "--into", str(empty.root), "--layout", "paths"]
    command += ["--layout-option", r"pattern=(?P<subject>s\d)_(?P<label>[a-z]+)_\d\.bin"]
    planned = CliRunner().invoke(app, [*command, "--dry-run"], catch_exceptions=False)
    assert "would ingest 2 recordings, 2 of them with a label" in planned.output
    CliRunner().invoke(app, [*command, "--sensor", "34x34"], catch_exceptions=False)
    draft = empty.draft()
    assert draft.recordings.column("subject") == ["s1", "s2"]
    assert [row.label for row in draft.labels("class").values()] == ["wave", "clap"]


def test_the_name_of_a_public_dataset_stands_for_its_layout(
    app: typer.Typer, tmp_path: Path, empty: Dataset
) -> None:
    folder = tmp_path / "train" / "cars"
    folder.mkdir(parents=True)
    head = b"% Version 2\n% Height 240\n% Width 304\n\x00\x08"
    (folder / "obj_1_td.dat").write_bytes(head + bytes([1, 0, 0, 0, 3, 0, 1, 0]))
    command = ["ingest", str(tmp_path / "train"), "--into", str(empty.root), "--layout", "ncars"]
    CliRunner().invoke(app, command, catch_exceptions=False)
    draft = empty.draft()
    assert draft.recordings.column("recording_id") == ["train/cars/obj_1"]
    assert draft.recordings.column("width") == ["120"]
    without = CliRunner().invoke(app, [*command, "--resume", "--label-from", "none"])
    assert without.exit_code == 0


def test_layouts_and_options_that_are_none_are_told(
    app: typer.Typer, archive: Path, empty: Dataset
) -> None:
    command = ["ingest", str(archive), "--into", str(empty.root)]
    alone = CliRunner().invoke(app, [*command, "--layout-option", "fold=train"])
    assert isinstance(alone.exception, InvalidInput)
    assert "without --layout" in alone.exception.message
    wrong = CliRunner().invoke(app, [*command, "--layout", "path"])
    assert isinstance(wrong.exception, NotFound)
    assert wrong.exception.hint == "did you mean 'paths'?"
