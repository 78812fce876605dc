"""``spikelake split …``."""

import json
from pathlib import Path

from typer.testing import CliRunner, Result

from catalog.cli_split import app
from catalog.dataset import Dataset
from eventstore.errors import InvalidInput


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(a) for a in arguments])


def test_make_and_show_agree(animals: Dataset) -> None:
    flags = ("--rule", "group", "--balanced", "--fraction", "a=0.6", "--fraction", "b=0.4")
    planned = run("make", animals.root, "mine", *flags, "--dry-run")
    assert planned.output.startswith("would have made animals@draft/split:mine#")
    assert animals.draft().splits == ["official"]
    made = json.loads(run("make", animals.root, "mine", *flags, "--json").output)
    assert made["reference"] in planned.output
    shown = run("show", f"{animals.root}/split:mine")
    assert made["reference"] in shown.output
    assert "rule group" in shown.output


def test_show_gives_every_sample(animals: Dataset) -> None:
    reference = f"{animals.root}@1.0.0/split:official"
    lines = run("show", reference, "--samples").output.splitlines()
    assert len(lines) == 15
    assert lines[0].split("\t") == ["test/cat/000#0-988", "test", "cat"]
    rows = run("show", reference, "--samples", "--json").output.splitlines()
    assert json.loads(rows[-1])["fold"] == "train"
    facts = json.loads(run("show", reference, "--json").output)
    assert facts["counts"]["train"]["owl"] == 3


def test_flags_that_do_not_belong_are_refused(animals: Dataset) -> None:
    for flags in (("--salt", "x"), ("--rule", "group", "--fraction", "train=much")):
        result = run("make", animals.root, "mine", *flags)
        assert isinstance(result.exception, InvalidInput)
