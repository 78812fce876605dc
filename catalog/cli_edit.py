"""The verbs ``spikelake edit trim | mask | relabel | drop | note``."""

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from catalog.cli_edit_review import SHOWN, Folder, named, register, said_of
from eventstore.errors import InvalidInput
from eventstore.output import AsJson, DryRun, said
from eventstore.progress import progress_bar

if TYPE_CHECKING:
    from catalog.curation.edits.edit import Edit
    from catalog.dataset import Dataset

app = typer.Typer(
    name="edit", help="Reviewed edits: propose, decide, apply all at once.", no_args_is_help=True
)

Recording = Annotated[
    str, typer.Argument(metavar="RECORDING", help="Id of the recording.", show_default=False)
]

Reason = Annotated[str, typer.Option(help="Why; it stays in the log.", show_default=False)]


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


register(app)  # after the verbs that come before


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
            record = {"status": "ok", "dry_run": dry_run, **said_of(edit)}
            typer.echo(json.dumps(record, ensure_ascii=False))
        return
    for edit in new[:SHOWN]:
        typer.echo(said(dry_run, "noted" if edit.kind is Kind.NOTE else "proposed", named(edit)))
    if len(new) > SHOWN:
        typer.echo(f"and {len(new) - SHOWN:,} more")
    asked = [edit for edit in new if edit.kind is not Kind.NOTE]
    if asked and not dry_run:
        last = f"-{asked[-1].number}" if len(asked) > 1 else ""
        numbers = f"{asked[0].number}{last}"
        typer.echo(f"decide: spikelake edit review {dataset.root} {numbers} --accept")


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
