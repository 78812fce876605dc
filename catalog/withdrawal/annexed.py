"""Take withdrawn content out of git-annex: of its remotes first, then of this repository."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from catalog.repo import Repo
from catalog.repo_purging import (
    annex_remotes,
    drop_from,
    drop_here,
    drop_unreferenced,
    known_copies,
    learn_copies,
    mark_dead,
)
from eventstore.findings import Finding, Severity

if TYPE_CHECKING:
    from catalog.dataset import Dataset


def purge_annex(
    dataset: "Dataset", keys: Iterable[str], again: str
) -> tuple[list[str], list[Finding]]:
    """Drop content everywhere that git-annex reaches; return where, and what is left somewhere.

    Args:
        dataset: the dataset.
        keys: the content.
        again: the command that repeats the withdrawal.
    """
    repo, wanted = dataset.repo, sorted(set(keys))
    if not wanted:
        return [], []
    unreached = learn_copies(repo)
    told = "cannot be reached: what it has is not known"
    findings, reached = [_finding(name, told, again) for name in unreached], []
    for remote in (name for name in annex_remotes(repo) if name not in unreached):
        failed = drop_from(repo, remote, wanted)
        if failed:
            why = next(iter(failed.values()))
            message = f"{len(failed)} of {len(wanted)} files may be there still: {why}"
            findings.append(_finding(remote, message, again))
        else:
            reached.append(remote)
    kept = drop_here(repo, wanted)
    if kept:
        message = f"{len(kept)} files could not be dropped: {next(iter(kept.values()))}"
        findings.append(_finding(str(dataset.root), message, again))
    drop_unreferenced(repo)
    return reached, [*findings, *_left(repo, wanted, again)]


def _left(repo: Repo, keys: list[str], again: str) -> list[Finding]:
    """Say which repositories are believed to have content still; declare the rest dead."""
    copies = known_copies(repo, keys)
    mark_dead(repo, (key for key in keys if key not in copies))
    places: dict[str, int] = {}
    for named in copies.values():
        for place in named:
            places[place] = places.get(place, 0) + 1
    return [
        _finding(
            place,
            f"git-annex knows {n} withdrawn files to be there",
            f"reach it (git -C {repo.root} remote add …), then {again}; or there: git pull --tags, "
            "and the same command",
        )
        for place, n in sorted(places.items())
    ]


def _finding(where: str, message: str, fix: str) -> Finding:
    return Finding(
        severity=Severity.ERROR, where=where, message=message, check="withdrawal", fix=fix
    )
