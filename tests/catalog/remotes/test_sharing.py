"""Publishing from a dataset: who may, what is noted, what is refused."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from catalog.dataset import Dataset
from catalog.remotes.known import known_remotes
from catalog.remotes.publish import PublishReport
from catalog.remotes.sharing import Destination, publish_dataset
from catalog.remotes.target_folder import FolderTarget
from eventstore.errors import Conflict, IntegrityError, InvalidInput

Publish = Callable[..., PublishReport]
Git = Callable[..., None]
Edit = Callable[[str, str, str], None]


def test_where_it_went_is_committed_and_changes_no_digest(
    animals: Dataset, publish: Publish, tmp_path: Path
) -> None:
    before = animals.version("1.0.0")
    publish(tmp_path / "www", read_at="https://host/animals/")
    urls = known_remotes(animals.repo).urls_of("1.0.0")
    assert urls == [(tmp_path / "www").as_uri(), "https://host/animals"]
    assert animals.version("1.0.0") == before
    assert animals.verify() == []
    assert animals.diff().changes == ()
    assert animals.repo.changed() == []


def test_a_dry_run_notes_and_sends_nothing(animals: Dataset, tmp_path: Path) -> None:
    commit = animals.repo.commit("HEAD")
    to = Destination(url=str(tmp_path / "www"))
    assert publish_dataset(animals, None, to, dry_run=True).is_new
    assert animals.repo.commit("HEAD") == commit
    assert not (tmp_path / "www").exists()


def test_a_draft_is_published_never(animals: Dataset, publish: Publish, tmp_path: Path) -> None:
    (animals.root / "labels" / "class.tsv").write_text("work in progress\n")
    publish(tmp_path / "www")
    text = (tmp_path / "www" / "labels/class.tsv").read_text()
    assert text == animals.at("1.0.0").tree.text("labels/class.tsv")
    assert animals.repo.changed() == ["labels/class.tsv"]


def test_without_an_identity_nothing_is_published(
    publish: Publish, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.delenv(f"GIT_{role}_NAME")
        monkeypatch.delenv(f"GIT_{role}_EMAIL")
    with pytest.raises(InvalidInput, match="git does not know who you are"):
        publish(tmp_path / "www")
    assert not (tmp_path / "www").exists()


def test_a_moved_tag_is_not_published(
    animals: Dataset, publish: Publish, tmp_path: Path, git: Git, edit: Edit
) -> None:
    edit("labels/class.tsv", "\towl\n", "\tcat\n")
    git("commit", "-q", "-a", "-m", "relabel")
    git("tag", "-f", "1.0.0")
    with pytest.raises(IntegrityError, match="is not what the version recorded"):
        publish(tmp_path / "www")
    assert not (tmp_path / "www").exists()


def test_a_place_with_versions_of_another_dataset_is_refused(
    animals: Dataset, publish: Publish, site: Path
) -> None:
    entries = json.loads((site / "versions.json").read_text())
    (site / "versions.json").unlink()
    (site / "versions.json").write_text(json.dumps([entries[0] | {"version": "0.9.0"}]))
    with pytest.raises(Conflict, match=r"has version 0\.9\.0, which this dataset has not"):
        publish(site)
    (site / "versions.json").write_text(json.dumps([entries[0] | {"message": "other"}]))
    with pytest.raises(Conflict, match=r"has another version 1\.0\.0"):
        publish(site)


def test_two_publishers_at_once(
    animals: Dataset, publish: Publish, site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    animals.save("1.1.0")
    real = FolderTarget.put_once

    def meanwhile(self: FolderTarget, path: str, data: bytes) -> None:
        real(self, path, data)
        (site / "versions.json").write_text("[]\n")

    monkeypatch.setattr(FolderTarget, "put_once", meanwhile)
    with pytest.raises(Conflict, match="was changed by somebody else meanwhile"):
        publish(site, "1.1.0")


def test_passwords_are_refused(publish: Publish) -> None:
    with pytest.raises(InvalidInput, match="the URL has a password"):
        publish("ftp://ann:secret@host/x")
