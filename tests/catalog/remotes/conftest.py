"""Published versions: a dataset that grows, and a place to publish it to."""

from collections.abc import Callable
from pathlib import Path

import pytest

from catalog.dataset import Dataset
from catalog.remotes.publish import PublishReport
from catalog.remotes.sharing import Destination, publish_dataset

Publish = Callable[..., PublishReport]


@pytest.fixture
def publish(animals: Dataset) -> Publish:
    """A function ``(url, version=None, **options)`` that publishes a version of the dataset."""

    def run(url: str | Path, version: str | None = None, **options: object) -> PublishReport:
        return publish_dataset(animals, version, Destination(url=str(url), **options))  # type: ignore[arg-type]

    return run


@pytest.fixture
def site(tmp_path: Path, publish: Publish) -> Path:
    """A folder that version 1.0.0 was published to."""
    publish(tmp_path / "www" / "animals")
    return tmp_path / "www" / "animals"
