"""The door to git, git-annex and datalad."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from catalog.dataset import Dataset
from catalog.repo import (
    ATTRIBUTES,
    Repo,
    _environment,
    author_of,
    head_key,
    key_facts,
    require_identity,
    run_command,
)
from eventstore.errors import InvalidInput, MissingExtra, NotFound


def forget_identity(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_NAME", "EMAIL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.delenv("GIT_COMMITTER_EMAIL", raising=False)


def test_nothing_is_made_without_an_identity(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    forget_identity(monkeypatch)
    with pytest.raises(InvalidInput, match="git does not know who you are") as caught:
        Repo.create(tmp_path / "new")
    assert "git config --global user.name" in caught.value.hint
    assert list(tmp_path.iterdir()) == []


def test_an_identity_in_git_config_is_enough(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    forget_identity(monkeypatch)
    config = tmp_path / "gitconfig"
    config.write_text("[user]\n name = Ada\n email = ada@example.org\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
    require_identity(tmp_path)


def test_events_are_annexed_and_text_is_not(animals: Dataset) -> None:
    repo = animals.repo
    assert (repo.key("events.zarr/events/t/c/0") or "").startswith("SHA256E-s")
    for path in ("recordings.tsv", "events.zarr/zarr.json", "events.zarr/recordings/offsets/c/0"):
        assert repo.key(path) is None, path
    assert (animals.root / ".gitattributes").read_text() == ATTRIBUTES


def test_the_result_is_a_clean_datalad_dataset(animals: Dataset) -> None:
    command = [str(Path(sys.executable).parent / "datalad"), "-l", "error", "status"]
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        command,
        cwd=animals.root,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "nothing to save, working tree clean"


def test_files_of_a_revision_come_in_one_call(animals: Dataset) -> None:
    found = animals.repo.blobs("1.0.0", ["dataset.yaml", "no such file", "recordings.tsv"])
    assert list(found) == ["dataset.yaml", "recordings.tsv"]
    assert found["dataset.yaml"] == (animals.root / "dataset.yaml").read_bytes()
    assert "recordings.tsv" in animals.repo.paths("1.0.0")


def test_content_is_found_by_key(animals: Dataset) -> None:
    key = animals.repo.key("events.zarr/events/t/c/0") or ""
    places = animals.repo.content([key, "SHA256E-s1--00"])
    assert list(places) == [key]
    assert places[key].stat().st_size == key_facts(key)[0]
    assert animals.repo.content([]) == {}


def test_changes_are_listed(animals: Dataset) -> None:
    assert animals.repo.changed() == []
    (animals.root / "note.md").write_text("x\n")
    (animals.root / ".x.partial").write_text("left by a killed writer")
    assert animals.repo.changed() == ["note.md"]


def test_a_folder_without_git_is_no_dataset(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"has no .git"):
        Repo.open(tmp_path)


def test_a_missing_git_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    with pytest.raises(MissingExtra, match="git is not installed"):
        require_identity(tmp_path)


def test_git_annex_is_started_without_a_script_in_between(tmp_path: Path) -> None:
    package = pytest.importorskip("git_annex")
    program = Path(package.__file__).parent / "git-annex"
    environment = _environment()
    assert shutil.which("git-annex", path=environment["PATH"]) == str(program)
    assert Path(environment["MAGIC"]).is_file()  # as the script would set it
    script = Path(sys.executable).parent / "git-annex"
    asked = ["version", "--raw"]
    assert run_command(["git", "annex", *asked], tmp_path) == run_command(
        [str(script), *asked], tmp_path
    )


def test_what_git_says_reaches_the_user(animals: Dataset) -> None:
    with pytest.raises(InvalidInput, match=r"git tag --annotate failed .* already exists"):
        animals.repo.tag("1.0.0", "again")


def test_keys_state_size_and_sum() -> None:
    assert key_facts("SHA256E-s12--ab.npz") == (12, "ab")
    assert head_key(b"/annex/objects/SHA256E-s1--ab\n") == "SHA256E-s1--ab"
    with pytest.raises(InvalidInput, match="has no sha256"):
        key_facts("MD5E-s12--ab")


def test_the_author_of_an_edit_is_who_git_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_AUTHOR_NAME", "Ann Ö. Curator")
    monkeypatch.setenv("GIT_AUTHOR_EMAIL", "ann@example.org")
    assert author_of(tmp_path) == "Ann Ö. Curator <ann@example.org>"
