"""Where the files of a saved version's store are, when they are not on this machine."""

from catalog.remotes.known import known_remotes
from catalog.remotes.published_files import PublishedFiles
from catalog.repo import Repo
from catalog.versions import Version
from eventstore.files import Files


def published_copies(repo: Repo, version: Version, fetch_hint: str) -> Files | None:
    """Return the store of a version as it was published; nothing is fetched yet.

    Args:
        repo: the dataset's repository.
        version: the version.
        fetch_hint: the command that fetches the content, for messages.

    Returns:
        None where it was not published, as far as is known here.
    """
    urls = known_remotes(repo).urls_of(version.version)
    return PublishedFiles(urls, version, fetch_hint=fetch_hint) if urls else None
