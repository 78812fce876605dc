"""Add a public dataset: fetch, check, ingest, label, split, save. Killed anywhere, it goes on.

<dataset>/sources.json          the entry, what was fetched, what came of it
<dataset>/.downloads/           what was fetched; not in git
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from catalog.dataset import Dataset
from catalog.layouts import LAYOUTS
from catalog.public.acquire import (
    Whereabouts,
    acquire,
    choose_files,
    clear_downloads,
    find_files,
    opened_sources,
    refuse_by_hand,
)
from catalog.public.entry import PublicDataset
from catalog.public.fetch import Fetched, Manner
from catalog.public.layout_facts import layout_facts
from catalog.public.official import freeze_official, group_findings
from catalog.public.preparing import DOWNLOADS, adding, begin, downloads_folder
from catalog.public.sources import (
    Found,
    Result,
    Sources,
    has_sources,
    read_sources,
    write_sources,
)
from catalog.saving import set_missing_tags
from eventstore.errors import IntegrityError
from eventstore.findings import Finding
from eventstore.ingest import IngestReport, Progress
from eventstore.workers import Runs


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What to add, and how.

    Args:
        files: patterns of the files wanted; all where there is none.
        folder: folder with files that were fetched by other means; they are read where they lie.
        keep: keep the downloads once the version is saved.
        register_only: write down where the files lie, and fetch nothing.
        manner: how patiently to fetch.
        progress: called while recordings are ingested.
        executor: decodes and encodes in other processes; as of `eventstore.ingest.ingest`.
    """

    files: tuple[str, ...] = ()
    folder: Path | None = None
    keep: bool = True
    register_only: bool = False
    manner: Manner = field(default_factory=Manner)
    progress: Progress | None = None
    executor: Runs | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AddReport:
    """What was done.

    Args:
        status: ``ok``, ``registered``, or ``notneeded`` where all was there.
        dataset: the dataset.
        version: the version saved, or that holds it all already; empty where only registered.
        files: files that the recordings come from.
        n_added: recordings that are new.
        n_skipped: recordings that were there already.
        n_events: events of those that are new.
        splits: splits made.
        digest: logical digest of all recordings.
        findings: mirrors that failed, checksums that nobody states, files passed over.
        n_bytes_kept: bytes of the downloads that are still there.
        n_bytes_freed: bytes of those that are not.
    """

    status: Literal["ok", "registered", "notneeded"]
    dataset: Dataset
    version: str = ""
    files: tuple[Fetched, ...] = ()
    n_added: int = 0
    n_skipped: int = 0
    n_events: int = 0
    splits: tuple[str, ...] = ()
    digest: str = ""
    findings: tuple[Finding, ...] = ()
    n_bytes_kept: int = 0
    n_bytes_freed: int = 0


def plan_add(entry: PublicDataset, into: Path, wishes: Wishes) -> list[Whereabouts]:
    """Return where each wanted file is and what is left to fetch; nothing is changed.

    Raises:
        InvalidInput: a pattern fits no file.
        NotFound: the layout is unknown, or there is no folder of that name.
    """
    _ = LAYOUTS[entry.layout]
    files = choose_files(entry, wishes.files)
    return find_files(files, wishes.folder, into.absolute() / DOWNLOADS)


def add_public(entry: PublicDataset, into: Path, wishes: Wishes | None = None) -> AddReport:
    """Add a public dataset, or go on where an earlier call was interrupted.

    Args:
        entry: what is known of it, from `catalog.public.entry.load_entry`.
        into: folder of the dataset.
        wishes: what to add of it, and how.

    Raises:
        NotFound: a file has to be fetched by hand; says which and how.
        Unreachable: no mirror gives a file.
        IntegrityError: a file, or what came of all, is not what its publisher states.
        FormatError: an archive is damaged or unsafe.
        AlreadyExists: the folder holds something else.
        Conflict: it was begun with another entry, or somebody else is adding to it.
    """
    wishes = wishes or Wishes()
    whereabouts = plan_add(entry, into, wishes)
    names = [where.file.name for where in whereabouts]
    with adding(into):
        if not wishes.register_only and not _is_added(into, names):
            refuse_by_hand(entry, whereabouts)
        dataset, sources = begin(entry, into)
        if wishes.register_only:
            return AddReport(status="registered", dataset=dataset)
        if _is_added(into, names):
            set_missing_tags(dataset.repo, dataset.versions())  # of a save that was killed
            return _as_it_stands(dataset, sources, keep=wishes.keep)
        got, sources = _acquire(dataset, sources, whereabouts, wishes)
        report = _ingest(dataset, entry, got, wishes)
        sources = _with_result(dataset, sources, names)
        splits = freeze_official(dataset, sources)
        write_sources(dataset.root, sources)
        version = dataset.save(message=f"{entry.title}, as published")
        done = _as_it_stands(dataset, sources, keep=wishes.keep)
        findings = [f for fetched in got for f in fetched.findings]
        findings += [*report.findings, *group_findings(dataset, entry)]
        return replace(
            done,
            status="ok",
            version=version.version,
            files=tuple(got),
            n_added=report.n_added,
            n_skipped=report.n_skipped,
            n_events=report.n_events,
            splits=tuple(splits),
            findings=tuple(findings),
        )


def _is_added(into: Path, names: Sequence[str]) -> bool:
    """Say whether a saved version holds what came of the files."""
    if not has_sources(into):
        return False
    result = read_sources(into).result
    if result is None or not set(names) <= set(result.files):
        return False
    return any(version.tree == result.digest for version in Dataset.open(into).versions())


def _as_it_stands(dataset: Dataset, sources: Sources, *, keep: bool) -> AddReport:
    downloads = dataset.root / DOWNLOADS
    freed = clear_downloads(downloads, keep=keep)
    lying = [path for path in downloads.rglob("*") if path.name[0] != "." and path.is_file()]
    return AddReport(
        status="notneeded",
        dataset=dataset,
        version=dataset.version().version,
        digest=sources.result.digest if sources.result else "",
        n_bytes_kept=sum(path.stat().st_size for path in lying),
        n_bytes_freed=freed,
    )


def _acquire(
    dataset: Dataset, sources: Sources, whereabouts: Sequence[Whereabouts], wishes: Wishes
) -> tuple[list[Fetched], Sources]:
    """Get the files, and write down what each is as soon as it is here."""
    noted = sources

    def told(fetched: Fetched) -> None:
        nonlocal noted
        noted = noted.with_found(fetched.file.name, Found.of(fetched.facts, fetched.url))
        write_sources(dataset.root, noted)

    got = acquire(whereabouts, downloads_folder(dataset.root), wishes.manner, told)
    return got, noted


def _ingest(
    dataset: Dataset, entry: PublicDataset, got: Sequence[Fetched], wishes: Wishes
) -> IngestReport:
    paths = opened_sources(got, dataset.root / DOWNLOADS)
    folds = {path.name: f.file.fold for path, f in zip(paths, got, strict=True) if f.file.fold}
    facts = replace(layout_facts(entry), folds=folds)  # a file of the user's may be named otherwise
    intake = LAYOUTS[entry.layout].intake(paths, facts)
    return dataset.ingest_intake(
        intake,
        sensor=facts.sensor,
        resume=True,
        progress=wishes.progress,
        executor=wishes.executor,
    )


def _with_result(dataset: Dataset, sources: Sources, names: Sequence[str]) -> Sources:
    """Note what came of the files, compared with what the entry says it has to be.

    Raises:
        IntegrityError: it is something else.
    """
    entry = sources.entry
    before = sources.result.files if sources.result else ()
    files = tuple(f.name for f in entry.files if f.name in {*before, *names})
    with dataset.draft() as draft:
        store = draft.store
        result = Result(
            files=files,
            digest=store.digest,
            n_recordings=store.n_recordings,
            n_events=store.n_events,
        )
    if entry.digest and len(files) == len(entry.files) and result.digest != entry.digest:
        message = f"{entry.name}: its events are not those that its entry states "
        message += f"(expected {entry.digest[:12]}, found {result.digest[:12]})"
        hint = "its publisher changed the files, or a decoder changed: nothing was saved"
        raise IntegrityError(message, hint=hint)
    return replace(sources, result=result)
