"""The verbs ``spikelake dataset clone | get | drop | publish``."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from catalog.reference import parse_reference
from eventstore.errors import InvalidInput
from eventstore.output import AsJson, DryRun, print_findings, print_record, said
from eventstore.progress import progress_bar

if TYPE_CHECKING:
    from catalog.content import ContentReport
    from catalog.remotes.publish import PublishReport

Ref = Annotated[
    str,
    typer.Argument(
        metavar="DATASET[@VERSION]",
        help="Folder of the dataset, and a version; the highest where none is named.",
        show_default=False,
    ),
]

Recordings = Annotated[
    list[str] | None,
    typer.Option("--recording", metavar="ID", help="Only the files that hold it; repeat for more."),
]

NAMED = 3
"""Recordings and files that a sentence names."""


def register(app: typer.Typer) -> None:
    """Add the verbs to ``spikelake dataset``."""
    for verb in (clone, get, drop, publish):
        app.command(verb.__name__)(verb)


def clone(
    url: Annotated[
        str,
        typer.Argument(
            help="Folder, ssh or http URL, or ria+file:///store#~name.", show_default=False
        ),
    ],
    folder: Annotated[Path, typer.Argument(help="Where to.", show_default=False)],
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Clone a dataset: text and history at once, events when they are asked for.

    The exit status is 1 where a version is not what was recorded, such as after its tag was moved.
    """
    from catalog.cloning import clone_dataset, plan_clone

    if dry_run:
        source = plan_clone(url, folder)
        record = {"status": "ok", "dry_run": True, "source": source, "path": str(folder)}
        print_record(record, as_json=as_json, said=f"would have cloned {source} to {folder}")
        return
    dataset, findings = clone_dataset(url, folder)
    names = [version.version for version in dataset.versions()]
    record = {
        "status": "error" if findings else "ok",
        "dry_run": False,
        "dataset": dataset.name,
        "path": str(folder),
        "versions": names,
        "findings": [finding.to_dict() for finding in findings],
    }
    versions = f"versions {', '.join(names)}" if names else "no version yet"
    print_record(record, as_json=as_json, said=f"cloned {dataset.name} to {folder}: {versions}")
    if findings:
        if not as_json:
            print_findings(findings, as_json=False, where=str(folder))
        raise typer.Exit(1)
    if names and not as_json:
        typer.echo(f"events come with: spikelake dataset get {folder}")


def get(
    reference: Ref,
    *,
    recording: Recordings = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Fetch the events of a version, or of some of its recordings.

    They come from where the dataset was cloned from or published to, or wherever git-annex knows
    them to be.
    """
    from catalog.content import fetch_content, plan_content
    from catalog.folder import open_dataset

    wanted = parse_reference(reference)
    dataset = open_dataset(wanted.name)
    if dry_run:
        report = plan_content(dataset, wanted.version, recording or (), present=False)
    else:
        report = fetch_content(dataset, wanted.version, recording or ())
    _print_content(report, "fetched", reference, dry_run=dry_run, as_json=as_json)
    if not report.files and not as_json:
        typer.echo(f"{_what(report, reference)} is all here")


def drop(
    reference: Ref,
    *,
    recording: Recordings = None,
    force: Annotated[
        bool, typer.Option("--force", help="Drop the last copy too: it cannot be had again.")
    ] = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Let the events of a version, or of some of its recordings, go from this machine.

    What has no other copy is kept, and the exit status is 1 then.
    """
    from catalog.content import drop_content, plan_content
    from catalog.folder import open_dataset

    wanted = parse_reference(reference)
    dataset = open_dataset(wanted.name)
    if dry_run:
        report = plan_content(dataset, wanted.version, recording or (), present=True)
    else:
        report = drop_content(dataset, wanted.version, recording or (), force=force)
    _print_content(report, "dropped", reference, dry_run=dry_run, as_json=as_json)
    if not report.files and not report.kept and not as_json:
        typer.echo(f"nothing of {_what(report, reference)} is here")
    if dry_run and report.files and not force and not as_json:
        typer.echo("each only where another copy is seen then; what has none is kept")
    if report.kept:
        if not as_json:
            why = next(iter(report.kept.values()))
            typer.echo(f"kept {len(report.kept)} files that have no other copy: {why}", err=True)
            typer.echo("hint: publish the version first; --force drops the last copy", err=True)
        raise typer.Exit(1)


def publish(
    reference: Ref,
    target: Annotated[
        str,
        typer.Argument(
            help="Folder, s3://bucket/path, or ria+file:///store#~name.", show_default=False
        ),
    ],
    *,
    read_at: Annotated[
        str,
        typer.Option(help="URL by which readers find it, such as a web server's.", metavar="URL"),
    ] = "",
    storage_options: Annotated[
        str, typer.Option(help="JSON of what fsspec's file system takes.", metavar="JSON")
    ] = "",
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Publish a version, so that it is read at its URL or cloned from there.

    What is there already is not sent twice, and a version is published once.
    """
    from catalog.folder import open_dataset
    from catalog.remotes.sharing import Destination, publish_dataset

    wanted = parse_reference(reference)
    dataset = open_dataset(wanted.name)
    to = Destination(url=target, storage_options=_options(storage_options), read_at=read_at)
    with progress_bar("publish") as progress:
        report = publish_dataset(dataset, wanted.version, to, dry_run=dry_run, progress=progress)
    record = {"status": "ok" if report.is_needed else "notneeded", "dry_run": dry_run}
    done = said(dry_run, "published", f"{dataset.name}@{report.version} to {target}")
    sentence = f"{done}{_sent(report)}"
    if not report.is_needed:
        sentence = f"{dataset.name}@{report.version} is at {target} already, whole"
    print_record({**record, **report.to_dict()}, as_json=as_json, said=sentence)
    if not as_json and not dry_run:
        typer.echo(_opened_by(target, read_at, report.version))


def _sent(report: "PublishReport") -> str:
    there = f", {report.n_present} were there already" if report.n_present else ""
    kept = f", {len(report.kept)} kept for older versions" if report.kept else ""
    return f": {len(report.sent)} files, {report.n_bytes:,} bytes{there}{kept}"


def _opened_by(target: str, read_at: str, version: str) -> str:
    if target.startswith("ria+"):
        return f"clone it: spikelake dataset clone {target} FOLDER"
    return f"open it: spikelake dataset show {(read_at or target).rstrip('/')}@{version}"


def _print_content(
    report: "ContentReport", done: str, reference: str, *, dry_run: bool, as_json: bool
) -> None:
    status = "error" if report.kept else "ok" if report.files else "notneeded"
    record = {"status": status, "dry_run": dry_run, "count": report.n_files}
    if as_json or not report.files:
        if as_json:
            print_record({**record, **report.to_dict()}, as_json=True, said="")
        return
    what = f"{report.n_files} files of {_what(report, reference)}, {report.n_bytes:,} bytes"
    typer.echo(said(dry_run, done, what))
    if report.shared:
        more = len(report.shared) - NAMED
        named = ", ".join(report.shared[:NAMED]) + (f" and {more:,} more" if more > 0 else "")
        typer.echo(f"the same files hold {len(report.shared):,} other recordings: {named}")


def _what(report: "ContentReport", reference: str) -> str:
    if not report.recordings:
        return reference
    names = ", ".join(report.recordings[:NAMED])
    more = len(report.recordings) - NAMED
    return f"{names}{f' and {more} more' if more > 0 else ''} of {reference}"


def _options(text: str) -> dict[str, object] | None:
    if not text:
        return None
    try:
        found = json.loads(text)
    except json.JSONDecodeError as error:
        message = f"--storage-options is not JSON: {error}"
        raise InvalidInput(message, hint='for example \'{"profile": "lab"}\'') from error
    if not isinstance(found, dict):
        message = f"--storage-options is {text}, not a mapping"
        raise InvalidInput(message, hint='for example \'{"profile": "lab"}\'')
    return found
