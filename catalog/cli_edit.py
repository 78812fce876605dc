"""The verbs ``spikelake edit trim | mask | relabel | drop | note | list | review | apply``."""

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
    from catalog.dataset import Dataset

app = typer.Typer(
    name="edit", help="Reviewed edits: propose, decide, apply all at once.", no_args_is_help=True
)

Folder = Annotated[
    Path, typer.Argument(metavar="DATASET", help="Folder of the dataset.", show_default=False)
]

Recording = Annotated[
    str, typer.Argument(metavar="RECORDING", help="Id of the recording.", show_default=False)
]

Reason = Annotated[str, typer.Option(help="Why; it stays in the log.", show_default=False)]

SHOWN = 40
"""Edits that a table lists unless all are asked for."""


@app.command("trim")
def trim(
    folder: Folder,
    recording: Recording,
    *,
    from_us: Annotated[
        int | None, typer.Option("--from", metavar="µs", help="First µs kept; the start if absent.")
    ] = None,
    to_us: Annotated[
        int | None,
        typer.Option("--to", metavar="µs", help="First µs not kept; the end if absent."),
    ] = None,
    reason: Reason,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Propose to keep a part of a recording.

    Its clock stays: what is left keeps its times, and so do its labels and citations.
    """
    from catalog.curation.edits.proposing import plan_trim
    from catalog.folder import open_dataset

    dataset = open_dataset(folder)
    edit = plan_trim(dataset.draft(), recording, from_us=from_us, to_us=to_us, reason=reason)
    _propose(dataset, [edit], dry_run=dry_run, as_json=as_json)


@app.command("mask")
def mask(
    folder: Folder,
    recording: Annotated[
        str, typer.Argument(metavar="[RECORDING]", help="Id of the recording, or --all.")
    ] = "",
    *,
    every: Annotated[
        bool, typer.Option("--all", help="All recordings that have events there.")
    ] = False,
    pixels: Annotated[
        list[str] | None,
        typer.Option(metavar="'X,Y …'", help="Column,row of each; repeat for more."),
    ] = None,
    hot: Annotated[
        bool, typer.Option("--hot", help="The pixels of a recording that fire too often.")
    ] = False,
    reason: Reason,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Propose to leave out the events of some pixels, such as those that are stuck.

    Hot pixels are found now and stand in the log, one edit for each recording.
    """
    from catalog.curation.edits.proposing import plan_masks
    from catalog.folder import open_dataset

    if bool(recording) == every:
        message = "which recording is not said, or said twice"
        raise InvalidInput(message, hint="give the id of one, or --all")
    if bool(pixels) == hot:
        message = "which pixels is not said, or said twice"
        raise InvalidInput(message, hint="give --pixels 'X,Y …', or --hot")
    dataset = open_dataset(folder)
    with progress_bar("look") as progress:
        edits = plan_masks(
            dataset.draft(),
            None if every else [recording],
            None if hot else _pixels(pixels or []),
            reason=reason,
            progress=progress,
        )
    _propose(dataset, edits, dry_run=dry_run, as_json=as_json)


@app.command("relabel")
def relabel(
    folder: Folder,
    sample: Annotated[
        str, typer.Argument(metavar="RECORDING#START-STOP", help="The interval, in µs.")
    ],
    *,
    to: Annotated[str, typer.Option("--to", metavar="LABEL", help="Its new label.")],
    label_set: Annotated[str, typer.Option("--set", help="Label set.", metavar="NAME")] = "class",
    reason: Reason,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Propose another label for an interval; applied, it is an erratum with this reason.

    What needs no second look is corrected at once by: spikelake label edit.
    """
    from catalog.curation.edits.proposing import plan_relabel
    from catalog.folder import open_dataset

    dataset = open_dataset(folder)
    edit = plan_relabel(dataset.draft(), sample, to, reason=reason, label_set=label_set)
    _propose(dataset, [edit], dry_run=dry_run, as_json=as_json)


@app.command("drop")
def drop(
    folder: Folder,
    recording: Recording,
    *,
    reason: Reason,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Propose to leave a recording out of the next version; saved ones keep it."""
    from catalog.curation.edits.proposing import plan_drop
    from catalog.folder import open_dataset

    dataset = open_dataset(folder)
    edit = plan_drop(dataset.draft(), recording, reason=reason)
    _propose(dataset, [edit], dry_run=dry_run, as_json=as_json)


@app.command("note")
def note(
    folder: Folder,
    place: Annotated[
        str,
        typer.Argument(
            metavar="RECORDING[#START-STOP]", help="What it is about.", show_default=False
        ),
    ],
    text: Annotated[str, typer.Argument(help="The remark.", show_default=False)],
    *,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Write a remark into the log; it changes nothing and is never reviewed."""
    from catalog.curation.edits.proposing import plan_note
    from catalog.folder import open_dataset

    dataset = open_dataset(folder)
    edit = plan_note(dataset.draft(), place, text)
    _propose(dataset, [edit], dry_run=dry_run, as_json=as_json)


@app.command("list")
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


@app.command("review")
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
    lines = [said(dry_run, word, _named(edit)) for edit in edits[:SHOWN]]
    lines += [f"and {len(edits) - SHOWN:,} more"] if len(edits) > SHOWN else []
    print_record(record, as_json=as_json, said="\n".join(lines) or f"{word} already")


@app.command("apply")
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


def _propose(dataset: "Dataset", edits: "Sequence[Edit]", *, dry_run: bool, as_json: bool) -> None:
    """Write proposals into the log, or say what would be written."""
    from dataclasses import replace

    from catalog.curation.edits.edit import Kind
    from catalog.curation.edits.log import read_log
    from catalog.curation.edits.proposing import new_among, propose
    from catalog.repo import author_of
    from catalog.tree import WorkTree

    author = author_of(dataset.root)
    tree = WorkTree(dataset.root)
    if dry_run:
        first = len(read_log(tree).edits) + 1
        new = [replace(e, number=n) for n, e in enumerate(new_among(tree, edits), start=first)]
    else:
        new = propose(dataset, edits, author=author)
    if as_json:
        for edit in new:
            record = {"status": "ok", "dry_run": dry_run, **_what(edit)}
            typer.echo(json.dumps(record, ensure_ascii=False))
        return
    for edit in new[:SHOWN]:
        typer.echo(said(dry_run, "noted" if edit.kind is Kind.NOTE else "proposed", _named(edit)))
    if len(new) > SHOWN:
        typer.echo(f"and {len(new) - SHOWN:,} more")
    asked = [edit for edit in new if edit.kind is not Kind.NOTE]
    if asked and not dry_run:
        last = f"-{asked[-1].number}" if len(asked) > 1 else ""
        numbers = f"{asked[0].number}{last}"
        typer.echo(f"decide: spikelake edit review {dataset.root} {numbers} --accept")


def _named(edit: "Edit") -> str:
    return f"edit {edit.number}: {edit.kind} {edit.recording_id}: {edit.said}"


def _status(log: "EditLog", edit: "Edit") -> str:
    """Return how far an edit got, for people: a note goes nowhere."""
    return "–" if edit.kind == "note" else str(log.status(edit.number))


def _what(edit: "Edit") -> dict[str, object]:
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
        **_what(edit),
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


def _pixels(texts: Sequence[str]) -> tuple[tuple[int, int], ...]:
    found = []
    for text in " ".join(texts).split():
        x, comma, y = text.partition(",")
        if not (comma and x.isdecimal() and y.isdecimal()):
            message = f"{text!r} is no pixel"
            raise InvalidInput(message, hint="give column,row, as --pixels '3,1 4,2'")
        found.append((int(x), int(y)))
    if not found:
        message = "no pixel is named"
        raise InvalidInput(message, hint="give column,row, as --pixels '3,1 4,2'")
    return tuple(found)
