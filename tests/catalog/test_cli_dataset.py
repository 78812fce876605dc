"""``spikelake dataset …``."""

import json
import zipfile
from collections.abc import Callable
from pathlib import Path

from typer.testing import CliRunner, Result

from catalog.cli_dataset import app
from catalog.dataset import Dataset
from catalog.interchange.archive import archive_version
from eventstore.errors import AlreadyExists, Conflict

Edit = Callable[[str, str, str], None]


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(a) for a in arguments])


def test_create_writes_a_card(tmp_path: Path) -> None:
    command = ("create", tmp_path / "Mine", "--author", "Ada", "--author", "Bob")
    assert "would have created mine" in run(*command, "--dry-run").output
    assert not (tmp_path / "Mine").exists()
    record = json.loads(run(*command, "--json").output)
    assert record["dataset"] == "mine"
    assert Dataset.open(tmp_path / "Mine").card.authors == ("Ada", "Bob")
    assert isinstance(run(*command).exception, AlreadyExists)


def test_list_says_what_there_is(animals: Dataset) -> None:
    assert "CC0-1.0" in run("list", animals.root.parent).output
    row = json.loads(run("list", animals.root, "--json").output)
    assert (row["name"], row["latest"], row["recordings"]) == ("animals", "1.0.0", 15)
    assert "no datasets" in run("list", animals.root / "labels").output


def test_show_says_all_that_matters(animals: Dataset, edit: Edit) -> None:
    edit("dataset.yaml", "title: Animals", "title: Beasts")
    said = run("show", animals.root).output
    for word in ("Beasts", "8×6", "not saved yet", "dataset.yaml", "1.0.0", "first", "owl", "all"):
        assert word in said, word
    assert "class: 15 of 3 classes" in said
    saved = run("show", f"{animals.root}@1.0.0").output
    assert "Animals" in saved
    assert "not saved yet" not in saved
    facts = json.loads(run("show", animals.root, "--json").output)
    assert facts["splits"][0]["counts"]["test"] == {"cat": 2, "dog": 2, "owl": 2}
    assert facts["versions"][0]["digest"] == animals.version().digest
    assert facts["events"] == 750


def test_show_needs_no_events(clone: Dataset) -> None:
    assert "750" in run("show", clone.root).output


def test_save_and_its_rehearsal(animals: Dataset) -> None:
    animals.set_column("mood", {"train/cat/000": "grumpy"})
    planned = run("save", animals.root, "1.1.0", "-m", "moods", "--dry-run").output
    assert planned.startswith("would have saved animals@1.1.0#")
    assert len(animals.versions()) == 1
    record = json.loads(run("save", animals.root, "1.1.0", "-m", "moods", "--json").output)
    assert planned.split()[-1] == record["reference"]
    assert animals.versions()[-1].message == "moods"
    assert isinstance(run("save", animals.root, "1.1.0").exception, AlreadyExists)


def test_verify_fails_where_anything_is_wrong(animals: Dataset, edit: Edit) -> None:
    good = run("verify", animals.root)
    assert (good.exit_code, "everything agrees" in good.output) == (0, True)
    edit("splits/official.tsv", "\ttrain\n", "\ttest\n")
    bad = run("verify", animals.root)
    assert bad.exit_code == 1
    assert "expected" in bad.output
    assert run("verify", f"{animals.root}@1.0.0", "--json").exit_code == 0


def test_an_unpacked_archive_is_listed_and_shown(animals: Dataset, tmp_path: Path) -> None:
    packed = archive_version(animals, "1.0.0", tmp_path / "a.zip")
    with zipfile.ZipFile(packed.path) as archive:
        archive.extractall(tmp_path / "far")
    row = json.loads(run("list", tmp_path / "far", "--json").output)
    assert (row["name"], row["latest"], row["licence"]) == ("animals", "1.0.0", "CC0-1.0")
    assert "first" in run("show", tmp_path / "far" / "animals-1.0.0").output
    assert "everything agrees" in run("verify", tmp_path / "far" / "animals-1.0.0").output


def test_remove_recording_says_where_it_still_is(animals: Dataset) -> None:
    command = ("remove-recording", animals.root, "test/owl/002")
    assert isinstance(run(*command).exception, Conflict)
    rehearsed = run(*command, "--drop-splits", "--dry-run").output
    assert rehearsed.startswith("would have removed 1 recordings, 50 events, 1 labels")
    assert animals.draft().splits == ["official"]
    said = run(*command, "--drop-splits").output
    assert "and the splits official" in said
    assert "saved versions still have them: 1.0.0; git-annex holds 4 files" in said
    record = json.loads(run("remove-recording", animals.root, "test/cat/000", "--json").output)
    assert (record["removed"], record["versions"]) == (["test/cat/000"], ["1.0.0"])
    assert animals.verify() == []
