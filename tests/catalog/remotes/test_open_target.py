"""A path or URL says what kind of place it is, or why nothing can be written there."""

from pathlib import Path

import pytest

from catalog.dataset import Dataset
from catalog.remotes.open_target import open_target
from catalog.remotes.target_bucket import BucketTarget
from catalog.remotes.target_folder import FolderTarget
from eventstore.errors import InvalidInput


def test_folders_and_urls(tmp_path: Path) -> None:
    assert isinstance(open_target(str(tmp_path / "new")), FolderTarget)
    assert open_target(f"file://{tmp_path}").url == str(tmp_path)
    assert isinstance(open_target("memory://bucket/animals/"), BucketTarget)
    assert open_target("memory://bucket/animals/").url == "memory://bucket/animals"


def test_places_that_cannot_be_written_to(tmp_path: Path, animals: Dataset) -> None:
    with pytest.raises(InvalidInput, match="nothing can be written to https://host/x") as caught:
        open_target("https://host/x")
    assert "a folder that the web server shows" in caught.value.hint
    (tmp_path / "file").write_text("")
    with pytest.raises(InvalidInput, match="is a file"):
        open_target(str(tmp_path / "file"))
    with pytest.raises(InvalidInput, match="is a git repository"):
        open_target(str(animals.root))
