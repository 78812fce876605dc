"""``spikelake edit …``: proposed, decided, applied; what a check prints as a remedy works."""

import json
import shlex
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from catalog.cli_edit import app
from catalog.curation.check import check_curation
from catalog.curation.limits import Limits
from catalog.dataset import Dataset
from catalog.intake import Intake, describe_intake
from catalog.tree import WorkTree
from eventstore.append import StoreWriter
from eventstore.errors import Conflict, InvalidInput, NotFound
from eventstore.events import Events, Sensor

ONE, TWO = "train/cat/000", "test/owl/002"


def run(*arguments: str | Path | int) -> Result:
    return CliRunner().invoke(app, [str(a) for a in arguments])


def rows(*arguments: str | Path | int) -> list[dict[str, object]]:
    return [json.loads(line) for line in run(*arguments, "--json").stdout.splitlines()]


def test_from_proposal_to_version(animals: Dataset) -> None:
    root = animals.root
    done = run("trim", root, ONE, "--from", 100, "--to", 800, "--reason", "a bump")
    assert f"proposed edit 1: trim {ONE}: keeps 100-800 µs" in done.output
    assert f"decide: spikelake edit review {root} 1 --accept" in done.output
    assert run("drop", root, TWO, "--reason", "cap on").exit_code == 0
    assert "noted edit 3: note" in run("note", root, f"{ONE}#5-9", "look at this").output
    assert "open" in run("list", root).output
    assert run("review", root, "1-2", "--accept").output.splitlines()[0].startswith("accepted edit")
    assert run("review", root, "2", "--reject", "--reason", "it is fine").exit_code == 0
    would = run("apply", root, "--drop-splits", "--dry-run").output
    assert would.startswith("would have applied 1 edits: 1 recordings changed")
    done = run("apply", root, "--drop-splits")
    assert done.output.startswith("applied 1 edits: 1 recordings changed")
    assert "splits taken out: official" in done.output
    assert "save it: spikelake dataset save" in done.output
    assert "no edit of" in run("apply", root).output
    listed = rows("list", root)
    assert [row["status"] for row in listed] == ["applied", "rejected", "applied"]
    assert listed[0]["author"] == "Test Curator <curator@example.org>"
    assert [row["edit"] for row in rows("list", root, "--status", "rejected")] == [2]
    assert animals.save(None, "edited").version == "2.0.0"


def test_dry_runs_write_nothing(animals: Dataset) -> None:
    [row] = rows("drop", animals.root, ONE, "--reason", "cap on", "--dry-run")
    assert (row["edit"], row["dry_run"]) == (1, True)
    assert not (animals.root / "edits.tsv").exists()
    run("drop", animals.root, ONE, "--reason", "cap on")
    assert "would have accepted" in run("review", animals.root, 1, "--accept", "--dry-run").output
    assert rows("list", animals.root)[0]["status"] == "open"
    assert "no edit of" in run("apply", animals.root, "--dry-run").output


def test_masks_of_all_recordings_are_decided_in_one_go(animals: Dataset) -> None:
    made = rows("mask", animals.root, "--all", "--pixels", "0,0 1,1", "--reason", "stuck")
    assert len(made) > 1
    assert made[0]["parameters"] == {"pixels": [[0, 0], [1, 1]]}
    [done] = rows("review", animals.root, f"1-{len(made)}", "--accept")
    assert done["edits"] == list(range(1, len(made) + 1))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("mask", "ROOT", "--hot", "--reason", "x"), "which recording is not said"),
        (("mask", "ROOT", ONE, "--reason", "x"), "which pixels is not said"),
        (("mask", "ROOT", ONE, "--pixels", "3;1", "--reason", "x"), "'3;1' is no pixel"),
        (("mask", "ROOT", ONE, "--pixels", " ", "--reason", "x"), "no pixel is named"),
        (("review", "ROOT", "1"), "what is decided is not said"),
        (("review", "ROOT", "one", "--accept"), "'one' is no number of an edit"),
        (("drop", "ROOT", ONE, "--reason", " "), "without a reason"),
    ],
)
def test_what_is_not_said_is_asked_for(
    animals: Dataset, arguments: tuple[str, ...], said: str
) -> None:
    done = run(*(animals.root if a == "ROOT" else a for a in arguments))
    assert isinstance(done.exception, InvalidInput)
    assert said in done.exception.message


def test_other_errors_name_what_there_is(animals: Dataset) -> None:
    missing = run("list", animals.root, "--status", "opened").exception
    assert isinstance(missing, NotFound)
    run("drop", animals.root, ONE, "--reason", "cap on")
    run("review", animals.root, 1, "--accept")
    refused = run("apply", animals.root).exception
    assert isinstance(refused, Conflict)
    assert "--drop-splits" in refused.hint


def test_remedies_of_the_check_work_as_they_are_printed(empty: Dataset) -> None:
    t = np.arange(0, 2_000_000, 1_000)
    stuck = Events.of(t=t, x=np.full(2_000, 5), y=np.full(2_000, 4), p=np.arange(2_000) % 2)
    late = Events.of(t=[0, 10, 3_000_000], x=[1, 2, 3], y=[0, 0, 0])
    with StoreWriter.create(empty.root / "events.zarr", Sensor(8, 6)) as writer:
        writer.append("it's stuck", [stuck])
        writer.append("late", [late])
        writer.append("twin", [late])
    describe_intake(WorkTree(empty.root), Intake([], {}, {}))
    fixes = {f.check: f.fix for f in check_curation(empty.draft(), Limits(min_events=5))}
    filled = {"DATASET": str(empty.root), "--from …": "--from 0", "--to …": "--to 20"}
    for check in ("gap", "identical-recordings", "hot-pixels"):
        command = "spikelake edit" + fixes[check].partition("spikelake edit")[2]
        for blank, value in filled.items():
            command = command.replace(blank, value)
        done = run(*shlex.split(command)[2:])
        assert done.exit_code == 0, (command, done.output, done.exception)
