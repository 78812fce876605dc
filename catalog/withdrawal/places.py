"""Where the bytes of recordings are: files of saved versions, by version, path and key."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from catalog.content import fetch_tables
from catalog.repo import key_facts
from catalog.shards_of import shard_keys, sharing
from catalog.sources.keeping import packs_of
from catalog.tree import STORE, SavedTree
from catalog.withdrawal.finding import saved_recordings
from eventstore.errors import MissingContent, SpikelakeError
from eventstore.findings import Finding, Severity

if TYPE_CHECKING:
    from catalog.dataset import Dataset


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """Files of one version that hold recordings.

    Args:
        version: the version.
        keys: annex key of each annexed file.
        in_git: files that git itself holds: small shards of side streams.
        shared: other recordings with events in these files.
    """

    version: str
    keys: Mapping[str, str]
    in_git: tuple[str, ...] = ()
    shared: tuple[str, ...] = ()

    @property
    def sums(self) -> set[str]:
        """The sha256 of each annexed file."""
        return {key_facts(key)[1] for key in self.keys.values()}


def held_by_versions(dataset: "Dataset", ids: Iterable[str]) -> tuple[list[Held], list[Finding]]:
    """Return the files of saved versions that hold recordings, and what could not be looked into.

    Where the tables of a version are nowhere to be had, all its annexed files are meant: too much
    rather than too little.
    """
    wanted, held, findings = set(ids), [], []
    for version, table in saved_recordings(dataset):
        its = [name for name in table.column("recording_id") if name in wanted]
        if its:
            try:
                held.append(_held(dataset, version, its))
            except SpikelakeError as error:
                findings.append(
                    Finding(
                        severity=Severity.ERROR,
                        where=f"{dataset.root}@{version}",
                        message=f"its files cannot be looked into: {error.message}",
                        check="withdrawal",
                        fix=error.hint,
                    )
                )
    return held, findings


def _held(dataset: "Dataset", version: str, ids: list[str]) -> Held:
    tree = dataset.saved_tree(dataset.version(version))
    keys = tree.keys()
    try:
        paths, shared = _shards(tree, ids)
    except MissingContent:
        try:
            fetch_tables(dataset, version)
            paths, shared = _shards(tree, ids)
        except MissingContent:
            paths, shared = set(keys), []
    paths |= packs_of(tree, ids)
    return Held(
        version=version,
        keys={path: keys[path] for path in sorted(paths) if path in keys},
        in_git=tuple(sorted(path for path in paths if path not in keys and path in tree.files)),
        shared=tuple(shared),
    )


def _shards(tree: SavedTree, ids: list[str]) -> tuple[set[str], list[str]]:
    with tree.open_store() as store:
        paths = {f"{STORE}/{key}" for key in shard_keys(store, ids)}
        return paths, sharing(store, ids)


def git_held(dataset: "Dataset", held: Iterable[Held]) -> Iterator[Finding]:
    """Say which files git itself holds: nothing but another history makes these go."""
    paths = sorted({path for one in held for path in one.in_git})
    if paths:
        options = " ".join(f"--path {path}" for path in paths[:3])
        more = " …" if len(paths) > 3 else ""
        yield Finding(
            severity=Severity.ERROR,
            where=f"{dataset.root}: {paths[0]}",
            message=f"{len(paths)} small files of side streams are in git's own history, which "
            "every clone has",
            check="withdrawal",
            fix=f"in every clone: git filter-repo --invert-paths {options}{more}; it makes another "
            "history, in which old versions do not verify",
        )
