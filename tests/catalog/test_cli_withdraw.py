"""``spikelake dataset withdraw``: says what it does, what is left, and exits accordingly."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from catalog.cli_withdraw import withdraw
from catalog.dataset import Dataset
from eventstore.errors import InvalidInput, NotFound

app = typer.Typer()
app.command("withdraw")(withdraw)

ONE, TWO = "train/dog/001", "test/dog/001"


def name_speakers(animals: Dataset) -> None:
    names = animals.draft().recordings.column("recording_id")
    animals.set_column("speaker", {n: "it's P02" if n in {ONE, TWO} else "P01" for n in names})
    animals.save("1.0.1", "who it is")


@pytest.fixture
def people(animals_after: Callable[[Callable[[Dataset], None]], Dataset]) -> Dataset:
    return animals_after(name_speakers)


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(a) for a in arguments])


def test_it_says_what_it_would_do_and_does_it(people: Dataset) -> None:
    asked = (people.root, "--subject", "it's P02", "--column", "speaker")
    would = run(*asked, "--dry-run")
    assert would.exit_code == 0
    assert would.output.startswith("would have withdrawn 2 recordings\n")
    assert "versions 1.0.0, 1.0.1 had them in 4 files" in would.output
    assert len(people.versions()) == 2
    done = run(*asked)
    assert done.exit_code == 0
    assert done.output.startswith("withdrawn 2 recordings\nversion 2.0.0 is without them\n")
    assert "13 other recordings lie in the same files" in done.output
    assert "split official: 2 samples are withdrawn; its digest stays" in done.output
    assert "spikelake cache list" in done.output
    again = run(*asked)
    assert "withdrawn 2 recordings, 0 of them in the work tree" in again.output


def test_one_recording_as_json(people: Dataset) -> None:
    done = run(people.root, "--recording", ONE, "--json")
    record = json.loads(done.stdout)
    assert (record["status"], record["version"], record["recordings"]) == ("ok", "2.0.0", [ONE])
    assert record["splits"] == {"official": 1}


def test_what_is_not_reached_makes_it_fail_with_the_command_to_repeat(
    people: Dataset, tmp_path: Path
) -> None:
    people.repo._git("remote", "add", "lab", str(tmp_path / "nowhere"))
    done = run(people.root, "--subject", "it's P02", "--column", "speaker")
    assert done.exit_code == 1
    assert "error: lab: cannot be reached" in done.output
    command = (
        f"""spikelake dataset withdraw {people.root} --subject 'it'"'"'s P02' --column speaker"""
    )
    assert f"fix: {command}" in done.output


@pytest.mark.parametrize(
    ("options", "kind", "said"),
    [
        ((), InvalidInput, "which recordings is not said"),
        (("--subject", "P01", "--recording", ONE), InvalidInput, "said twice"),
        (("--subject", "P01"), NotFound, "no column of recordings.tsv 'subject_id'"),
        (("--subject", "P09", "--column", "speaker"), NotFound, "whose speaker is 'P09'"),
        (("--recording", "nobody"), NotFound, "no recording 'nobody'"),
    ],
)
def test_who_is_not_there_is_said(
    people: Dataset, options: tuple[str, ...], kind: type[Exception], said: str
) -> None:
    done = run(people.root, *options)
    assert isinstance(done.exception, kind)
    assert said in str(done.exception)
