"""Save the work tree as a version: check, describe, commit, tag, in an order that survives a kill.

    README.md, croissant.json, CITATION.cff,
    events into the annex                 worth nothing to a reader yet
    versions/<version>.json               size and sha256 of every file
    versions.json                         one more entry, with the sum of that map
    commit                                from here on the version is saved
    tag                                   a label; the next save sets one that was not set

What is committed counts: entries that a killed save wrote without committing are dropped.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from catalog.card import Card
from catalog.curation.edits.growing import refuse_rewritten_log
from catalog.diff.bump import Bump
from catalog.diff.proposal import propose
from catalog.interchange.documents import interchange_texts
from catalog.labels.errata import ERRATA_FOLDER
from catalog.labels.intervals import count_labels
from catalog.labels.kinds import label_digests, refuse_rewritten
from catalog.readme import readme_text
from catalog.recording_table import parse_recordings, recording_digests, wrong_facts
from catalog.repo import Repo
from catalog.sources.table import FOLDER
from catalog.splits.record import CheckedSplit, SplitRecord, check_split
from catalog.splits.split import fold_order, store_digests
from catalog.text_files import decode_text, write_text
from catalog.tombstones import refuse_returned
from catalog.tree import RECORDINGS, STORE, VERSIONS, WorkTree, map_path, reference_map
from catalog.versions import Version, parse_version, parse_versions, versions_text
from eventstore.digest import sha256_text
from eventstore.errors import AlreadyExists, IntegrityError
from eventstore.lock import WriterLock


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbering:
    """How a version gets its number.

    Args:
        version: the number; the lowest that tells of the changes where None.
        bump: what the number is to say at least, where none is given.
        force: take the number even though it says less than what changed.
    """

    version: str | None = None
    bump: Bump = Bump.NONE
    force: bool = False


def save_version(repo: Repo, numbering: Numbering, message: str) -> Version:
    """Save the work tree of a dataset; raises as `catalog.dataset.Dataset.save`."""
    lock = WriterLock(repo.root / STORE)  # what was checked must still stand when it is committed
    try:
        return _save_locked(repo, numbering, message)
    finally:
        lock.release()


def _save_locked(repo: Repo, numbering: Numbering, message: str) -> Version:
    past = committed_versions(repo)
    set_missing_tags(repo, past)
    entry, splits = plan_version(repo, numbering, message)
    version = entry.version
    card = Card.from_yaml(WorkTree(repo.root).text("dataset.yaml"))
    write_text(repo.root / "README.md", readme_text(card, entry, _counts(splits)))
    for path, text in interchange_texts(repo.root, card, entry):
        write_text(repo.root / path, text)
    repo.add_content(STORE)
    repo.add_content(FOLDER)
    listing = reference_map(repo, version)
    entry = entry.with_references(sha256_text(listing))
    write_text(repo.root / map_path(version), listing)
    write_text(repo.root / VERSIONS, versions_text([*past, entry]))
    repo.save(f"{card.name} {version}: {message or 'save a version'}")
    repo.tag(version, message)
    return entry


def plan_version(
    repo: Repo, numbering: Numbering, message: str
) -> tuple[Version, list[SplitRecord]]:
    """Return what would be recorded of the work tree, and its splits, once all agrees.

    Raises:
        InvalidInput: not a version number, or git has no identity.
        AlreadyExists: there is such a version, or no number is given and nothing changed.
        IntegrityError: tables, splits and store do not agree with each other.
        Conflict: the number says less than what changed.
    """
    if numbering.version is not None:
        parse_version(numbering.version)
    repo.require_identity()
    past = committed_versions(repo)
    if numbering.version in {v.version for v in past} | repo.tags():
        names = ", ".join(v.version for v in past) or "none"
        said = f"{repo.root} has a version or tag {numbering.version} already (versions: {names})"
        raise AlreadyExists(said, hint="versions never change: choose a higher number")
    tree = WorkTree(repo.root)
    refuse_rewritten(tree, _committed_errata(repo))
    refuse_rewritten_log(repo)
    entry, splits = _describe(tree, numbering.version or "", message)
    return replace(entry, version=_number(repo, past, numbering)), splits


def _number(repo: Repo, past: list[Version], numbering: Numbering) -> str:
    """Return the number of the version to be saved, checked against what changed."""
    if numbering.version is not None and numbering.force:
        return numbering.version
    proposal = propose(repo, past, numbering.version)
    if numbering.version is None:
        return proposal.number(numbering.bump)
    proposal.check(numbering.version)
    return numbering.version


def committed_versions(repo: Repo, commit: str = "HEAD") -> list[Version]:
    """Return the versions recorded in a commit, whatever the work tree says."""
    blob = repo.blobs(commit, [VERSIONS]).get(VERSIONS)
    path = f"{repo.root}/{VERSIONS}"
    return parse_versions(decode_text(blob, path), path=path) if blob else []


def _committed_errata(repo: Repo) -> dict[str, str]:
    """Return the text of every table of errata that is committed, by path."""
    paths = [path for path in repo.paths("HEAD") if path.startswith(ERRATA_FOLDER + "/")]
    blobs = repo.blobs("HEAD", paths) if paths else {}
    return {path: decode_text(blob, path) for path, blob in blobs.items()}


def set_missing_tags(repo: Repo, versions: list[Version]) -> None:
    """Tag the versions that a killed save committed and did not tag."""
    tags = repo.tags()
    for entry in versions:
        if entry.version not in tags:
            commit = repo.commit_adding(map_path(entry.version))
            repo.tag(entry.version, entry.message, commit=commit)


def _describe(tree: WorkTree, version: str, message: str) -> tuple[Version, list[SplitRecord]]:
    table = parse_recordings(tree.text(RECORDINGS), path=RECORDINGS)
    digests = recording_digests(table)
    with tree.open_store() as store:
        if store_digests(store) != digests:
            what = f"{RECORDINGS} and {STORE} of {tree.root} do not hold the same recordings"
            hint = "finish what was interrupted: spikelake ingest SOURCE --into DATASET --resume"
            raise IntegrityError(what, hint=hint)
        _refuse_lost(tree, store.lost_files())
        _refuse_wrong(tree, wrong_facts(store, table))
        content, n_events = store.digest, store.n_events
    refuse_returned(tree, digests)
    checked = [check_split(tree, name, digests) for name in tree.names("splits", ".json")]
    splits = [_left(split) for split in checked]
    parsed = {split.record.label_set: split.labels for split in checked}
    entry = Version(
        version=version,
        date=datetime.now(UTC).isoformat(timespec="seconds"),
        message=message,
        tree=content,
        labels=label_digests(tree, parsed),
        splits={record.name: record.digest for record in splits},
        references="",
        n_recordings=len(digests),
        n_events=n_events,
    )
    return entry, splits


def _refuse_lost(tree: WorkTree, lost: list[str]) -> None:
    if lost:
        what = f"{STORE} of {tree.root} has lost {len(lost)} of its files, such as {lost[0]}"
        hint = f"bring back what was saved of it: git -C {tree.root} checkout HEAD -- {STORE}"
        raise IntegrityError(what, hint=hint)


def _refuse_wrong(tree: WorkTree, wrong: dict[str, str]) -> None:
    if wrong:
        name, said = next(iter(wrong.items()))
        what = f"{RECORDINGS} of {tree.root} is wrong of {len(wrong)} recordings: {name}: {said}"
        hint = f"derive them again: spikelake ingest SOURCE --into {tree.root} --resume"
        raise IntegrityError(what, hint=hint)


def _left(split: CheckedSplit) -> SplitRecord:
    """Return the record of a split, counting what is left where samples were withdrawn."""
    if not split.withdrawn:
        return split.record
    return replace(split.record, counts=count_labels(split.folds, split.labels))


def _counts(splits: list[SplitRecord]) -> dict[str, dict[str, int]]:
    return {
        record.name: {fold: sum(record.counts[fold].values()) for fold in fold_order(record.counts)}
        for record in splits
    }
