"""A log of edits only grows: one that lost or changed lines is found, before it is saved or after.

Every version records the sum of its log with those of all its files; what one version has must be
the beginning of what the next one has.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from catalog.curation.edits.log import LOG, read_log
from catalog.repo import Repo
from catalog.text_files import decode_text
from catalog.tree import Tree, WorkTree
from eventstore.errors import IntegrityError
from eventstore.findings import Finding, Severity

if TYPE_CHECKING:
    from catalog.dataset import Dataset


def refuse_rewritten_log(repo: Repo) -> None:
    """Refuse a log in the work tree that has not all lines of the one committed last.

    Raises:
        IntegrityError: a line was changed or taken out.
        FormatError: it is no log of edits.
    """
    tree = WorkTree(repo.root)
    read_log(tree)
    if not _text(tree).startswith(committed_log(repo, "HEAD")):
        message = f"{repo.root}: {LOG} has lost lines that were saved"
        hint = f"the log only grows: git -C {repo.root} checkout HEAD -- {LOG}"
        raise IntegrityError(message, hint=hint)


def check_log_history(dataset: "Dataset") -> Iterator[Finding]:
    """Check the log of the work tree and of each version against that of the version before."""
    repo = dataset.repo
    before, version = "", ""
    states = [
        (e.version, committed_log(repo, f"refs/tags/{e.version}")) for e in dataset.versions()
    ]
    for name, text in [*states, ("the work tree", _text(WorkTree(dataset.root)))]:
        if not text.startswith(before):
            at = f"{LOG} of {name}"
            message = f"has lost lines of the log that version {version} recorded"
            fix = f"git -C {dataset.root} checkout {version} -- {LOG}"
            yield Finding(
                severity=Severity.ERROR, where=at, message=message, check="edits", fix=fix
            )
        else:
            before, version = text, name
    read_log(WorkTree(dataset.root))


def committed_log(repo: Repo, revision: str) -> str:
    """Return the text of the log in a revision; empty where it has none."""
    commit = repo.commit(revision)
    blob = repo.blobs(commit, [LOG]).get(LOG, b"") if commit else b""
    return decode_text(blob, LOG)


def _text(tree: Tree) -> str:
    has = LOG.removesuffix(".tsv") in tree.names("", ".tsv")
    return tree.text(LOG) if has else ""
