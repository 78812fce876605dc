"""Clone a dataset: its history and its text at once, its events when they are asked for."""

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from catalog.remotes.remote_dataset import is_published
from catalog.remotes.ria import RIA, ria_repository
from catalog.repo_copies import clone_repo
from eventstore.errors import InvalidInput, MissingContent, SpikelakeError
from eventstore.findings import Finding, Severity

if TYPE_CHECKING:
    from catalog.dataset import Dataset

CLONED = frozenset({"file", "ssh", "git", "http", "https", "git+ssh"})
"""Protocols that git clones over."""


def clone_dataset(url: str, folder: Path) -> "tuple[Dataset, list[Finding]]":
    """Clone a dataset, and check that no version of it was tampered with.

    Args:
        url: the folder of a dataset, a URL that git clones from (``ssh``, ``http`` …,
            ``host:path``), or a dataset of a RIA store, ``ria+file:///store#~name``.
        folder: where to; absent or empty.

    Returns:
        The clone, and what is wrong with its versions, such as a moved tag.

    Raises:
        AlreadyExists: the folder is there and not empty.
        NotFound: there is no dataset at the URL.
        InvalidInput: nothing can be cloned from the URL.
    """
    from catalog.dataset import Dataset, check_free

    check_free(folder)
    source = _source(url)
    repo = clone_repo(source, folder)
    try:
        dataset = Dataset.open(repo.root)
    except SpikelakeError as error:
        message = f"{url} was cloned to {folder} and is no dataset: {error.message}"
        raise InvalidInput(message, hint="give the URL of a dataset; remove the folder") from error
    findings = check_versions(dataset)
    if not findings and dataset.versions():
        _fetch_tables(dataset)
    return dataset, findings


def plan_clone(url: str, folder: Path) -> str:
    """Return what git would clone from, checking what can be checked without it.

    Raises:
        AlreadyExists: the folder is there and not empty.
        InvalidInput: nothing can be cloned from the URL.
    """
    from catalog.dataset import check_free

    check_free(folder)
    return _source(url)


def check_versions(dataset: "Dataset") -> list[Finding]:
    """Return which versions of a dataset do not hold what was recorded when they were saved."""
    findings = []
    for entry in dataset.versions():
        try:
            dataset.saved_tree(entry)
        except SpikelakeError as error:
            findings.append(
                Finding(
                    severity=Severity.ERROR,
                    where=entry.version,
                    message=error.message,
                    check="tag",
                    fix=error.hint,
                )
            )
    return findings


def _source(url: str) -> str:
    """Return what git is to clone from.

    Raises:
        InvalidInput: nothing can be cloned from there.
    """
    if url.startswith(RIA):
        return ria_repository(url)
    scheme = urlsplit(url).scheme if "://" in url else ""
    if scheme and scheme not in CLONED:
        message = f"git cannot clone {url}"
        hint = (
            f"a published version opens at its place, with no clone: spikelake dataset show {url}"
        )
        raise InvalidInput(message, hint=hint)
    if scheme:
        return url
    local = Path(url)
    if local.is_dir():
        if is_published(url):
            message = f"{url} holds published versions, no history to clone"
            hint = f"they open at their place: spikelake dataset show {url}"
            raise InvalidInput(message, hint=hint)
        return str(local.resolve())
    return url  # host:path, which git understands, or something that it will say is absent


def _fetch_tables(dataset: "Dataset") -> None:
    """Fetch the tables of the last version, so that splits open; without them, they say so."""
    from catalog.content import fetch_tables

    try:
        fetch_tables(dataset)
    except MissingContent:
        return
