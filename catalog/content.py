"""Which bytes of a version are on this machine: fetch them, or let them go, by recording too."""

import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from catalog.lost_files import withdrawn_of
from catalog.remotes.known import known_remotes
from catalog.repo import key_facts
from catalog.repo_copies import drop_keys, fetch_keys, put_key
from catalog.shards_of import all_shards, shard_keys, sharing
from catalog.sources.keeping import packs_of
from catalog.tree import GONE_HINT, STORE
from eventstore.errors import MissingContent, SpikelakeError

if TYPE_CHECKING:
    from catalog.dataset import Dataset
    from catalog.remotes.remote_tree import RemoteTree
    from catalog.versions import Version


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentReport:
    """Files of a version that were fetched or dropped, or would be.

    Args:
        version: the version.
        recordings: the recordings asked for; all where empty.
        files: paths of the files.
        n_bytes: their size.
        shared: other recordings with events in these files.
        kept: files that were not dropped, and why.
    """

    version: str
    recordings: tuple[str, ...]
    files: tuple[str, ...]
    n_bytes: int
    shared: tuple[str, ...] = ()
    kept: Mapping[str, str] = field(default_factory=dict)

    @property
    def n_files(self) -> int:
        """Number of files."""
        return len(self.files)

    def to_dict(self) -> dict[str, object]:
        """Return plain values, for JSON."""
        return asdict(self)


def plan_content(
    dataset: "Dataset", version: str | None, recordings: Iterable[str], *, present: bool
) -> ContentReport:
    """Return which files of a version are here, or are not, and hold what is asked for.

    Args:
        dataset: the dataset.
        version: the version; the highest where None.
        recordings: recordings; the whole version where empty.
        present: those that are here; else those that are not.

    Raises:
        NotFound: there is no such version or recording.
        MissingContent: the tables that say where recordings lie are not on this machine.
    """
    entry = dataset.version(version)
    tree = dataset.saved_tree(entry)
    asked = tuple(recordings)
    keys = tree.keys()
    shared: tuple[str, ...] = ()
    if asked:
        with tree.open_store() as store:
            wanted = {f"{STORE}/{key}" for key in shard_keys(store, asked)}
            wanted |= packs_of(tree, asked)
            shared = tuple(sharing(store, asked))
        keys = {path: key for path, key in keys.items() if path in wanted}
    here = dataset.repo.content(keys.values())
    files = {path: key for path, key in keys.items() if (key in here) is present}
    return ContentReport(
        version=entry.version,
        recordings=asked,
        files=tuple(files),
        n_bytes=sum(key_facts(key)[0] for key in set(files.values())),
        shared=shared,
    )


def fetch_content(
    dataset: "Dataset", version: str | None = None, recordings: Iterable[str] = ()
) -> ContentReport:
    """Fetch the files of a version, or of some of its recordings, that are not here.

    From wherever git-annex finds them, then from where the version was published.

    Raises:
        NotFound: there is no such version or recording.
        MissingContent: some of them could not be had; what came before stays.
    """
    asked = tuple(recordings)
    if asked:
        fetch_tables(dataset, version)
    report = plan_content(dataset, version, asked, present=False)
    _fetch(dataset, report)
    if asked:  # where pixels lie may be known only now
        more = plan_content(dataset, version, asked, present=False)
        _fetch(dataset, more)
        files = tuple(dict.fromkeys([*report.files, *more.files]))
        here = dataset.saved_tree(dataset.version(version)).keys()
        there = dataset.repo.content(here[path] for path in files)
        files = tuple(path for path in files if here[path] in there)
        n_bytes = sum(key_facts(key)[0] for key in {here[path] for path in files})
        report = replace(report, files=files, n_bytes=n_bytes)
    return report


def fetch_tables(dataset: "Dataset", version: str | None = None) -> None:
    """Fetch what says where recordings lie, if it is large enough to be annexed and not here.

    Raises:
        MissingContent: it could not be had.
    """
    entry = dataset.version(version)
    tree = dataset.saved_tree(entry)
    keys = tree.keys()
    here = dataset.repo.content(keys.values())
    absent = {path: key for path, key in keys.items() if key not in here}
    if not absent:
        return
    with tree.open_store() as store:
        shards = {f"{STORE}/{key}" for key in all_shards(store)}
    inside = (path for path in absent if path.startswith(f"{STORE}/"))  # sources are not needed
    tables = tuple(path for path in inside if path not in shards)
    _fetch(
        dataset,
        ContentReport(version=entry.version, recordings=(), files=tables, n_bytes=0),
    )


def drop_content(
    dataset: "Dataset",
    version: str | None = None,
    recordings: Iterable[str] = (),
    *,
    force: bool = False,
) -> ContentReport:
    """Let the files of a version, or of some of its recordings, go from this machine.

    Only what has another copy goes, of which git-annex or the place that the version was
    published to has just said that it is there.

    Args:
        dataset: the dataset.
        version: the version; the highest where None.
        recordings: recordings; the whole version where empty.
        force: drop the last copy, too.

    Raises:
        NotFound: there is no such version or recording.
    """
    report = plan_content(dataset, version, recordings, present=True)
    entry = dataset.version(version)
    keys = dataset.saved_tree(entry).keys()
    safe = {keys[path] for path in report.files} & _published_keys(dataset, entry, report.files)
    drop_keys(dataset.repo, safe, force=True)
    others = {keys[path] for path in report.files} - safe
    kept_keys = drop_keys(dataset.repo, others, force=force)
    kept = {path: kept_keys[keys[path]] for path in report.files if keys[path] in kept_keys}
    files = tuple(path for path in report.files if path not in kept)
    n_bytes = sum(key_facts(key)[0] for key in {keys[path] for path in files})
    return replace(report, files=files, n_bytes=n_bytes, kept=kept)


def _fetch(dataset: "Dataset", report: ContentReport) -> None:
    entry = dataset.version(report.version)
    tree = dataset.saved_tree(entry)
    keys = {path: key for path, key in tree.keys().items() if path in set(report.files)}
    said = fetch_keys(dataset.repo, keys.values())
    absent = _absent(dataset, keys)
    for published in _published_trees(dataset, entry) if absent else ():
        for path, key in absent.items():
            _fetch_published(dataset, published, path, key)
        absent = _absent(dataset, absent)
    if absent:
        message = f"{len(absent)} of {len(keys)} files could not be fetched into {dataset.root}"
        hint = f"git-annex said: {said}" if said else f"git -C {dataset.root} annex whereis"
        gone = withdrawn_of(dataset.repo, tree)
        if gone:
            message += f"; {len(gone):,} recordings of {tree.where} were withdrawn"
            hint = GONE_HINT
        raise MissingContent(message, hint=hint)


def _absent(dataset: "Dataset", keys: Mapping[str, str]) -> dict[str, str]:
    here = dataset.repo.content(keys.values())
    return {path: key for path, key in keys.items() if key not in here}


def _fetch_published(dataset: "Dataset", published: "RemoteTree", path: str, key: str) -> None:
    """Fetch a file from where its version was published, checked by its sum."""
    try:
        data = published.read(path)
    except SpikelakeError:
        return  # the next place may have it; what nobody has is said in the end
    with tempfile.TemporaryDirectory(dir=dataset.root / ".git") as folder:
        file = Path(folder) / "content"
        file.write_bytes(data)
        put_key(dataset.repo, key, file)


def _published_trees(dataset: "Dataset", entry: "Version") -> "Iterable[RemoteTree]":
    """Yield the version at each place that it was published to and that answers."""
    from catalog.remotes.remote_tree import RemoteTree
    from catalog.remotes.site import Site

    for url in known_remotes(dataset.repo).urls_of(entry.version):
        try:
            site = Site(url)
            there = site.version(entry.version)
            if there == entry:
                yield RemoteTree(site, there)
        except SpikelakeError:
            continue


def _published_keys(dataset: "Dataset", entry: "Version", paths: Iterable[str]) -> set[str]:
    """Return the keys of files that lie, in their full size, where the version was published."""
    keys = dataset.saved_tree(entry).keys()
    found = set()
    for published in _published_trees(dataset, entry):
        found |= {keys[path] for path in paths if published.is_there(path)}
    return found
