"""Publish a version of a dataset, and note in the dataset where it went."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from catalog.remotes.known import check_no_secret, note_remote
from catalog.remotes.open_target import open_target
from catalog.remotes.publish import (
    Content,
    Progress,
    PublishReport,
    check_same_dataset,
    publish_version,
)
from catalog.remotes.ria import RIA, publish_to_ria
from catalog.repo import require_identity
from eventstore.errors import MissingContent

if TYPE_CHECKING:
    from catalog.dataset import Dataset


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """Where a version is to be published.

    Args:
        url: a folder, ``s3://bucket/path`` or what else fsspec writes to, or a RIA store:
            ``ria+file:///store#~name``, ``ria+ssh://host/store#~name``.
        storage_options: what fsspec's file system takes.
        read_at: where readers find it, where that is another URL, such as that of a web server
            which shows the folder.
    """

    url: str
    storage_options: Mapping[str, Any] | None = None
    read_at: str = ""


def publish_dataset(
    dataset: "Dataset",
    version: str | None,
    to: Destination,
    *,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> PublishReport:
    """Publish a version, the highest where None, and commit in ``remotes.json`` where it is.

    Raises:
        InvalidInput: git has no identity, or nothing can be written to the URL.
        IntegrityError: the version is not what was saved: its tag was moved, or bytes are damaged.
        Conflict: another version of that number, or another dataset, is published there.
        MissingContent: some of its files are not on this machine.
        Unreachable: the target does not answer, or refuses.
    """
    require_identity(dataset.root)
    for url in (to.url, to.read_at):
        check_no_secret(url)
    content = version_content(dataset, version)
    name = content.entry.version
    if to.url.startswith(RIA):
        report = publish_to_ria(dataset.repo, content.entry, content.keys, to.url, dry_run=dry_run)
        kind = "ria"
    else:
        target = open_target(to.url, to.storage_options)
        check_same_dataset(dataset.versions(), target)
        report = publish_version(content, target, dry_run=dry_run, progress=progress)
        kind = "tree"
    if not dry_run:
        note_remote(dataset.repo, _full(report.url), kind, name)
        if to.read_at:
            note_remote(dataset.repo, to.read_at.rstrip("/"), "tree", name)
    return report


def version_content(dataset: "Dataset", version: str | None) -> Content:
    """Return a saved version as it is here, ready to be sent.

    Raises:
        NotFound: there is no such version.
        IntegrityError: it is not what was saved.
    """
    entry = dataset.version(version)
    tree = dataset.saved_tree(entry)
    keys = tree.keys()
    places = dataset.repo.content(keys.values())

    def open_file(path: str) -> Path | bytes:
        if path not in keys:
            return tree.blob(path)
        if keys[path] not in places:
            message = f"the content of {path} is not on this machine, so it cannot be published"
            raise MissingContent(message, hint=f"spikelake dataset get {tree.where}")
        return places[keys[path]]

    return Content(
        entry=entry,
        listing=tree.listing,
        sums={path: str(facts["sha256"]) for path, facts in tree.files.items()},
        sizes={path: int(str(facts["size"])) for path, facts in tree.files.items()},
        keys=keys,
        open=open_file,
    )


def _full(url: str) -> str:
    """Return the URL by which others on this machine find a folder, too."""
    return url if "://" in url else Path(url).resolve().as_uri()
