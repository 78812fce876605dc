"""A version's store, where it was published."""

from pathlib import Path

from catalog.dataset import Dataset
from catalog.remotes.elsewhere import published_copies
from catalog.remotes.sharing import Destination, publish_dataset


def test_nothing_is_known_before_anything_was_published(animals: Dataset) -> None:
    assert published_copies(animals.repo, animals.version("1.0.0"), "get it") is None


def test_a_published_version_is_read_there(animals: Dataset, tmp_path: Path) -> None:
    publish_dataset(animals, "1.0.0", Destination(url=str(tmp_path / "site")))
    files = published_copies(animals.repo, animals.version("1.0.0"), "get it")
    assert files is not None
    assert bytes(files.read("zarr.json")) == (animals.root / "events.zarr/zarr.json").read_bytes()
