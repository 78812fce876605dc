"""A clone reads what it lacks from where the version was published, when it reads it."""

import pickle
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from catalog.cloning import clone_dataset
from catalog.dataset import Dataset
from catalog.remotes.publish import PublishReport
from catalog.remotes.published_files import PublishedFiles
from eventstore.errors import MissingContent

Publish = Callable[..., PublishReport]


@pytest.fixture
def clone(animals: Dataset, site: Path, tmp_path: Path) -> Dataset:
    """A clone of the dataset made after publishing."""
    return clone_dataset(str(animals.root), tmp_path / "clone")[0]


def test_a_clone_streams_what_it_lacks(animals: Dataset, clone: Dataset) -> None:
    assert len(clone.absent("1.0.0")) == 4
    with clone.at("1.0.0") as far, animals.at("1.0.0") as near:
        for row in range(15):
            assert far.store.read(row).equals(near.store.read(row))
    assert len(clone.absent("1.0.0")) == 4


def test_it_opens_with_no_network_and_says_what_is_missing(clone: Dataset, site: Path) -> None:
    shutil.rmtree(site)
    version = clone.at("1.0.0")
    assert len(version.split("official").selection("train")) == 9
    with pytest.raises(MissingContent, match="not to be had where it was published") as caught:
        version.store.read(0)
    assert caught.value.hint == f"spikelake dataset get {clone.root}@1.0.0"


def test_the_next_place_is_tried(
    animals: Dataset, site: Path, publish: Publish, tmp_path: Path
) -> None:
    publish(tmp_path / "second")
    shutil.rmtree(site)
    clone = clone_dataset(str(animals.root), tmp_path / "clone")[0]
    assert len(clone.at("1.0.0").store.read(0)) == 50


def test_another_version_over_there_is_not_read(clone: Dataset, site: Path) -> None:
    file = site / "versions.json"
    text = file.read_text()
    tree = clone.version("1.0.0").tree
    file.unlink()
    file.write_text(text.replace(tree, "0" * 64))
    with pytest.raises(MissingContent, match=r"has another version 1\.0\.0"):
        clone.at("1.0.0").store.read(0)


def test_another_process_looks_for_itself(animals: Dataset, site: Path) -> None:
    entry = animals.version("1.0.0")
    files = PublishedFiles([str(site)], entry, fetch_hint="x")
    again = pickle.loads(pickle.dumps(files))
    key = "events/t/c/0"
    assert again.read(key) == files.read(key)
    assert files.size(key) == len(files.read(key))
    assert files.has(key)
    assert files.where(key) == f"{site}@1.0.0:{key}"
    files.forget([(key, 0, None)])
    files.close()
