"""``spikelake dataset clone | get | drop | publish``, as a user types them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from catalog.dataset import Dataset
from eventstore.cli import build_app
from eventstore.errors import InvalidInput, NotFound

Git = Callable[..., None]
Edit = Callable[[str, str, str], None]


def invoke(*arguments: object) -> Result:
    done = CliRunner().invoke(build_app(), [str(argument) for argument in arguments])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done


def run(*arguments: object) -> str:
    done = invoke("dataset", *arguments)
    assert done.exit_code == 0, done.output
    return done.stdout


def facts(*arguments: object) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run(*arguments, "--json"))
    return found


def test_clone_get_and_drop(animals: Dataset, tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    assert "would have cloned" in run("clone", animals.root, clone, "--dry-run")
    assert not clone.exists()
    said = run("clone", animals.root, clone)
    assert f"cloned animals to {clone}: versions 1.0.0" in said
    assert f"spikelake dataset get {clone}" in said
    assert facts("get", clone, "--dry-run")["count"] == 4
    said = run("get", clone, "--recording", "train/cat/000")
    assert "fetched 4 files of train/cat/000" in said
    assert "the same files hold 14 other recordings: " in said
    assert "and 11 more" in said
    assert "is all here" in run("get", clone)
    assert facts("get", clone)["status"] == "notneeded"
    found = facts("drop", clone, "--dry-run")
    assert (found["count"], found["status"]) == (4, "ok")
    planned = run("drop", clone, "--dry-run")
    assert planned.endswith("what has none is kept\n")  # which only dropping itself finds out
    assert run("drop", clone).startswith("dropped 4 files of")
    assert "nothing of" in run("drop", clone)


def test_the_last_copy_is_kept_and_the_status_says_so(animals: Dataset) -> None:
    done = invoke("dataset", "drop", animals.root)
    assert done.exit_code == 1
    assert "kept 4 files that have no other copy" in done.stderr
    assert "--force drops the last copy" in done.stderr
    done = invoke("dataset", "drop", animals.root, "--json")
    assert json.loads(done.stdout)["status"] == "error"
    assert run("drop", animals.root, "--force").startswith("dropped 4 files")


def test_a_moved_tag_fails_the_clone(
    animals: Dataset, git: Git, edit: Edit, tmp_path: Path
) -> None:
    edit("labels/class.tsv", "\towl\n", "\tcat\n")
    git("commit", "-q", "-a", "-m", "relabel")
    git("tag", "-f", "1.0.0")
    done = invoke("dataset", "clone", animals.root, tmp_path / "clone")
    assert done.exit_code == 1
    assert "is not what the version recorded" in done.stdout
    done = invoke("dataset", "clone", animals.root, tmp_path / "again", "--json")
    assert (done.exit_code, json.loads(done.stdout)["status"]) == (1, "error")


def test_publish_and_read_at_the_place(animals: Dataset, tmp_path: Path) -> None:
    place = tmp_path / "www"
    plan = facts("publish", animals.root, place, "--dry-run")
    assert not place.exists()
    said = run("publish", animals.root, place, "--read-at", "https://host/animals")
    n = len(plan["sent"])
    assert f"published animals@1.0.0 to {place}: {n} files, {plan['n_bytes']:,} bytes" in said
    assert "open it: spikelake dataset show https://host/animals@1.0.0" in said
    assert "is at" in run("publish", f"{animals.root}@1.0.0", place)
    assert facts("publish", animals.root, place)["status"] == "notneeded"
    assert facts("show", f"{place}@1.0.0")["recordings"] == 15
    assert "1.0.0" in run("show", place)
    split = invoke("split", "show", f"{place}@1.0.0/split:official", "--json")
    assert json.loads(split.stdout)["digest"] == animals.version("1.0.0").splits["official"]
    assert "everything agrees" in run("verify", place)
    with pytest.raises(NotFound):
        run("show", f"{place}@3.0.0")


def test_published_places_that_were_changed_fail_verify(animals: Dataset, tmp_path: Path) -> None:
    run("publish", animals.root, tmp_path)
    file = next(p for p in (tmp_path / "objects").iterdir() if b"train/cat" in p.read_bytes())
    data = file.read_bytes()
    file.unlink()
    file.write_bytes(data.replace(b"train/cat", b"train/cot", 1))
    assert invoke("dataset", "verify", tmp_path).exit_code == 1


@pytest.mark.parametrize("text", ["{", "[1]"])
def test_options_that_are_no_mapping(animals: Dataset, tmp_path: Path, text: str) -> None:
    with pytest.raises(InvalidInput, match="--storage-options"):
        run("publish", animals.root, tmp_path / "www", "--storage-options", text)
