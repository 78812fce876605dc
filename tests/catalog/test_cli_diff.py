"""``spikelake dataset diff`` and ``save`` with a computed number, as a user types them."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from catalog.dataset import Dataset
from catalog.remotes.sharing import Destination, publish_dataset
from eventstore.cli import build_app
from eventstore.errors import Conflict, InvalidInput

Grow = Callable[[Dataset, str, int], None]
Edit = Callable[[str, str, str], None]


def run(*arguments: object) -> str:
    done = CliRunner().invoke(build_app(), ["dataset", *map(str, arguments)])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == 0, done.output
    return done.stdout


def test_a_dataset_that_did_not_change(animals: Dataset) -> None:
    assert run("diff", animals.root).endswith(": nothing differs\n")


def test_changes_are_counted_listed_and_numbered(animals: Dataset, grow: Grow, edit: Edit) -> None:
    edit("labels/class.tsv", "\towl\n", "\tcat\n")
    grow(animals, "validation", 50)
    said = run("diff", animals.root)
    assert "a major change, at least 2.0.0" in said
    assert "the first 40 of 101; --all lists them" in said
    assert said.index("major") < said.index("minor")
    assert run("diff", animals.root, "--all").count("validation/") >= 100
    lines = [json.loads(line) for line in run("diff", animals.root, "--json").splitlines()]
    assert lines[0]["next_version"] == "2.0.0"
    assert lines[0]["changes"] == len(lines) - 1 == 101
    assert lines[1]["what"] == "label"


def test_two_versions_may_be_named_in_several_ways(
    animals: Dataset, grow: Grow, tmp_path: Path
) -> None:
    grow(animals, "validation", 2)
    animals.save()
    publish_dataset(animals, "1.1.0", Destination(url=str(tmp_path / "www")))
    first = f"{animals.root}@1.0.0"
    seconds = ("1.1.0", "@1.1.0", f"{animals.root}@1.1.0", f"{tmp_path / 'www'}@1.1.0")
    found = {run("diff", first, second, "--json").partition("\n")[2] for second in seconds}
    assert len(found) == 1
    assert found.pop().count("\n") == 4


def test_saving_takes_the_number_that_the_changes_ask_for(animals: Dataset, grow: Grow) -> None:
    grow(animals, "validation", 2)
    with pytest.raises(Conflict, match=r"a minor change asks for 1\.1\.0"):
        run("save", animals.root, "1.0.1")
    with pytest.raises(InvalidInput, match="both the number"):
        run("save", animals.root, "1.1.0", "--bump", "minor")
    assert "@2.0.0#" in run("save", animals.root, "--bump", "major", "--dry-run")
    assert "@1.0.1#" in run("save", animals.root, "1.0.1", "--force-version", "--dry-run")
    assert "animals@1.1.0#" in run("save", animals.root)
