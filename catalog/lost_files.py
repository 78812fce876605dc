"""What a version has lost because recordings were withdrawn since it was saved."""

from collections.abc import Collection

from catalog.recording_table import parse_recordings
from catalog.repo import Repo
from catalog.shards_of import shard_keys
from catalog.text_files import decode_text
from catalog.tombstones import WITHDRAWN, mark_of, parse_tombstones
from catalog.tree import RECORDINGS, Tree
from eventstore.errors import MissingContent
from eventstore.files import Files
from eventstore.store import EventStore


def withdrawn_of(repo: Repo, tree: Tree) -> list[str]:
    """Return the recordings of a version that were withdrawn, as the last commit says.

    Args:
        repo: the dataset's repository.
        tree: the version.
    """
    blob = repo.blobs("HEAD", [WITHDRAWN]).get(WITHDRAWN)
    if not blob or RECORDINGS.removesuffix(".tsv") not in tree.names("", ".tsv"):
        return []
    marks = parse_tombstones(decode_text(blob, WITHDRAWN), path=WITHDRAWN)
    names = parse_recordings(tree.text(RECORDINGS)).column("recording_id")
    return [name for name in names if mark_of(name) in marks]


def withdrawn_files(repo: Repo, tree: Tree, files: Files, lacking: Collection[str]) -> set[str]:
    """Return those of a store's files that are not here because recordings were withdrawn.

    Args:
        repo: the dataset's repository.
        tree: the version.
        files: the files of its store that are here.
        lacking: keys of those that are not.
    """
    ids = withdrawn_of(repo, tree)
    if not ids:
        return set()
    try:
        return shard_keys(EventStore.open(files), ids) & set(lacking)
    except MissingContent:  # a table is not here either: then it cannot be told apart
        return set(lacking)
