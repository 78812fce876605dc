"""``spikelake check``."""

import json

import typer
from typer.testing import CliRunner, Result

from catalog.cli_check import check
from catalog.dataset import Dataset
from eventstore.errors import NotFound


def run(*arguments: object) -> Result:
    app = typer.Typer()
    app.command()(check)
    return CliRunner().invoke(app, [str(a) for a in arguments])


def test_findings_for_people_and_for_programs(animals: Dataset) -> None:
    said = run(animals.root)
    assert said.exit_code == 0
    assert "it is not said what it was recorded with" in said.output
    rows = [json.loads(line) for line in run(animals.root, "--json").output.splitlines()]
    assert {"severity", "where", "message", "fix", "check"} == set(rows[0])


def test_a_saved_version_is_checked_too(animals: Dataset) -> None:
    assert "how to cite it" in run(f"{animals.root}@1.0.0").output


def test_only_what_is_asked_for(animals: Dataset) -> None:
    rows = run(animals.root, "--only", "few-events", "--json").output.splitlines()
    assert {json.loads(row)["check"] for row in rows} == {"few-events"}
    assert len(rows) == 15
    loose = run(animals.root, "--only", "few-events", "--limit", "min_events=1")
    assert "everything agrees" in loose.output


def test_warnings_fail_where_that_is_asked_for(animals: Dataset) -> None:
    assert run(animals.root, "--strict").exit_code == 1
    assert run(animals.root, "--strict", "--only", "card").exit_code == 0


def test_limits_are_listed_and_typos_refused(animals: Dataset) -> None:
    assert "max_gap_us" in run(animals.root, "--limits").output
    assert isinstance(run(animals.root, "--limit", "gap=3").exception, NotFound)
