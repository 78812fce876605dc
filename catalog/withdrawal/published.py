"""Take withdrawn files out of where versions were published.

The new version goes there first, so that what is shown is whole; then the old versions' files go,
and the tables of places say of them that they were withdrawn. Done again, it finds nothing to do.
"""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from catalog.remotes.known import Remote, known_remotes
from catalog.remotes.layout import (
    WITHDRAWN_PLACE,
    object_path,
    parse_places,
    places_path,
    places_text,
)
from catalog.remotes.open_target import READ_ONLY, open_target
from catalog.remotes.remote_tree import RemoteTree
from catalog.remotes.sharing import Destination, publish_dataset
from catalog.remotes.site import Site
from catalog.remotes.target import Target
from catalog.text_files import decode_text
from catalog.tree import VERSIONS, map_path, parse_map
from catalog.versions import latest, parse_versions
from eventstore.errors import SpikelakeError
from eventstore.findings import Finding, Severity

if TYPE_CHECKING:
    from catalog.dataset import Dataset


def affected(dataset: "Dataset", versions: Iterable[str]) -> list[Remote]:
    """Return the places that one of some versions was published to."""
    wanted = set(versions)
    return [r for r in known_remotes(dataset.repo).remotes if wanted & set(r.versions)]


def purge_remote(
    dataset: "Dataset", remote: Remote, sums: Mapping[str, set[str]], again: str
) -> tuple[list[str], list[Finding]]:
    """Take files out of a place; return which, and what could not be done.

    Args:
        dataset: the dataset.
        remote: the place.
        sums: sha256 of the files to go, by version.
        again: the command that repeats the withdrawal.
    """
    if remote.kind != "tree":  # its content goes with git-annex's remotes
        return [], list(_stale_ria(dataset, remote))
    if remote.url.partition("://")[0] in READ_ONLY:
        return [], list(_still_shown(remote, sums, again))
    findings = []
    try:
        publish_dataset(dataset, None, Destination(url=_writable(remote.url)))
    except SpikelakeError as error:
        message = f"the new version could not be published: {error.message}"
        findings.append(_finding(remote.url, message, again))
    if remote.url.startswith(("s3://", "s3a://")):
        findings.append(_kept_versions(remote.url))
    try:
        bad = set().union(*sums.values())
        return purge_target(open_target(_writable(remote.url)), bad), findings
    except SpikelakeError as error:
        message = f"withdrawn files could not be removed: {error.message}"
        return [], [*findings, _finding(remote.url, message, again)]


def purge_target(target: Target, bad: set[str]) -> list[str]:
    """Remove files of some sums from a target, whichever version has them; return their places.

    Args:
        target: where versions are published.
        bad: sha256 of the files to go.
    """
    data = target.read(VERSIONS)
    entries = parse_versions(decode_text(data, VERSIONS), path=VERSIONS) if data else []
    highest = latest(entries)
    gone, needed, tables = {object_path(sha) for sha in bad}, set[str](), {}
    for entry in entries:
        files, places = _layout(target, entry.version)
        lost = {path for path, sha in files.items() if sha in bad}
        gone |= {places.get(path, path) for path in lost}
        gone |= lost if entry == highest else set()  # the tree shows these, too
        needed |= {places.get(path, path) for path in files if path not in lost}
        moved = {path: f"{WITHDRAWN_PLACE}/{files[path]}" for path in lost}
        if any(places.get(path) != place for path, place in moved.items()):
            tables[entry.version] = {**places, **moved}
    removed = sorted((gone - needed) & set(target.sizes()))
    for name in removed:
        target.remove(name)
    for version, places in tables.items():  # last: until then it stands there where files lie
        target.put(places_path(version), places_text(version, places).encode())
    return removed


def _layout(target: Target, version: str) -> tuple[dict[str, str], dict[str, str]]:
    """Return the sum of each file of a version, and where those lie that lie elsewhere."""
    path, where = map_path(version), places_path(version)
    text = decode_text(target.read(path) or b"", path)
    files = {name: str(facts["sha256"]) for name, facts in parse_map(text, path).items()}
    table = target.read(where)
    return files, parse_places(decode_text(table, where), where) if table else {}


def _still_shown(remote: Remote, sums: Mapping[str, set[str]], again: str) -> Iterable[Finding]:
    """Say which files a place that nothing can be written to still shows."""
    n_shown = 0
    try:
        site = Site(remote.url)
        for entry in site.versions:
            tree = RemoteTree(site, entry)
            bad = sums.get(entry.version, set())
            n_shown += sum(tree.sha256(p) in bad and tree.is_there(p) for p in tree.paths())
    except SpikelakeError as error:
        yield _finding(remote.url, f"it cannot be looked into: {error.message}", again)
    if n_shown:
        message = f"it still shows {n_shown} withdrawn files, and nothing can be written there"
        yield _finding(remote.url, message, f"take them off the server, then {again}")


def _stale_ria(dataset: "Dataset", remote: Remote) -> Iterable[Finding]:
    last = latest(dataset.versions())
    if last is not None and last.version not in remote.versions:
        yield Finding(
            severity=Severity.INFO,
            where=remote.url,
            message=f"it has not got version {last.version} yet",
            check="withdrawal",
            fix=f"spikelake dataset publish {dataset.root}@{last.version} '{remote.url}'",
        )


def _kept_versions(url: str) -> Finding:
    return Finding(
        severity=Severity.INFO,
        where=url,
        message="a bucket with versioning keeps what is removed",
        check="withdrawal",
        fix="where it is on, delete the older versions of these files in the bucket, too",
    )


def _writable(url: str) -> str:
    return url.removeprefix("file://") if url.startswith("file:///") else url


def _finding(where: str, message: str, fix: str) -> Finding:
    return Finding(
        severity=Severity.ERROR, where=where, message=message, check="withdrawal", fix=fix
    )
