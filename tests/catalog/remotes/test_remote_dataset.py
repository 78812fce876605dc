"""Published versions by name; nothing of them can be changed."""

from collections.abc import Callable
from pathlib import Path

import pytest

from catalog import open_dataset, open_version
from catalog.dataset import Dataset
from catalog.remotes.publish import PublishReport
from catalog.remotes.remote_dataset import RemoteDataset, is_published
from eventstore.errors import NotFound, ReadOnly

Publish = Callable[..., PublishReport]


def test_the_highest_version_is_the_default(animals: Dataset, publish: Publish, site: Path) -> None:
    animals.save("1.1.0")
    publish(site, "1.1.0")
    there = RemoteDataset(str(site))
    assert there.version_name(None) == "1.1.0"
    assert there.version_name("1.0.0") == "1.0.0"
    assert there.root == str(site)
    assert open_version(str(site)).version == animals.version("1.1.0")
    assert there.versions() == animals.versions()


def test_there_is_no_draft(site: Path) -> None:
    with pytest.raises(ReadOnly, match="holds published versions, no draft"):
        RemoteDataset(str(site)).at("draft")


@pytest.mark.parametrize("name", ["s3://bucket/animals", "https://host/animals"])
def test_urls_are_not_worked_on(name: str) -> None:
    assert is_published(name)
    with pytest.raises(ReadOnly, match="which never change") as caught:
        open_dataset(name)
    assert "clone" in caught.value.hint


def test_folders(animals: Dataset, site: Path, tmp_path: Path) -> None:
    assert is_published(str(site))
    assert not is_published(str(animals.root))
    assert not is_published(str(tmp_path))
    with pytest.raises(ReadOnly):
        open_dataset(site)


def test_nothing_published_yet(tmp_path: Path) -> None:
    (tmp_path / "versions.json").write_text("[]\n")
    with pytest.raises(NotFound, match="no version is published"):
        open_version(str(tmp_path))
