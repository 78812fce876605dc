"""Which kind of place a path or URL names."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from catalog.remotes.target import Target
from catalog.remotes.target_bucket import BucketTarget
from catalog.remotes.target_folder import FolderTarget
from eventstore.errors import InvalidInput

READ_ONLY = frozenset({"http", "https", "ftp", "zip", "github"})
"""Protocols that only ever read."""


def open_target(url: str, storage_options: Mapping[str, Any] | None = None) -> Target:
    """Return the place that a folder's path or a URL names.

    Raises:
        InvalidInput: nothing can be written there.
        MissingExtra: the package for this protocol is not installed.
    """
    protocol, mark, rest = url.partition("://")
    if not mark or protocol in {"file", "local"}:
        folder = Path(rest if mark else url)
        if folder.exists() and not folder.is_dir():
            message = f"{folder} is a file"
            raise InvalidInput(message, hint="publish to a folder")
        if (folder / ".git").exists():
            message = f"{folder} is a git repository"
            raise InvalidInput(message, hint="publish to a folder of its own")
        return FolderTarget(folder)
    if protocol in READ_ONLY:
        message = f"nothing can be written to {url}"
        hint = "publish to a folder that the web server shows, to s3://… or to ria+ssh://…"
        raise InvalidInput(message, hint=hint)
    return BucketTarget(url, storage_options)
