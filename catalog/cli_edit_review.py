"""The verbs ``spikelake edit list | review | apply``."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from catalog.output import print_table
from eventstore.errors import InvalidInput
from eventstore.output import AsJson, DryRun, print_record, said
from eventstore.progress import progress_bar

if TYPE_CHECKING:
    from catalog.curation.edits.edit import Edit
    from catalog.curation.edits.log import EditLog

Folder = Annotated[
    Path, typer.Argument(metavar="DATASET", help="Folder of the dataset.", show_default=False)
]

SHOWN = 40
"""Edits that a table lists unless all are asked for."""


def register(app: typer.Typer) -> None:
    """Add the verbs to the group."""
    app.command("list")(list_)
    app.command("review")(review)
    app.command("apply")(apply)


def list_(
    folder: Folder,
    *,
    status: Annotated[
        str | None,
        typer.Option(metavar="open|accepted|rejected|applied", help="Only edits that got so far."),
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="List every edit.")] = False,
    as_json: AsJson = False,
) -> None:
    """List the edits of a dataset, and how far each got."""
    from catalog.curation.edits.edit import Status
    from catalog.curation.edits.log import read_log
    from catalog.folder import open_dataset
    from eventstore.errors import NotFound

    if status is not None and status not in set(Status):
        missing = NotFound.among("status", status, list(Status))
        raise missing
    log = read_log(open_dataset(folder).draft().tree)
    edits = [e for n, e in log.edits.items() if status in {None, log.status(n)}]
    if as_json:
        for edit in edits:
            typer.echo(json.dumps(_facts(log, edit), ensure_ascii=False))
        return
    shown = edits if every else edits[:SHOWN]
    rows = [
        (str(e.number), _status(log, e), e.recording_id, f"{e.kind}: {e.said}", e.reason)
        for e in shown
    ]
    of_status = f" {status}" if status else ""
    print_table(
        f"{len(edits):,}{of_status} edits of {folder}",
        ("edit", "status", "recording", "what", "why"),
        rows,
    )
    if len(shown) < len(edits):
        typer.echo(f"and {len(edits) - len(shown):,} more; --all lists them")


def review(
    folder: Folder,
    numbers: Annotated[
        list[str], typer.Argument(metavar="N…", help="Numbers, as 3 or 3-7.", show_default=False)
    ],
    *,
    accept: Annotated[
        bool | None, typer.Option("--accept/--reject", help="What is decided.", show_default=False)
    ] = None,
    reason: Annotated[str, typer.Option(help="Why; it stays in the log.")] = "",
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Accept or reject edits; accepted ones are carried out by: spikelake edit apply."""
    from catalog.curation.edits.reviewing import plan_review
    from catalog.curation.edits.reviewing import review as decide
    from catalog.folder import open_dataset
    from catalog.repo import author_of

    if accept is None:
        message = "what is decided is not said"
        raise InvalidInput(message, hint="give --accept or --reject")
    dataset, wanted = open_dataset(folder), _numbers(numbers)
    author = author_of(dataset.root)
    if dry_run:
        edits = plan_review(dataset.draft().tree, wanted, accept=accept)
    else:
        edits = decide(dataset, wanted, accept=accept, author=author, reason=reason)
    word = "accepted" if accept else "rejected"
    record = {
        "status": "ok" if edits else "notneeded",
        "dry_run": dry_run,
        "decision": word,
        "edits": [edit.number for edit in edits],
    }
    lines = [said(dry_run, word, named(edit)) for edit in edits[:SHOWN]]
    lines += [f"and {len(edits) - SHOWN:,} more"] if len(edits) > SHOWN else []
    print_record(record, as_json=as_json, said="\n".join(lines) or f"{word} already")


def apply(
    folder: Folder,
    *,
    drop_splits: Annotated[
        bool, typer.Option("--drop-splits", help="Take splits that list what changes out, too.")
    ] = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Carry out all accepted edits at once; save a version afterwards.

    The store is rewritten once. Killed at any moment, the same command comes to the end.
    """
    from catalog.curation.edits.applying import apply_edits
    from catalog.folder import open_dataset
    from catalog.repo import author_of

    dataset = open_dataset(folder)
    author = author_of(dataset.root)
    with progress_bar("apply") as progress:
        report = apply_edits(
            dataset, author=author, drop_splits=drop_splits, dry_run=dry_run, progress=progress
        )
    record = {
        "status": "ok" if report.edits else "notneeded",
        "dry_run": dry_run,
        **report.to_dict(),
    }
    what = [f"{len(report.edits):,} edits: {len(report.changed):,} recordings changed"]
    what += [f"{report.n_gone:,} events left out"] if report.n_gone else []
    what += [f"{len(report.dropped):,} recordings dropped"] if report.dropped else []
    what += [f"{report.n_patches:,} corrections of labels"] if report.n_patches else []
    what += [f"{report.n_boxes:,} boxes gone"] if report.n_boxes else []
    what += [f"splits taken out: {', '.join(report.splits)}"] if report.splits else []
    sentence = said(dry_run, "applied", ", ".join(what))
    nothing = f"no edit of {folder} is accepted and not applied yet"
    print_record(record, as_json=as_json, said=sentence if report.edits else nothing)
    if report.edits and not (dry_run or as_json):
        typer.echo(f"save it: spikelake dataset save {folder} --message …")


def named(edit: "Edit") -> str:
    """Return an edit for people, in a line."""
    return f"edit {edit.number}: {edit.kind} {edit.recording_id}: {edit.said}"


def _status(log: "EditLog", edit: "Edit") -> str:
    """Return how far an edit got, for people: a note goes nowhere."""
    return "–" if edit.kind == "note" else str(log.status(edit.number))


def said_of(edit: "Edit") -> dict[str, object]:
    """Return an edit for JSON."""
    return {
        "edit": edit.number,
        "kind": str(edit.kind),
        "recording_id": edit.recording_id,
        "parameters": dict(edit.parameters),
        "reason": edit.reason,
        "digest": edit.digest,
    }


def _facts(log: "EditLog", edit: "Edit") -> dict[str, object]:
    last = log.last[edit.number]
    return {
        **said_of(edit),
        "status": str(log.status(edit.number)),
        "author": edit.author,
        "date": edit.date,
        "last": {"by": last.author, "date": last.date, "reason": last.reason},
    }


def _numbers(texts: Sequence[str]) -> list[int]:
    """Return numbers of edits, from single ones and ranges.

    Examples:
        >>> _numbers(["3", "5-7"])
        [3, 5, 6, 7]
    """
    found: list[int] = []
    for text in texts:
        first, dash, last = text.partition("-")
        if not (first.isdecimal() and (last.isdecimal() or not dash)):
            message = f"{text!r} is no number of an edit"
            raise InvalidInput(message, hint="give numbers and ranges, as 3 5-7")
        found += range(int(first), int(last or first) + 1)
    return found
