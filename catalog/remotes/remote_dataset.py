"""A dataset of which versions are published, opened for reading by its URL."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from catalog.dataset_version import DatasetVersion
from catalog.reference import DRAFT
from catalog.remotes.remote_tree import RemoteTree
from catalog.remotes.site import Site
from catalog.tree import VERSIONS
from catalog.versions import Version, latest
from eventstore.errors import NotFound, ReadOnly


class RemoteDataset:
    """Published versions of a dataset; they open at once, and nothing is fetched in advance.

    Args:
        url: such as ``https://host/nmnist``, ``s3://bucket/nmnist``, or a folder that versions
            were published to.
        storage_options: what fsspec's file system takes, such as ``{"anon": True}`` for a public
            bucket.
    """

    def __init__(self, url: str, *, storage_options: Mapping[str, Any] | None = None) -> None:
        self._site = Site(url, storage_options=storage_options)

    @property
    def root(self) -> str:
        """The URL."""
        return self._site.url

    def versions(self) -> list[Version]:
        """Return every published version, in the order of publishing."""
        return self._site.versions

    def version_name(self, version: str | None) -> str:
        """Return the version itself, or the highest one where None.

        Raises:
            NotFound: nothing is published.
        """
        if version is not None:
            return version
        last = latest(self.versions())
        if last is None:
            message = f"no version is published at {self.root}"
            raise NotFound(message, hint="spikelake dataset publish DATASET@VERSION URL")
        return last.version

    def version(self, version: str | None = None) -> Version:
        """Return what was recorded of a version; of the highest one where None.

        Raises:
            NotFound: it is not published.
        """
        return self._site.version(self.version_name(version))

    def at(self, version: str | None = None) -> DatasetVersion:
        """Open a version; the highest where None.

        Raises:
            NotFound: it is not published.
            IntegrityError: it does not hold what was recorded when it was saved.
            ReadOnly: the draft is asked for, and there is none here.
        """
        if version == DRAFT:
            message = f"{self.root} holds published versions, no draft"
            raise ReadOnly(message, hint="clone the dataset to work on it")
        wanted = self.version(version)
        return DatasetVersion(self.tree(wanted), wanted)

    def tree(self, version: Version) -> RemoteTree:
        """Return the files of a version, checked against what was recorded of them.

        Raises:
            IntegrityError: its map is not the one that was recorded.
        """
        return RemoteTree(self._site, version)


def is_published(name: str) -> bool:
    """Say whether a reference's name leads to published versions, not to a dataset to work on.

    Examples:
        >>> is_published("s3://bucket/nmnist"), is_published("data/nmnist")
        (True, False)
    """
    if "://" in name:
        return True
    folder = Path(name)
    return (folder / VERSIONS).is_file() and not (folder / ".git").exists()
