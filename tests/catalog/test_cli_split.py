"""``spikelake split …``."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from catalog.cli_split import app
from catalog.dataset import Dataset
from catalog.labels.intervals import Label
from eventstore.errors import InvalidInput, NotFound
from eventstore.testing import tiny_folders


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


def test_show_finds_a_misspelt_split_before_any_version_is_saved(
    empty: Dataset, tmp_path: Path
) -> None:
    empty.ingest(tiny_folders(tmp_path))
    error = run("show", f"{empty.root}/split:offcial").exception
    assert isinstance(error, NotFound)
    assert error.message.startswith("no split 'offcial'")


def test_show_gives_every_sample(animals: Dataset) -> None:
    reference = f"{animals.root}@1.0.0/split:official"
    lines = run("show", reference, "--samples").output.splitlines()
    assert len(lines) == 15
    assert lines[0].split("\t") == ["test/cat/000#0-988", "test", "cat"]
    rows = run("show", reference, "--samples", "--json").output.splitlines()
    assert json.loads(rows[-1])["fold"] == "train"
    facts = json.loads(run("show", reference, "--json").output)
    assert facts["counts"]["train"]["owl"] == 3


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (("--salt", "x"), "the rule 'official' takes no --salt (it takes none)"),
        (("--rule", "group", "--fraction", "train=much"), "--fraction train=much is not"),
        (("--fraction", "a=0.5", "--fraction", "a=0.5"), "--fraction a is given twice"),
        (("--rule", "kfold", "--embargo-us", "5"), "(it takes --folds, --group-by, --salt"),
        (("--parent", "official", "--salt", "x"), "--salt with the parent's rule, official"),
    ],
)
def test_flags_that_do_not_belong_are_refused(
    animals: Dataset, flags: tuple[str, ...], said: str
) -> None:
    result = run("make", animals.root, "mine", *flags)
    assert isinstance(result.exception, InvalidInput)
    assert said in result.exception.message
    assert animals.draft().splits == ["official"]


def test_the_hint_names_the_rules_that_take_all_options(animals: Dataset) -> None:
    result = run("make", animals.root, "mine", "--salt", "x")
    assert isinstance(result.exception, InvalidInput)
    assert result.exception.hint == "add --rule group or kfold"


@pytest.mark.parametrize(
    ("flags", "folds"),
    [
        (("--rule", "kfold", "--folds", "3", "--stratify"), {"fold0", "fold1", "fold2"}),
        (("--rule", "leave-one-out", "--group-by", "fold"), {"train", "test"}),
        (("--rule", "group", "--balanced", "--stratify", "--salt", "x"), {"train", "test"}),
    ],
)
def test_every_rule_can_be_asked_for(
    animals: Dataset, flags: tuple[str, ...], folds: set[str]
) -> None:
    made = json.loads(run("make", animals.root, "mine", *flags, "--json").output)
    assert set(made["counts"]) == folds
    assert made["rule"]["name"] == flags[1]
    assert made["left_out"] == {}


def test_by_time_says_what_goes_to_no_fold(animals: Dataset) -> None:
    ids = animals.draft().recordings.column("recording_id")
    animals.write_labels([Label(i, k * 70, k * 70 + 70, "x") for i in ids for k in range(14)], "t")
    flags = ("--rule", "by-time", "--embargo-us", "120", "--label-set", "t")
    shown = run("make", animals.root, "early", *flags).output
    assert "no fold" in shown
    made = json.loads(run("show", f"{animals.root}/split:early", "--json").output)
    assert made["left_out"]["x"] > 0


def test_a_parent_gives_its_rule(animals: Dataset, grow: Callable[..., None]) -> None:
    run("make", animals.root, "one", "--rule", "kfold", "--folds", "3")
    grow(animals, "validation", 3)
    made = json.loads(run("make", animals.root, "two", "--parent", "one", "--json").output)
    assert made["rule"]["n_folds"] == 3
    assert [sum(n.values()) for n in made["counts"].values()] == [6, 6, 6]


def test_many_folds_are_rows(animals: Dataset) -> None:
    shown = run("make", animals.root, "each", "--rule", "leave-one-out").output
    assert [line.split()[0] for line in shown.splitlines() if "test/cat/000" in line]
