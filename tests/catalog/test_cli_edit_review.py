"""``spikelake edit list | review``: numbers and ranges, long lists, decisions as JSON."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from catalog.cli_edit import app
from catalog.curation.edits.proposing import plan_note, propose
from catalog.dataset import Dataset
from eventstore.errors import InvalidInput

ONE = "train/cat/000"


def run(*arguments: str | Path | int) -> Result:
    return CliRunner().invoke(app, [str(a) for a in arguments])


def test_long_lists_are_cut_unless_all_are_asked_for(animals: Dataset) -> None:
    notes = [plan_note(animals.draft(), ONE, f"look {k}") for k in range(45)]
    propose(animals, notes, author="Ann")
    said = run("list", animals.root).output
    assert said.startswith("45 edits of")
    assert "and 5 more; --all lists them" in said
    assert "more" not in run("list", animals.root, "--all").output
    assert run("list", animals.root, "--status", "open").output.startswith("0 open edits of")
    assert len(run("list", animals.root, "--json").stdout.splitlines()) == 45


def test_a_note_goes_nowhere(animals: Dataset) -> None:
    run("note", animals.root, ONE, "look")
    assert "│ –" in run("list", animals.root).output


def test_decisions_as_json(animals: Dataset) -> None:
    for name in (ONE, "test/owl/002"):
        run("drop", animals.root, name, "--reason", "cap on")
    done = json.loads(run("review", animals.root, "1-2", "--accept", "--json").stdout)
    assert done == {"status": "ok", "dry_run": False, "decision": "accepted", "edits": [1, 2]}
    again = json.loads(run("review", animals.root, "2", "--accept", "--json").stdout)
    assert (again["status"], again["edits"]) == ("notneeded", [])


@pytest.mark.parametrize("text", ["1-", "-2", "1-x", "x"])
def test_what_is_no_range_is_refused(animals: Dataset, text: str) -> None:
    done = run("review", animals.root, "--accept", "--", text)
    assert isinstance(done.exception, InvalidInput)
