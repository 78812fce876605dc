"""A clone opens at once without events, and tampered versions are told of."""

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from catalog.cloning import check_versions, clone_dataset, plan_clone
from catalog.dataset import Dataset
from eventstore.errors import AlreadyExists, InvalidInput, MissingContent, NotFound

Git = Callable[..., None]
Edit = Callable[[str, str, str], None]


def test_a_clone_opens_at_once_and_never_reads_zeros(animals: Dataset, tmp_path: Path) -> None:
    clone, findings = clone_dataset(str(animals.root), tmp_path / "new" / "clone")
    assert findings == []
    assert clone.versions() == animals.versions()
    version = clone.at("1.0.0")
    assert version.recordings == animals.at("1.0.0").recordings
    assert len(version.split("official").selection("train")) == 9
    with pytest.raises(MissingContent) as caught:
        version.store.read(0)
    assert caught.value.hint == f"spikelake dataset get {clone.root}@1.0.0"
    with pytest.raises(MissingContent):
        clone.draft().store.read(0)
    assert clone.get() == 4
    with clone.at("1.0.0") as there, animals.at("1.0.0") as here:
        assert there.store.read(3).equals(here.store.read(3))


def test_a_clone_over_plain_http(
    animals: Dataset,
    tmp_path: Path,
    serve_folder: Callable[[Path], Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    subprocess.run(["git", "update-server-info"], cwd=animals.root, check=True)
    server = serve_folder(animals.root)
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "annex.security.allowed-ip-addresses")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "all")
    clone, findings = clone_dataset(f"{server.url}/.git", tmp_path / "clone")
    assert findings == []
    assert len(clone.at("1.0.0").recordings.rows) == 15


def test_a_clone_needs_no_identity_and_gives_none(
    animals: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.delenv(f"GIT_{role}_NAME")
        monkeypatch.delenv(f"GIT_{role}_EMAIL")
    clone, _ = clone_dataset(str(animals.root), tmp_path / "clone")
    assert clone.get() == 4
    clone.set_column("mood", {"train/cat/000": "grumpy"})
    with pytest.raises(InvalidInput, match="git does not know who you are"):
        clone.save()


def test_a_moved_tag_is_told_of(animals: Dataset, tmp_path: Path, git: Git, edit: Edit) -> None:
    edit("labels/class.tsv", "\towl\n", "\tcat\n")
    git("commit", "-q", "-a", "-m", "relabel")
    git("tag", "-f", "1.0.0")
    clone, [finding] = clone_dataset(str(animals.root), tmp_path / "clone")
    assert "is not what the version recorded" in finding.message
    assert "tag -f 1.0.0" in finding.fix
    assert check_versions(clone) == [finding]


def test_what_cannot_be_cloned(animals: Dataset, tmp_path: Path) -> None:
    with pytest.raises(AlreadyExists):
        clone_dataset(str(animals.root), animals.root)
    with pytest.raises(NotFound, match="cannot clone"):
        clone_dataset(str(tmp_path / "nothing"), tmp_path / "clone")
    with pytest.raises(InvalidInput, match="git cannot clone s3://bucket/x") as caught:
        clone_dataset("s3://bucket/x", tmp_path / "clone")
    assert "spikelake dataset show s3://bucket/x" in caught.value.hint
    assert not (tmp_path / "clone").exists()
    (tmp_path / "published").mkdir()
    (tmp_path / "published" / "versions.json").write_text("[]\n")
    with pytest.raises(InvalidInput, match="no history to clone"):
        clone_dataset(str(tmp_path / "published"), tmp_path / "clone")
    subprocess.run(["git", "init", "-q", tmp_path / "other"], check=True)
    with pytest.raises(InvalidInput, match="is no dataset"):
        clone_dataset(str(tmp_path / "other"), tmp_path / "clone")


def test_a_clone_that_was_cut_off_is_begun_anew(animals: Dataset, tmp_path: Path) -> None:
    (tmp_path / ".clone.partial" / "left").mkdir(parents=True)
    clone_dataset(str(animals.root), tmp_path / "clone")
    assert not (tmp_path / ".clone.partial").exists()


def test_a_plan_says_from_where(animals: Dataset, tmp_path: Path) -> None:
    assert plan_clone(str(animals.root), tmp_path / "new") == str(animals.root)
    url = "ria+ssh://lab/store#~animals"
    assert plan_clone(url, tmp_path / "new") == "ssh://lab/store/alias/animals"
    assert plan_clone("lab:data/animals", tmp_path / "new") == "lab:data/animals"
    assert not (tmp_path / "new").exists()
