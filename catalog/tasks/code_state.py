"""Which code ran: the commit of the folder that somebody works in."""

from pathlib import Path

from catalog.repo import start_command
from eventstore.errors import MissingExtra

CHANGED = "+changes"
"""Stands after a commit that the files are not as in."""


def commit_of(folder: Path) -> str:
    """Return the commit of the git repository that a folder lies in; empty where there is none.

    Examples:
        >>> from tempfile import mkdtemp
        >>> commit_of(Path(mkdtemp()))
        ''
    """
    try:
        head = start_command(["git", "rev-parse", "--verify", "--quiet", "HEAD"], folder)
        if head.returncode != 0:
            return ""
        changed = start_command(["git", "status", "--porcelain", "-uno"], folder).stdout.strip()
    except MissingExtra:
        return ""
    return head.stdout.decode().strip() + (CHANGED if changed else "")
