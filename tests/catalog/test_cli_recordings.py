"""``spikelake dataset measure | set`` and ``dataset show --where``."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from catalog import cli_recordings
from catalog.cli_dataset import app
from catalog.dataset import Dataset
from eventstore.errors import InvalidInput, NotFound

if "measure" not in {command.name for command in app.registered_commands}:
    cli_recordings.register(app)

ONE = "test/cat/000"


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(a) for a in arguments])


def rows(*arguments: str | Path) -> list[dict[str, object]]:
    done = run("show", *arguments, "--json")
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_show_where_lists_what_is_found(animals: Dataset) -> None:
    assert run("set", animals.root, "lighting=led", "--recording", ONE).exit_code == 0
    said = run("show", animals.root, "--where", "lighting == 'led' and n_events > 1")
    assert said.output.startswith("1 of 15 recordings of animals@draft where lighting == 'led'")
    assert "test/cat/000" in said.output
    assert rows(animals.root, "--where", "lighting == 'led' and n_events > 1") == [
        {"recording_id": ONE, "lighting": "led", "n_events": 50}
    ]
    assert (
        "of 14 more it cannot be told"
        in run("show", animals.root, "--where", "lighting == 'led'").stderr
    )


def test_columns_can_be_chosen_and_listed(animals: Dataset) -> None:
    [first, *_] = rows(animals.root, "--columns", "gaps, labels.class,back_steps")
    assert first == {"recording_id": ONE, "gaps": 0, "labels.class": "cat", "back_steps": None}
    assert "peak_rate_mev_s" in run("show", animals.root, "--columns", "help").output.splitlines()
    assert isinstance(run("show", animals.root, "--columns", "gasp").exception, NotFound)


def test_a_version_is_searched_as_it_was_saved(animals: Dataset) -> None:
    run("set", animals.root, "lighting=led", "--all")
    saved = run("show", f"{animals.root}@1.0.0", "--where", "lighting == 'led'")
    assert isinstance(saved.exception, NotFound)
    assert "dataset set DATASET lighting=VALUE" in saved.exception.hint
    assert len(rows(f"{animals.root}@1.0.0", "--where", "n_events > 0")) == 15


def test_unmeasured_recordings_are_told_and_measured(animals: Dataset) -> None:
    assert "is all measured" in run("measure", animals.root).output
    table = (animals.root / "statistics.tsv").read_bytes()
    (animals.root / "statistics.tsv").unlink()
    note = run("show", animals.root, "--where", "gaps > 0").stderr
    assert f"15 recordings have no statistics: spikelake dataset measure {animals.root}" in note
    assert "would have measured 15" in run("measure", animals.root, "--dry-run").output
    assert not (animals.root / "statistics.tsv").exists()
    record = json.loads(run("measure", animals.root, "--json").output)
    assert record == {"status": "ok", "dry_run": False, "recordings": 15}
    assert (animals.root / "statistics.tsv").read_bytes() == table


def test_set_changes_columns_and_biases_of_what_is_chosen(animals: Dataset, tmp_path: Path) -> None:
    (tmp_path / "a.bias").write_text("299 % bias_diff_on\n")
    options = ("--where", "fold == 'test'", "--biases", tmp_path / "a.bias")
    rehearsed = run("set", animals.root, "lux=30", *options, "--dry-run").output
    assert rehearsed == "would have set lux, 1 biases of 6 recordings\n"
    assert not (animals.root / "biases.tsv").exists()
    assert run("set", animals.root, "lux=30", *options).output.startswith("set lux, 1 biases of 6")
    assert len(rows(animals.root, "--where", "lux == 30 and biases.bias_diff_on > 200")) == 6
    run("set", animals.root, "lux=", "--recording", ONE)
    assert len(rows(animals.root, "--where", "lux == 30")) == 5
    none = json.loads(run("set", animals.root, "lux=3", "--where", "lux > 99", "--json").output)
    assert (none["status"], none["recordings"]) == ("notneeded", 0)


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        (("lux=30",), "which recordings"),
        (("lux=30", "--all", "--recording", ONE), "which recordings"),
        (("--all",), "nothing to set"),
        (("lux", "--all"), "sets no column"),
        (("lux=1", "lux=2", "--all"), "set before"),
        (("lux=dim", "--all"), "column lux is 'dim'"),
        (("digest=1", "--all"), "derived"),
        (("mood=1", "lux=dim", "--all"), "lux"),
    ],
)
def test_set_refuses_before_it_changes(
    animals: Dataset, arguments: tuple[str, ...], match: str
) -> None:
    before = (animals.root / "recordings.tsv").read_bytes()
    error = run("set", animals.root, *arguments).exception
    assert isinstance(error, InvalidInput)
    assert match in error.message
    assert (animals.root / "recordings.tsv").read_bytes() == before


def test_an_unknown_recording_has_a_neighbour(animals: Dataset) -> None:
    error = run("set", animals.root, "lux=1", "--recording", "test/cat/00").exception
    assert isinstance(error, NotFound)
    assert "did you mean" in error.hint
