"""RIA stores: published with datalad's own layout, cloned from, fetched from."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from catalog.cloning import clone_dataset
from catalog.dataset import Dataset
from catalog.remotes.known import known_remotes
from catalog.remotes.publish import PublishReport
from catalog.remotes.ria import ria_repository, split_ria
from eventstore.errors import Conflict, InvalidInput

Publish = Callable[..., PublishReport]
Git = Callable[..., None]
Grow = Callable[[Dataset, str, int], None]


@pytest.mark.parametrize(
    ("url", "repository"),
    [
        ("ria+file:///data/store#~animals", "/data/store/alias/animals"),
        ("ria+ssh://ann@lab/store/#~animals", "ssh://ann@lab/store/alias/animals"),
        ("ria+http://lab/store#abcdef-1", "http://lab/store/abc/def-1"),
    ],
)
def test_where_git_finds_a_dataset_of_a_store(url: str, repository: str) -> None:
    assert ria_repository(url) == repository


@pytest.mark.parametrize("url", ["ria+file:///store", "ria+file:///store#~", "ria+ftp://x/y#~a"])
def test_urls_that_name_no_dataset(url: str) -> None:
    with pytest.raises(InvalidInput, match="names no dataset of a RIA store") as caught:
        split_ria(url)
    assert "ria+file:///path/of/store#~name" in caught.value.hint


def test_a_store_is_published_to_and_cloned_from(
    animals: Dataset, publish: Publish, grow: Grow, tmp_path: Path, git: Git
) -> None:
    url = f"ria+file://{tmp_path}/store#~animals"
    first = publish(url)
    assert (first.is_new, len(first.sent)) == (True, 4)
    assert not publish(url).is_needed
    assert known_remotes(animals.repo).urls_of("1.0.0") == []
    clone, findings = clone_dataset(url, tmp_path / "clone")
    assert findings == []
    assert len(clone.absent()) == 4
    original = animals.root.with_name("gone")
    animals.root.rename(original)  # the events come from the store, from nowhere else
    assert clone.get() == 4
    with clone.at() as there, Dataset.open(original).at() as here:
        assert there.store.read(3).equals(here.store.read(3))
    original.rename(animals.root)
    grow(animals, "validation", 3)
    animals.save()
    second = publish(url)
    assert (second.version, second.is_new) == ("1.1.0", True)
    git("tag", "-f", "1.0.0", "1.1.0")
    animals.save("1.1.1")
    git("tag", "-f", "1.0.0", "HEAD")
    with pytest.raises(Conflict, match=r"another history: .*1\.0\.0"):
        publish(url)
    for folder in tmp_path.rglob("*"):
        if folder.is_dir() and not folder.is_symlink():
            folder.chmod(0o755)
    shutil.rmtree(tmp_path / "store")


def test_a_store_takes_aliases(publish: Publish, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="does not name the dataset by an alias"):
        publish(f"ria+file://{tmp_path}/store#abcdef")
