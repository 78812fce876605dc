"""RIA stores: bare repositories of many datasets in one place, as datalad lays them out."""

from collections.abc import Mapping
from hashlib import sha256
from urllib.parse import urlsplit

from catalog.remotes.publish import PublishReport
from catalog.repo import Repo
from catalog.repo_copies import (
    copy_content,
    create_ria_sibling,
    lacking,
    push,
    remote_tags,
    remotes,
)
from catalog.versions import Version
from eventstore.errors import InvalidInput

RIA = "ria+"
"""What URLs of such stores begin with."""


def ria_repository(url: str) -> str:
    """Return where git finds a dataset of a store.

    Raises:
        InvalidInput: the URL names no dataset.

    Examples:
        >>> ria_repository("ria+file:///data/store#~nmnist")
        '/data/store/alias/nmnist'
        >>> ria_repository("ria+ssh://lab/store#a1b2c3d4-0000")
        'ssh://lab/store/a1b/2c3d4-0000'
    """
    store, name = split_ria(url)
    below = f"alias/{name[1:]}" if name.startswith("~") else f"{name[:3]}/{name[3:]}"
    return f"{store.removeprefix('file://')}/{below}"


def split_ria(url: str) -> tuple[str, str]:
    """Return the URL of a store without ``ria+``, and the id or ``~alias`` of a dataset in it.

    Raises:
        InvalidInput: not the URL of a dataset in a store.
    """
    store, _, name = url.removeprefix(RIA).partition("#")
    parts = urlsplit(store)
    if parts.scheme not in {"file", "ssh", "http", "https"} or not name.strip("~"):
        message = f"{url} names no dataset of a RIA store"
        hint = "write ria+file:///path/of/store#~name, or ria+ssh://host/path#~name"
        raise InvalidInput(message, hint=hint)
    return store.rstrip("/"), name


def publish_to_ria(
    repo: Repo, entry: Version, keys: Mapping[str, str], url: str, *, dry_run: bool = False
) -> PublishReport:
    """Push the history, all tags and the events of a version to a dataset of a RIA store.

    Args:
        repo: the dataset's repository.
        entry: the version.
        keys: annex key of each of its annexed files.
        url: the dataset in the store; the store is made where it is absent.
        dry_run: only say what would be done.

    Raises:
        InvalidInput: the URL names no dataset of a store, or datalad refuses.
        Conflict: a tag of the store points elsewhere: one of the two was moved.
        MissingContent: some of the events are not on this machine.
    """
    store, name = split_ria(url)
    if not name.startswith("~"):
        message = f"{url} does not name the dataset by an alias"
        raise InvalidInput(message, hint=f"write {RIA}{store}#~name")
    sibling = f"ria-{sha256(url.encode()).hexdigest()[:8]}"
    absent = lacking(repo, keys, f"{sibling}-storage")
    report = PublishReport(
        url=url,
        version=entry.version,
        is_new=entry.version not in remote_tags(repo, sibling),
        sent=tuple(sorted(absent)),
        n_bytes=sum(absent.values()),
        n_present=len(keys) - len(absent),
    )
    if dry_run or not report.is_needed:
        return report
    if sibling not in remotes(repo):
        create_ria_sibling(repo, sibling, f"{RIA}{store}", name[1:])
    copy_content(repo, f"{sibling}-storage", entry.version)
    push(repo, sibling)
    return report
